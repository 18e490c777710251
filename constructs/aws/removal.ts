import { Aws, CfnDeletionPolicy, CfnResource, Fn, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AwsKind, PlanOf } from './planned';

const policies = {
  retain: RemovalPolicy.RETAIN,
  snapshot: RemovalPolicy.SNAPSHOT,
  destroy: RemovalPolicy.DESTROY,
} as const;

/** What happens to a replication group that is removed or replaced: CloudFormation itself takes the final snapshot. */
export function removeByPolicy(scope: Construct, plan: PlanOf<AwsKind>, resource: CfnResource): void {
  resource.applyRemovalPolicy(policies[plan.onRemoval]);
  if (plan.onRemoval === 'retain') retainAll(scope);
}

/**
 * What happens to a Serverless cache or a MemoryDB cluster: the service takes the final snapshot, by the name in its
 * properties, because `DeletionPolicy: Snapshot` is refused there. One that an update replaces stays as it is, with its
 * data: it must be removed by hand, once the new one holds what is needed.
 */
export function removeByFinalSnapshot(scope: Construct, plan: PlanOf<AwsKind>, resource: CfnResource): void {
  if (plan.onRemoval === 'snapshot') {
    resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    return;
  }
  resource.applyRemovalPolicy(policies[plan.onRemoval]);
  if (plan.onRemoval === 'retain') retainAll(scope);
}

/**
 * Name of the final snapshot, or undefined where none is taken.
 *
 * It ends in the first characters of the stack's id, so that a tier that was removed, made again and removed again does
 * not fail on the snapshot of the first time.
 */
export function finalSnapshotName(plan: PlanOf<AwsKind>): string | undefined {
  if (plan.onRemoval !== 'snapshot') return undefined;
  const stackUuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  return Fn.join('-', [plan.names['finalSnapshot'] ?? '', Fn.select(0, Fn.split('-', stackUuid))]);
}

/** A cache that stays needs its subnets, users and groups; deleting them would leave a stack that cannot be deleted. */
function retainAll(scope: Construct): void {
  for (const child of scope.node.findAll()) {
    if (CfnResource.isCfnResource(child) && !child.cfnResourceType.startsWith('Custom::')) {
      child.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
  }
}
