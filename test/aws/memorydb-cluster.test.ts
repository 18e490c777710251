import { Stack } from 'aws-cdk-lib/core';
import { MemoryDbCluster } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier/config';
import { all, dataType, type Drawn, only, orders, templateOf } from './support';

const type = dataType.memorydb;
const applied = 'Custom::CachetierMemoryDbParameters';
const config: CacheTierConfig = { ...orders, target: { kind: 'memorydb' } };
const draw = (extra: Partial<CacheTierConfig> = {}) =>
  templateOf((stack) => new MemoryDbCluster(stack, 'Cache', { config: { ...config, ...extra } }));

describe('MemoryDbCluster', () => {
  test('draws the shards and replicas of the plan on its node type', () => {
    const { Properties } = only(draw({ availability: { shards: 2, replicas: 2 } }), type);
    expect(Properties).toMatchObject({ NumShards: 2, NumReplicasPerShard: 2, Port: 6379 });
    expect(Properties['NodeType']).toMatch(/^db\./);
  });

  test('sets the parameters by a call of the service, before the cluster is made', () => {
    const template = draw({ evictionPolicy: 'allkeys-lfu', engine: { settings: { timeout: 300 } } });
    const group = only(template, 'AWS::MemoryDB::ParameterGroup');
    const call = only(template, applied);
    for (const moment of ['Create', 'Update']) {
      const asked = called(call, moment);
      expect(asked).toMatchObject({ service: 'memorydb', action: 'UpdateParameterGroup' });
      expect(asked.parameters).toEqual({
        ParameterGroupName: group.id,
        ParameterNameValues: [
          { ParameterName: 'maxmemory-policy', ParameterValue: 'allkeys-lfu' },
          { ParameterName: 'timeout', ParameterValue: '300' },
        ],
      });
    }
    expect(call.Properties['Delete']).toBeUndefined();
    expect(only(template, type).DependsOn).toContain(call.id);
  });

  test('may change this parameter group and no other', () => {
    const template = draw();
    const group = only(template, 'AWS::MemoryDB::ParameterGroup');
    const statements = all(template, 'AWS::IAM::Policy').flatMap(
      ({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown }[] }).Statement,
    );
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('memorydb'))).toEqual([
      { Effect: 'Allow', Action: 'memorydb:UpdateParameterGroup', Resource: { 'Fn::GetAtt': [group.id, 'ARN'] } },
    ]);
  });

  test('sets more than twenty parameters in several calls, one after the other', () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_value, index) => [`parameter-${index}`, 'yes']));
    const template = templateOf(
      (stack) =>
        new MemoryDbCluster(stack, 'Cache', {
          config,
          adjustParameterGroup: (drawn) => ({ ...drawn, parameters: many }),
        }),
    );
    const calls = all(template, applied);
    const counts = calls.map((call) => called(call, 'Create').parameters.ParameterNameValues.length);
    expect(counts).toEqual([20, 5]);
    expect(calls[1]?.DependsOn).toContain(calls[0]?.id);
  });

  test('has another parameter group for other values, so that a rollback finds the old one', () => {
    const name = (extra: Partial<CacheTierConfig>) =>
      only(draw(extra), 'AWS::MemoryDB::ParameterGroup').Properties['ParameterGroupName'];
    expect(name({ evictionPolicy: 'allkeys-lru' })).not.toBe(name({ evictionPolicy: 'allkeys-lfu' }));
    expect(name({})).toBe(name({ dataset: '9GiB' }));
  });

  test('lets its users in by an ACL of its own', () => {
    const template = draw();
    const user = only(template, 'AWS::MemoryDB::User');
    const acl = only(template, 'AWS::MemoryDB::ACL');
    expect(acl.Properties['UserNames']).toEqual([{ Ref: user.id }]);
    expect(only(template, type).Properties['ACLName']).toEqual({ Ref: acl.id });
  });

  test('is reached by its cluster endpoint, on a port that is known', () => {
    const stack = new Stack();
    const tier = new MemoryDbCluster(stack, 'Cache', { config });
    expect(stack.resolve(tier.endpoint)).toEqual({
      mode: 'cluster',
      tls: { ca: null },
      configuration: {
        host: { 'Fn::GetAtt': [stack.getLogicalId(tier.resource), 'ClusterEndpoint.Address'] },
        port: 6379,
      },
      reader: null,
    });
  });

  test('has metrics with the dimension ClusterName', () => {
    const stack = new Stack();
    const tier = new MemoryDbCluster(stack, 'Cache', { config });
    const metric = tier.metricReplicationLag();
    expect(metric).toMatchObject({ namespace: 'AWS/MemoryDB', metricName: 'ReplicationLag' });
    expect(stack.resolve(metric.dimensions)).toEqual({ ClusterName: { Ref: stack.getLogicalId(tier.resource) } });
  });

  test('keeps its logical ids', () => {
    const ids = all(draw()).map(({ id }) => id);
    expect(ids.filter((id) => /^Cache(?!Vpc|Alarms|Dashboard)/.test(id))).toEqual([
      'CacheSecurityGroup24A10A71',
      'CacheUsersappSecret75FC6279',
      'CacheUsersapp634F698A',
      'CacheAcl53DBCBB6',
      'CacheSubnetGroup355C216D',
      'CacheParameterGroup32BBAE3A',
      'CacheParametersValues11D0AC0FE',
      'CacheParametersValues1CustomResourcePolicy09625F83',
      'Cache18F6EE16',
    ]);
  });
});

/** The call that the function makes, with logical ids in place of references. */
function called(call: Drawn, moment: string): Call {
  const [, parts] = (call.Properties[moment] as { 'Fn::Join': [string, (string | { Ref: string })[]] })['Fn::Join'];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : part.Ref)).join('')) as Call;
}

interface Call {
  readonly parameters: { readonly ParameterNameValues: readonly unknown[] };
}
