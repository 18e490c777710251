import { Stack } from 'aws-cdk-lib/core';
import { ReplicationGroup } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier/config';
import { all, dataType, resolved, only, orders, templateOf } from './support';

const type = dataType.elasticache;
const draw = (extra: Partial<CacheTierConfig> = {}) =>
  templateOf((stack) => new ReplicationGroup(stack, 'Cache', { config: { ...orders, ...extra } }));

const synchronous: Partial<CacheTierConfig> = {
  durability: 'synchronous',
  engine: { version: '9.0' },
  availability: { shards: 2, replicas: 2 },
};

describe('ReplicationGroup', () => {
  test('draws one shard by the number of its nodes, which changes in place', () => {
    const { Properties, UpdatePolicy } = only(draw({ availability: { replicas: 2 } }), type);
    expect(Properties).toMatchObject({
      ClusterMode: 'disabled',
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
    });
    expect(Properties).not.toHaveProperty('NumNodeGroups');
    expect(UpdatePolicy).toBeUndefined();
  });

  test('draws several shards in cluster mode, which are resharded and not replaced', () => {
    const template = draw({ availability: { shards: 3, replicas: 1 } });
    const { Properties, UpdatePolicy } = only(template, type);
    expect(Properties).toMatchObject({ ClusterMode: 'enabled', NumNodeGroups: 3, ReplicasPerNodeGroup: 1 });
    expect(Properties).not.toHaveProperty('NumCacheClusters');
    expect(UpdatePolicy).toEqual({ UseOnlineResharding: true });
    expect(only(template, 'AWS::ElastiCache::ParameterGroup').Properties['Properties']).toMatchObject({
      'cluster-enabled': 'yes',
    });
  });

  test('takes synchronous durability where the config asks for it, and names no durability elsewhere', () => {
    expect(only(draw(synchronous), type).Properties).toMatchObject({ Durability: 'sync', ClusterMode: 'enabled' });
    expect(only(draw(), type).Properties).not.toHaveProperty('Durability');
  });

  test('has a parameter group of the family of its version, without a name of its own', () => {
    const { Properties } = only(
      draw({ engine: { version: '8.1' }, evictionPolicy: 'allkeys-lfu' }),
      'AWS::ElastiCache::ParameterGroup',
    );
    expect(Properties).toMatchObject({
      CacheParameterGroupFamily: 'valkey8',
      Properties: { 'maxmemory-policy': 'allkeys-lfu' },
    });
    expect(Object.keys(Properties)).not.toContain('CacheParameterGroupName');
  });

  test('has no physical name, so that CloudFormation can replace it', () => {
    expect(only(draw(), type).Properties).not.toHaveProperty('ReplicationGroupId');
    expect(only(draw(), 'AWS::ElastiCache::SubnetGroup').Properties).not.toHaveProperty('CacheSubnetGroupName');
  });

  test('encrypts, and takes minor versions and maintenance in its window', () => {
    expect(only(draw({ maintenance: { window: 'mon:04:00-mon:05:00' } }), type).Properties).toMatchObject({
      AtRestEncryptionEnabled: true,
      AutoMinorVersionUpgrade: true,
      PreferredMaintenanceWindow: 'mon:04:00-mon:05:00',
      Port: 6379,
    });
  });

  test('keeps no snapshots where no backup is asked for', () => {
    const { Properties } = only(draw({ backup: { schedule: 'none' } }), type);
    expect(Properties['SnapshotRetentionLimit']).toBe(0);
    expect(Properties).not.toHaveProperty('SnapshotWindow');
  });

  test('puts every user of the config into one group of the engine valkey', () => {
    const template = draw({ access: { users: [{ name: 'app' }, { name: 'watch', can: 'read-only' }] } });
    const users = all(template, 'AWS::ElastiCache::User');
    expect(only(template, 'AWS::ElastiCache::UserGroup').Properties).toMatchObject({
      Engine: 'valkey',
      UserIds: users.map(({ id }) => ({ Ref: id })),
    });
    expect(users.map(({ Properties }) => Properties['Engine'])).toEqual(['valkey', 'valkey']);
  });

  test('is reached by its primary and reader, and by its configuration endpoint in cluster mode', () => {
    const stack = new Stack();
    const one = new ReplicationGroup(stack, 'One', { config: orders });
    const many = new ReplicationGroup(stack, 'Many', { config: { ...orders, availability: { shards: 2 } } });
    expect(stack.resolve(one.endpoint)).toEqual({
      mode: 'standalone',
      tls: { ca: null },
      primary: attribute(stack, one, 'PrimaryEndPoint'),
      reader: attribute(stack, one, 'ReaderEndPoint'),
    });
    expect(stack.resolve(many.endpoint)).toEqual({
      mode: 'cluster',
      tls: { ca: null },
      configuration: attribute(stack, many, 'ConfigurationEndPoint'),
      reader: null,
    });
  });

  test('knows the ids of its nodes, which no attribute lists', () => {
    const stack = new Stack();
    const one = new ReplicationGroup(stack, 'One', { config: { ...orders, availability: { replicas: 1 } } });
    const many = new ReplicationGroup(stack, 'Many', {
      config: { ...orders, availability: { shards: 2, replicas: 1 } },
    });
    const ids = (tier: ReplicationGroup, suffixes: string[]) =>
      suffixes.map((suffix) => ({ 'Fn::Join': ['-', [{ Ref: stack.getLogicalId(tier.resource) }, suffix]] }));
    expect(resolved(stack, one.nodeIds)).toEqual(ids(one, ['001', '002']));
    expect(resolved(stack, many.nodeIds)).toEqual(ids(many, ['0001-001', '0001-002', '0002-001', '0002-002']));
  });

  test('has metrics with the dimension of a node', () => {
    const stack = new Stack();
    const tier = new ReplicationGroup(stack, 'Cache', { config: orders });
    const metric = tier.metricReplicationLag();
    expect(metric).toMatchObject({ namespace: 'AWS/ElastiCache', metricName: 'ReplicationLag', statistic: 'Maximum' });
    expect(stack.resolve(metric.dimensions)).toEqual({ CacheClusterId: stack.resolve(tier.nodeIds[0]) });
    const other = tier.metric('CPUUtilization', { dimensionsMap: { CacheClusterId: tier.nodeIds[1] ?? '' } });
    expect(stack.resolve(other.dimensions)).toEqual({ CacheClusterId: stack.resolve(tier.nodeIds[1]) });
  });

  test('keeps its logical ids', () => {
    const ids = all(draw()).map(({ id }) => id);
    expect(ids.filter((id) => !/^Cache(Vpc|Alarms|Dashboard)/.test(id))).toEqual([
      'CacheSecurityGroup24A10A71',
      'CacheUsersappSecret75FC6279',
      'CacheUsersapp634F698A',
      'CacheUserGroup978A79CF',
      'CacheSubnetGroup355C216D',
      'CacheParameterGroup32BBAE3A',
      'Cache18F6EE16',
    ]);
  });
});

function attribute(stack: Stack, tier: ReplicationGroup, name: string): object {
  const id = stack.getLogicalId(tier.resource);
  return { host: { 'Fn::GetAtt': [id, `${name}.Address`] }, port: { 'Fn::GetAtt': [id, `${name}.Port`] } };
}
