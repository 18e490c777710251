import type { CacheTierPlan } from '../../tier/plan';
import { type CloudWatchSource, page, type PrometheusSource, type Signal, type Threshold, ticket } from '../signal';
import { metricsOf, onService } from './source';

/** Memory, and what is thrown away for want of it. */
export function memorySignals(plan: CacheTierPlan): readonly Signal[] {
  const prometheus = (expr: (job: string) => string): PrometheusSource | null =>
    metricsOf(plan, ['tier', 'node'], ({ valkey }) => `max by (tier, node) (${expr(valkey)})`);
  return [
    {
      name: 'memory',
      title: 'Memory used, of maxmemory',
      meaning:
        'Data and overhead, as the limit counts them. At the limit keys are evicted, or writes fail where none may be.',
      unit: 'ratio',
      alert: 'CachetierMemoryFull',
      summary:
        'memory of {{ $labels.tier }}, node {{ $labels.node }}, is {{ $value | humanizePercentage }} of maxmemory',
      runbook: 'memory.md',
      thresholds: memoryThresholds(plan),
      prometheus: prometheus(
        (job) =>
          `(redis_memory_used_bytes{${job}} - redis_mem_not_counted_for_eviction_bytes{${job}}) / (redis_memory_max_bytes{${job}} > 0)`,
      ),
      cloudWatch: memoryOnService(plan),
    },
    {
      name: 'evictions',
      title: 'Evicted keys',
      meaning: evictionMeaning(plan),
      unit: 'per-second',
      alert: 'CachetierEvictions',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, evicts {{ $value | humanize }} keys a second',
      runbook: 'memory.md',
      thresholds: evictionThresholds(plan),
      prometheus: prometheus((job) => `rate(redis_evicted_keys_total{${job}}[5m])`),
      cloudWatch: onService(plan, {
        elasticache: {
          metrics: ['Evictions'],
          statistic: 'Sum',
          scope: 'node',
          scale: 60,
          datapoints: { bad: 5, of: 5 },
        },
        'elasticache-serverless': {
          metrics: ['Evictions'],
          statistic: 'Sum',
          scope: 'cache',
          scale: 60,
          datapoints: { bad: 5, of: 5 },
        },
        memorydb: {
          metrics: ['Evictions'],
          statistic: 'Sum',
          scope: 'cache',
          scale: 60,
          datapoints: { bad: 5, of: 5 },
        },
      }),
    },
  ];
}

/** A cache lives at its limit: there, a full memory is no news. Elsewhere the next write may fail. */
function memoryThresholds(plan: CacheTierPlan): readonly Threshold[] {
  if (plan.kind === 'elasticache-serverless') return [ticket('above', 0.8, 300), page('above', 0.95, 300)];
  if (plan.evictionPolicy.startsWith('allkeys-')) return [];
  return [ticket('above', 0.8, 300), page('above', 0.9, 60)];
}

function memoryOnService(plan: CacheTierPlan): CloudWatchSource | null {
  const share = { metrics: ['DatabaseMemoryUsagePercentage'], statistic: 'Maximum', scale: 100 } as const;
  return onService(plan, {
    elasticache: { ...share, scope: 'node' },
    memorydb: { ...share, scope: 'cache' },
    'elasticache-serverless': {
      metrics: ['BytesUsedForCache'],
      statistic: 'Maximum',
      scope: 'cache',
      scale: plan.target.kind === 'elasticache-serverless' ? plan.target.maxDataStorageGiB * 2 ** 30 : 1,
    },
  });
}

function evictionMeaning({ evictionPolicy }: CacheTierPlan): string {
  if (evictionPolicy.startsWith('allkeys-'))
    return 'Keys thrown away for want of memory: what a cache does. Many, with a low hit rate, and it is too small.';
  if (evictionPolicy === 'noeviction') return 'None may ever be: the policy is noeviction.';
  return 'Keys thrown away before their time to live was over, for want of memory: sessions that end early.';
}

function evictionThresholds({ evictionPolicy }: CacheTierPlan): readonly Threshold[] {
  if (evictionPolicy.startsWith('allkeys-')) return [];
  return [ticket('above', 0, 60)];
}
