import { createHash } from 'node:crypto';
import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { BackupDestinationPlan } from '../tier/plan';
import type { BucketKeyArgs } from './secrets';

/** What a bucket takes. */
export interface R2BackupBucketArgs {
  /** The destination in the plan, which asks for it. */
  readonly destination: BackupDestinationPlan;
}

/** Name by which Cloudflare knows the permission; it includes deletion, hence the lock. */
const PERMISSION = 'Workers R2 Storage Bucket Item Write';
const DAY = 86_400;

/**
 * A bucket at Cloudflare R2 with a key that reaches no other, in which no backup is deleted or overwritten before its
 * time, by that key neither. The provider takes its own token from `CLOUDFLARE_API_TOKEN`.
 *
 * Sources: developers.cloudflare.com/r2/api/tokens, developers.cloudflare.com/r2/buckets/bucket-locks
 */
export class R2BackupBucket extends pulumi.ComponentResource {
  readonly bucket: cloudflare.R2Bucket;
  /** The S3 key pair of the bucket; secret. */
  readonly key: pulumi.Output<BucketKeyArgs>;

  constructor(name: string, { destination }: R2BackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:R2BackupBucket', name, {}, opts);
    const { bucket, create, keep, prefix } = destination;
    if (!create) throw new Error(`${destination.id} is not to be made`);
    const place = { accountId: create.accountId, jurisdiction: create.jurisdiction };
    // Backups outlive the stack that made them.
    this.bucket = new cloudflare.R2Bucket(name, { ...place, name: bucket }, { parent: this, retainOnDelete: true });
    new cloudflare.R2BucketLock(
      `${name}-lock`,
      {
        ...place,
        bucketName: this.bucket.name,
        rules: [
          {
            id: 'cachetier-backups',
            enabled: true,
            prefix: prefix === '' ? '' : `${prefix}/`,
            condition: { type: 'Age', maxAgeSeconds: lockSeconds(keep) },
          },
        ],
      },
      { parent: this, retainOnDelete: true },
    );
    this.key = this.defineKey(name, create.accountId, create.jurisdiction);
    this.registerOutputs({ bucket: this.bucket.name });
  }

  /** Cloudflare makes an S3 key pair of each token: its id, and the digest of its value. */
  private defineKey(name: string, accountId: string, jurisdiction: string): pulumi.Output<BucketKeyArgs> {
    const groups = cloudflare.getAccountApiTokenPermissionGroupsListOutput(
      { accountId, name: encodeURIComponent(PERMISSION) },
      { parent: this },
    );
    const token = new cloudflare.AccountToken(
      `${name}-key`,
      {
        accountId,
        name: `cachetier ${name}`,
        policies: [
          {
            effect: 'allow',
            permissionGroups: [{ id: groups.apply(({ results }) => permissionIn(results)) }],
            resources: this.bucket.name.apply((bucket) =>
              JSON.stringify({ [`com.cloudflare.edge.r2.bucket.${accountId}_${jurisdiction}_${bucket}`]: '*' }),
            ),
          },
        ],
      },
      { parent: this, additionalSecretOutputs: ['value'] },
    );
    return pulumi.secret(
      pulumi.all([token.id, token.value]).apply(([accessKeyId, value]) => ({
        accessKeyId,
        secretAccessKey: createHash('sha256').update(value).digest('hex'),
      })),
    );
  }
}

function permissionIn(groups: readonly { readonly id: string; readonly name: string }[]): string {
  const found = groups.find(({ name }) => name === PERMISSION);
  if (!found) throw new Error(`Cloudflare knows of no permission "${PERMISSION}"`);
  return found.id;
}

/** Until a backup may be removed by its retention: a lock that is longer would only make the bucket grow. */
function lockSeconds({ daily, weekly }: BackupDestinationPlan['keep']): number {
  return Math.max(1, daily > 0 ? daily - 1 : weekly * 7 - 1) * DAY;
}
