import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { AwsKind } from './planned';

/** Props of `SnapshotBucket`. */
export interface SnapshotBucketProps {
  /** Service whose caches are seeded from it, or export to it. */
  readonly kind: AwsKind;

  /**
   * Last word on the bucket, for a setting this construct does not name. Keys of KMS, other than those of S3 itself,
   * keep the service out.
   *
   * @default - the props drawn here are used as they are
   */
  readonly adjustBucket?: (drawn: s3.BucketProps) => s3.BucketProps;
}

/**
 * A bucket for snapshots: an RDB in it seeds a new cache (`restoreFrom.rdb`), and the service exports its own to it.
 *
 * It must be in the Region and account of the cache, and hold the RDB before the cache is made: give it a stack of its
 * own. What is in it outlives the stack.
 *
 * Sources: docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html and backups-seeding-redis.html,
 * docs.aws.amazon.com/memorydb/latest/devguide/snapshots-exporting.html and snapshots-seeding-redis.html
 */
export class SnapshotBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: SnapshotBucketProps) {
    super(scope, id);
    const drawn: s3.BucketProps = {
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.bucket = new s3.Bucket(this, 'Resource', props.adjustBucket ? props.adjustBucket(drawn) : drawn);
    this.admit(props.kind);
    acknowledge(this.bucket, 'S1', 'snapshots are read by the service a few times a year, which CloudTrail records');
  }

  /** The service in this Region alone; the principal without a Region is another, which is let into nothing. */
  private admit(kind: AwsKind): void {
    const service = kind === 'memorydb' ? 'memorydb-snapshot' : 'elasticache-snapshot';
    const principal = new iam.ServicePrincipal(Fn.join('.', [Aws.REGION, service, 'amazonaws.com']));
    const statement = (actions: readonly string[], resource: string): iam.PolicyStatement =>
      new iam.PolicyStatement({ principals: [principal], actions: [...actions], resources: [resource] });
    this.bucket.addToResourcePolicy(
      statement(['s3:ListBucket', 's3:GetBucketAcl', 's3:ListBucketMultipartUploads'], this.bucket.bucketArn),
    );
    this.bucket.addToResourcePolicy(
      statement(['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts'], this.bucket.arnForObjects('*')),
    );
  }
}
