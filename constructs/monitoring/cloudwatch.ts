import type { TargetKind } from '../tier/config';

/** A target whose metrics are in CloudWatch. */
export type CloudWatchKind = Extract<TargetKind, `elasticache${string}` | 'memorydb'>;

/** One metric as a service publishes it. */
export interface CloudWatchMetric {
  readonly metricName: string;
  /** Statistic that means something for it. */
  readonly statistic: 'Average' | 'Maximum' | 'Sum';
  /** Unit of the value, in words. */
  readonly unit: string;
}

/** What a tier is watched by; null where a service does not publish it. */
export interface CloudWatchMetrics {
  readonly cpu: CloudWatchMetric;
  readonly memory: CloudWatchMetric;
  readonly evictions: CloudWatchMetric;
  readonly connections: CloudWatchMetric;
  readonly replicationLag: CloudWatchMetric | null;
  readonly throttled: CloudWatchMetric | null;
}

/** Where a service publishes its metrics, and under which names. */
export interface CloudWatchBackend {
  readonly namespace: string;
  /** Dimension that names the cache; the wrong one gives an alarm that never has data. */
  readonly dimension: string;
  readonly metrics: CloudWatchMetrics;
}

const evictions: CloudWatchMetric = {
  metricName: 'Evictions',
  statistic: 'Sum',
  unit: 'keys',
};
const connections: CloudWatchMetric = {
  metricName: 'CurrConnections',
  statistic: 'Maximum',
  unit: 'connections',
};
const lag: CloudWatchMetric = {
  metricName: 'ReplicationLag',
  statistic: 'Maximum',
  unit: 'seconds',
};
const engineCpu: CloudWatchMetric = {
  metricName: 'EngineCPUUtilization',
  statistic: 'Maximum',
  unit: 'percent',
};
const memoryShare: CloudWatchMetric = {
  metricName: 'DatabaseMemoryUsagePercentage',
  statistic: 'Maximum',
  unit: 'percent of maxmemory',
};

/**
 * Namespace, dimension and metric names of each service.
 *
 * Sources: docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html and serverless-metrics-events-redis.html,
 * docs.aws.amazon.com/memorydb/latest/devguide/metrics.memorydb.html, November 2026.
 */
export const cloudWatch = {
  elasticache: {
    namespace: 'AWS/ElastiCache',
    dimension: 'CacheClusterId',
    metrics: {
      cpu: engineCpu,
      memory: memoryShare,
      evictions,
      connections,
      replicationLag: lag,
      throttled: null,
    },
  },
  'elasticache-serverless': {
    namespace: 'AWS/ElastiCache',
    // Lower camel case, and its value is the name of the cache: `ServerlessCacheName` has no data.
    dimension: 'clusterId',
    metrics: {
      cpu: {
        metricName: 'ElastiCacheProcessingUnits',
        statistic: 'Sum',
        unit: 'processing units',
      },
      memory: {
        metricName: 'BytesUsedForCache',
        statistic: 'Maximum',
        unit: 'bytes',
      },
      evictions,
      connections,
      replicationLag: null,
      throttled: {
        metricName: 'ThrottledCmds',
        statistic: 'Sum',
        unit: 'commands',
      },
    },
  },
  memorydb: {
    namespace: 'AWS/MemoryDB',
    dimension: 'ClusterName',
    metrics: {
      cpu: engineCpu,
      memory: memoryShare,
      evictions,
      connections,
      replicationLag: lag,
      throttled: null,
    },
  },
} as const satisfies Record<CloudWatchKind, CloudWatchBackend>;
