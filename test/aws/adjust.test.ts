import { CacheTier, type CacheTierProps } from '../../constructs/aws';
import { only, orders, templateOf } from './support';

const description = 'the last word';
const tag = <T>(drawn: T): T => ({ ...drawn, tags: [{ key: 'word', value: 'last' }] });
const describe_ = <T>(drawn: T): T => ({ ...drawn, description });

/** Every escape hatch, and the resource that must show it. */
const hatches: [string, Omit<CacheTierProps, 'config'>, string][] = [
  ['adjustVpc', { adjustVpc: tag }, 'AWS::EC2::VPC'],
  [
    'adjustSecurityGroup',
    { adjustSecurityGroup: (drawn) => ({ ...drawn, groupDescription: description }) },
    'AWS::EC2::SecurityGroup',
  ],
  ['adjustSecret', { adjustSecret: describe_ }, 'AWS::SecretsManager::Secret'],
  [
    'elasticache.adjustReplicationGroup',
    { elasticache: { adjustReplicationGroup: tag } },
    'AWS::ElastiCache::ReplicationGroup',
  ],
  [
    'elasticache.adjustParameterGroup',
    { elasticache: { adjustParameterGroup: describe_ } },
    'AWS::ElastiCache::ParameterGroup',
  ],
  ['elasticache.adjustSubnetGroup', { elasticache: { adjustSubnetGroup: describe_ } }, 'AWS::ElastiCache::SubnetGroup'],
  ['elasticache.adjustUserGroup', { elasticache: { adjustUserGroup: tag } }, 'AWS::ElastiCache::UserGroup'],
  ['elasticache.adjustUser', { elasticache: { adjustUser: tag } }, 'AWS::ElastiCache::User'],
  [
    'serverless.adjustServerlessCache',
    { kind: 'elasticache-serverless', serverless: { adjustServerlessCache: describe_ } },
    'AWS::ElastiCache::ServerlessCache',
  ],
  [
    'serverless.adjustUserGroup',
    { kind: 'elasticache-serverless', serverless: { adjustUserGroup: tag } },
    'AWS::ElastiCache::UserGroup',
  ],
  ['memorydb.adjustCluster', { kind: 'memorydb', memorydb: { adjustCluster: describe_ } }, 'AWS::MemoryDB::Cluster'],
  [
    'memorydb.adjustParameterGroup',
    { kind: 'memorydb', memorydb: { adjustParameterGroup: describe_ } },
    'AWS::MemoryDB::ParameterGroup',
  ],
  [
    'memorydb.adjustSubnetGroup',
    { kind: 'memorydb', memorydb: { adjustSubnetGroup: describe_ } },
    'AWS::MemoryDB::SubnetGroup',
  ],
  ['memorydb.adjustAcl', { kind: 'memorydb', memorydb: { adjustAcl: tag } }, 'AWS::MemoryDB::ACL'],
  ['memorydb.adjustUser', { kind: 'memorydb', memorydb: { adjustUser: tag } }, 'AWS::MemoryDB::User'],
];

test.each(hatches)('%s has the last word', (_name, props, type) => {
  const template = templateOf((stack) => new CacheTier(stack, 'Cache', { config: orders, ...props }));
  expect(JSON.stringify(only(template, type).Properties)).toMatch(/the last word|"Key":"word","Value":"last"/);
});
