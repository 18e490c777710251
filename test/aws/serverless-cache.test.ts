import { Stack } from 'aws-cdk-lib/core';
import { ServerlessCache } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier/config';
import { all, dataType, only, orders, templateOf } from './support';

const type = dataType['elasticache-serverless'];
const config: CacheTierConfig = { ...orders, target: { kind: 'elasticache-serverless' } };
const draw = (extra: Partial<CacheTierConfig> = {}) =>
  templateOf((stack) => new ServerlessCache(stack, 'Cache', { config: { ...config, ...extra } }));

describe('ServerlessCache', () => {
  test('limits storage in whole GB, and processing only where the config does', () => {
    expect(only(draw(), type).Properties['CacheUsageLimits']).toEqual({ DataStorage: { Maximum: 16, Unit: 'GB' } });
    const limited = draw({
      target: { kind: 'elasticache-serverless', maxDataStorage: '10GiB', maxEcpuPerSecond: 5000 },
    });
    expect(only(limited, type).Properties['CacheUsageLimits']).toEqual({
      DataStorage: { Maximum: 10, Unit: 'GB' },
      ECPUPerSecond: { Maximum: 5000 },
    });
  });

  test('has no parameter group and no subnet group, which the service does not take', () => {
    const template = draw();
    template.resourceCountIs('AWS::ElastiCache::ParameterGroup', 0);
    template.resourceCountIs('AWS::ElastiCache::SubnetGroup', 0);
    expect(only(template, type).Properties['SubnetIds']).toHaveLength(3);
  });

  test('stays in the VPC', () => {
    expect(only(draw(), type).Properties).not.toHaveProperty('ConnectionType');
  });

  test('keeps no snapshots where no backup is asked for', () => {
    const { Properties } = only(draw({ backup: { schedule: 'none' } }), type);
    expect(Properties).not.toHaveProperty('DailySnapshotTime');
    expect(Properties).not.toHaveProperty('SnapshotRetentionLimit');
  });

  test('is reached by one host, and reads by the port next to it', () => {
    const stack = new Stack();
    const tier = new ServerlessCache(stack, 'Cache', { config });
    const id = stack.getLogicalId(tier.resource);
    const at = (name: string) => ({
      host: { 'Fn::GetAtt': [id, `${name}.Address`] },
      port: { 'Fn::GetAtt': [id, `${name}.Port`] },
    });
    expect(stack.resolve(tier.endpoint)).toEqual({
      mode: 'cluster',
      tls: { ca: null },
      configuration: at('Endpoint'),
      reader: at('ReaderEndpoint'),
    });
  });

  test('has metrics with the dimension clusterId, which is the name of the cache', () => {
    const stack = new Stack();
    const tier = new ServerlessCache(stack, 'Cache', { config });
    const metric = tier.metricThrottled();
    expect(metric).toMatchObject({ namespace: 'AWS/ElastiCache', metricName: 'ThrottledCmds', statistic: 'Sum' });
    expect(stack.resolve(metric.dimensions)).toEqual({ clusterId: { Ref: stack.getLogicalId(tier.resource) } });
    expect(tier.metricMemory().metricName).toBe('BytesUsedForCache');
    expect(tier.metricCpu().metricName).toBe('ElastiCacheProcessingUnits');
  });

  test('keeps its logical ids', () => {
    const ids = all(draw()).map(({ id }) => id);
    expect(ids.filter((id) => !/^Cache(Vpc|Alarms|Dashboard)/.test(id))).toEqual([
      'CacheSecurityGroup24A10A71',
      'CacheUsersappSecret75FC6279',
      'CacheUsersapp634F698A',
      'CacheUserGroup978A79CF',
      'Cache18F6EE16',
    ]);
  });
});
