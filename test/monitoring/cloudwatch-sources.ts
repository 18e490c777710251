import type { CloudWatchKind } from '../../constructs/monitoring/cloudwatch';

/** Where a service says that it publishes a metric. */
export interface Published {
  readonly namespace: string;
  readonly metricName: string;
  /** Names of the dimensions, in order. */
  readonly dimensions: readonly string[];
  readonly source: string;
}

const nodes = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html';
const host = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.HostLevel.html';
const scaling = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Scaling-Policies-Target.html';
const durable = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.Monitoring.html';
const serverless = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html';
const memoryDb = 'docs.aws.amazon.com/memorydb/latest/devguide/metrics.memorydb.html';
const memoryDbCanned = 'aws-cdk-lib 2.276.0, aws-memorydb/lib/memorydb-canned-metrics.generated.d.ts';

function rows(
  namespace: string,
  dimensions: readonly string[],
  source: string,
  names: readonly string[],
): readonly Published[] {
  return names.map((metricName) => ({ namespace, metricName, dimensions, source }));
}

/**
 * What each service publishes, read on its own pages in November 2026 and written down by hand: nothing here is made from
 * the code that it is held against. The dimension of Serverless is that of the output of list-metrics in
 * github.com/grafana/grafana-aws-sdk/issues/305.
 */
export const published: Readonly<Record<CloudWatchKind, readonly Published[]>> = {
  elasticache: [
    ...rows('AWS/ElastiCache', ['CacheClusterId'], nodes, [
      'AuthenticationFailures',
      'CacheHitRate',
      'CommandAuthorizationFailures',
      'CurrConnections',
      'DatabaseMemoryUsagePercentage',
      'EngineCPUUtilization',
      'Evictions',
      'GetTypeCmds',
      'IsMaster',
      'KeyAuthorizationFailures',
      'MasterLinkHealthStatus',
      'NewConnections',
      'ReplicationLag',
      'SetTypeCmds',
      'SuccessfulReadRequestLatency',
      'SuccessfulWriteRequestLatency',
      'TrafficManagementActive',
    ]),
    ...rows('AWS/ElastiCache', ['CacheClusterId'], host, [
      'CPUUtilization',
      'FreeableMemory',
      'NetworkBandwidthInAllowanceExceeded',
      'NetworkBandwidthOutAllowanceExceeded',
      'NetworkConntrackAllowanceExceeded',
      'NetworkPacketsPerSecondAllowanceExceeded',
    ]),
    ...rows('AWS/ElastiCache', ['CacheClusterId'], durable, ['DurabilityBufferExceededErrorCount', 'DurabilityLag']),
    ...rows('AWS/ElastiCache', ['ReplicationGroupId', 'Role'], scaling, ['EngineCPUUtilization']),
    ...rows('AWS/ElastiCache', ['ReplicationGroupId'], scaling, ['DatabaseMemoryUsageCountedForEvictPercentage']),
  ],
  'elasticache-serverless': rows('AWS/ElastiCache', ['clusterId'], serverless, [
    'AuthenticationFailures',
    'BytesUsedForCache',
    'CacheHitRate',
    'CurrConnections',
    'ElastiCacheProcessingUnits',
    'Evictions',
    'NewConnections',
    'SuccessfulReadRequestLatency',
    'SuccessfulWriteRequestLatency',
    'ThrottledCmds',
    'TotalCmdsCount',
  ]),
  memorydb: [
    ...rows('AWS/MemoryDB', ['ClusterName'], memoryDb, ['GetTypeCmds', 'SetTypeCmds', 'SuccessfulWriteRequestLatency']),
    ...rows('AWS/MemoryDB', ['ClusterName'], memoryDbCanned, [
      'AuthenticationFailures',
      'CPUUtilization',
      'CommandAuthorizationFailures',
      'CurrConnections',
      'DatabaseMemoryUsagePercentage',
      'EngineCPUUtilization',
      'Evictions',
      'FreeableMemory',
      'IsPrimary',
      'KeyAuthorizationFailures',
      'NetworkBandwidthInAllowanceExceeded',
      'NetworkBandwidthOutAllowanceExceeded',
      'NetworkConntrackAllowanceExceeded',
      'NetworkPacketsPerSecondAllowanceExceeded',
      'NewConnections',
      'PrimaryLinkHealthStatus',
      'ReplicationDelayedWriteCommands',
      'ReplicationLag',
    ]),
  ],
};
