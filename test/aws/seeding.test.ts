import { App, Stack } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CacheTier, SnapshotBucket } from '../../constructs/aws';
import type { CacheTierConfig, TargetKind } from '../../constructs/tier';

/** One RDB in S3 seeds each service; each also begins with a snapshot of its own. */
const config: CacheTierConfig = {
  name: 'orders',
  workload: 'cache',
  dataset: '2GiB',
  target: { kind: 'elasticache' },
  targets: { memorydb: {}, 'elasticache-serverless': {} },
};

function drawn(kind: TargetKind, restoreFrom: CacheTierConfig['restoreFrom']): Template {
  const stack = new Stack(new App(), 'Seeded');
  new CacheTier(stack, 'Tier', { config: { ...config, ...(restoreFrom ? { restoreFrom } : {}) }, kind });
  return Template.fromStack(stack);
}

const partition = { Ref: 'AWS::Partition' };
const object = { 'Fn::Join': ['', ['arn:', partition, ':s3:::my-snapshots/2026/orders.rdb']] };

test.each([
  ['elasticache', 'AWS::ElastiCache::ReplicationGroup', { SnapshotArns: [object] }],
  ['memorydb', 'AWS::MemoryDB::Cluster', { SnapshotArns: [object] }],
  ['elasticache-serverless', 'AWS::ElastiCache::ServerlessCache', { SnapshotArnsToRestore: [object] }],
] as const)('an RDB in S3 seeds %s', (kind, type, properties) => {
  drawn(kind, { rdb: 's3://my-snapshots/2026/orders.rdb' }).hasResourceProperties(type, properties);
});

test.each([
  ['elasticache', 'AWS::ElastiCache::ReplicationGroup', { SnapshotName: 'before-the-move' }],
  ['memorydb', 'AWS::MemoryDB::Cluster', { SnapshotName: 'before-the-move' }],
  [
    'elasticache-serverless',
    'AWS::ElastiCache::ServerlessCache',
    {
      SnapshotArnsToRestore: [
        {
          'Fn::Join': [
            '',
            [
              'arn:',
              partition,
              ':elasticache:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':serverlesssnapshot:before-the-move',
            ],
          ],
        },
      ],
    },
  ],
] as const)('a snapshot of the service seeds %s', (kind, type, properties) => {
  drawn(kind, { snapshot: 'before-the-move' }).hasResourceProperties(type, properties);
});

test.each(['elasticache', 'memorydb', 'elasticache-serverless'] as const)('nothing seeds %s unasked', (kind) => {
  const text = JSON.stringify(drawn(kind, undefined).toJSON());
  expect(text).not.toMatch(/SnapshotArns|"SnapshotName/);
});

test.each([
  ['elasticache', 'elasticache-snapshot'],
  ['elasticache-serverless', 'elasticache-snapshot'],
  ['memorydb', 'memorydb-snapshot'],
] as const)('a snapshot bucket lets in %s of its Region, encrypted and closed to everyone else', (kind, service) => {
  const stack = new Stack(new App(), 'Snapshots');
  new SnapshotBucket(stack, 'Bucket', { kind });
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    },
  });
  const principal = { Service: { 'Fn::Join': ['.', [{ Ref: 'AWS::Region' }, `${service}.amazonaws.com`]] } };
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({
          Effect: 'Allow',
          Principal: principal,
          Action: ['s3:ListBucket', 's3:GetBucketAcl', 's3:ListBucketMultipartUploads'],
        }),
        Match.objectLike({
          Effect: 'Allow',
          Principal: principal,
          Action: ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts'],
        }),
      ]),
    },
  });
});
