import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AwsKind, PlanOf } from './planned';

/** What nodes begin with: the same two fields at ElastiCache and MemoryDB. */
export function seedNodes(
  scope: Construct,
  { backup: { seed } }: PlanOf<AwsKind>,
): { readonly snapshotArns?: string[]; readonly snapshotName?: string } {
  if (!seed) return {};
  return seed.rdb ? { snapshotArns: [objectArn(scope, seed.rdb)] } : { snapshotName: seed.snapshot ?? '' };
}

/** A Serverless cache takes both as ARNs. */
export function seedServerless(
  scope: Construct,
  { backup: { seed } }: PlanOf<AwsKind>,
): { readonly snapshotArnsToRestore?: string[] } {
  if (!seed) return {};
  const arn = seed.rdb
    ? objectArn(scope, seed.rdb)
    : Stack.of(scope).formatArn({
        service: 'elasticache',
        resource: 'serverlesssnapshot',
        resourceName: seed.snapshot ?? '',
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
  return { snapshotArnsToRestore: [arn] };
}

function objectArn(scope: Construct, { bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return Stack.of(scope).formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: bucket,
    resourceName: key,
  });
}
