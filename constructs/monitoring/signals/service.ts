import type { CacheTierPlan } from '../../tier/plan';
import { type CloudWatchSource, page, type Signal, ticket } from '../signal';
import { onService } from './source';

/** What only a service of AWS has: its limits, its log, and nodes that it alone sees. */
export function serviceSignals(plan: CacheTierPlan): readonly Signal[] {
  const common = { prometheus: null, runbook: 'aws.md' };
  const onNodes = (source: Omit<CloudWatchSource, 'scope'>): CloudWatchSource | null =>
    onService(plan, { elasticache: { ...source, scope: 'node' }, memorydb: { ...source, scope: 'cache' } });
  const signals: readonly Signal[] = [
    {
      ...common,
      name: 'service-up',
      title: 'Nodes report',
      meaning: 'Values that each node sends in a minute. A node that sends none is gone, or is being replaced.',
      unit: 'count',
      alert: 'CachetierNodeSilent',
      summary: 'a node of the tier sends no metrics',
      thresholds: [page('below', 1, 180)],
      cloudWatch: onNodes({
        metrics: ['EngineCPUUtilization'],
        statistic: 'SampleCount',
        combine: 'MIN',
        scale: 1,
        missing: 'breaching',
      }),
    },
    {
      ...common,
      name: 'service-primaries',
      title: 'Primary of a shard',
      meaning: 'Nodes of a shard that say they are its primary. None takes writes where it is 0.',
      unit: 'count',
      alert: 'CachetierNoPrimary',
      summary: 'a shard of the tier has no primary',
      thresholds: [page('below', 1, 180)],
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['IsMaster'], statistic: 'Maximum', scope: 'node', combine: 'SUM', scale: 1 },
        memorydb: { metrics: ['IsPrimary'], statistic: 'Maximum', scope: 'cache', scale: 1 },
      }),
    },
    {
      ...common,
      name: 'service-lag',
      title: 'Replication lag',
      meaning: 'Seconds that a replica is behind its primary; what it does not have would be lost with it.',
      unit: 'seconds',
      alert: 'CachetierServiceLag',
      summary: 'a replica of the tier is behind',
      thresholds: [ticket('above', 1, 300), page('above', 30, 300)],
      cloudWatch: hasReplicas(plan)
        ? onNodes({ metrics: ['ReplicationLag'], statistic: 'Maximum', scale: 1, datapoints: { bad: 3, of: 5 } })
        : null,
    },
    {
      ...common,
      name: 'service-link',
      title: 'Replica follows',
      meaning: 'Whether replicas are linked to their primary.',
      unit: 'yes-or-no',
      alert: 'CachetierServiceLinkDown',
      summary: 'a replica of the tier does not follow its primary',
      thresholds: [ticket('below', 1, 300)],
      cloudWatch: hasReplicas(plan)
        ? onService(plan, {
            elasticache: {
              metrics: ['MasterLinkHealthStatus'],
              statistic: 'Minimum',
              scope: 'node',
              combine: 'MIN',
              scale: 1,
            },
            memorydb: { metrics: ['PrimaryLinkHealthStatus'], statistic: 'Minimum', scope: 'cache', scale: 1 },
          })
        : null,
    },
    {
      ...common,
      name: 'service-engine-cpu',
      title: 'Main thread, of one core',
      meaning: 'Time that the thread which runs all commands is busy, on the busiest node.',
      unit: 'ratio',
      alert: 'CachetierServiceEngineBusy',
      summary: 'the engine of a node is busy',
      thresholds: [ticket('above', 0.8, 300), page('above', 0.95, 300)],
      cloudWatch: onNodes({
        metrics: ['EngineCPUUtilization'],
        statistic: 'Maximum',
        scale: 100,
        datapoints: { bad: 3, of: 5 },
      }),
    },
    {
      ...common,
      name: 'service-primaries-cpu',
      title: 'Main thread of the primaries together',
      meaning:
        'The mean over the primaries of all shards: whether more shards would help, where one busy node would not tell.',
      unit: 'ratio',
      alert: 'CachetierPrimariesBusy',
      summary: 'the primaries of the tier are busy',
      thresholds: [ticket('above', 0.7, 900)],
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['EngineCPUUtilization'], statistic: 'Average', scope: 'primaries', scale: 100 },
      }),
    },
    {
      ...common,
      name: 'service-group-memory',
      title: 'Memory that evictions count, of the whole group',
      meaning: 'Memory of the group as its scaling counts it.',
      unit: 'ratio',
      alert: 'CachetierGroupMemoryFull',
      summary: 'the memory of the group is nearly full',
      thresholds: plan.evictionPolicy.startsWith('allkeys-') ? [] : [ticket('above', 0.8, 300)],
      cloudWatch: onService(plan, {
        elasticache: {
          metrics: ['DatabaseMemoryUsageCountedForEvictPercentage'],
          statistic: 'Maximum',
          scope: 'group',
          scale: 100,
        },
      }),
    },
    {
      ...common,
      name: 'service-cpu',
      title: 'Processors busy',
      meaning: 'All processors of the node. With two of them a save or TLS may fill the other.',
      unit: 'ratio',
      alert: 'CachetierServiceCpuBusy',
      summary: 'the processors of a node are busy',
      thresholds: [ticket('above', 0.9, 600)],
      cloudWatch: onNodes({ metrics: ['CPUUtilization'], statistic: 'Maximum', scale: 100 }),
    },
    {
      ...common,
      name: 'service-free-memory',
      title: 'Memory of the node that is free',
      meaning: 'What a save or a copy to a replica may still take. Below it the node swaps.',
      unit: 'bytes',
      alert: 'CachetierFreeMemoryLow',
      summary: 'a node has nearly no free memory',
      thresholds: [ticket('below', 100 * 2 ** 20, 300)],
      cloudWatch: onNodes({ metrics: ['FreeableMemory'], statistic: 'Minimum', combine: 'MIN', scale: 1 }),
    },
    {
      ...common,
      name: 'service-network-limits',
      title: 'Packets held back at a limit of the node',
      meaning:
        'Packets that were delayed or dropped because the node type allows no more bandwidth, packets or connections.',
      unit: 'count',
      alert: 'CachetierNetworkLimit',
      summary: 'a node is at a limit of its network',
      thresholds: [ticket('above', 0, 300)],
      cloudWatch: onNodes({
        metrics: [
          'NetworkBandwidthInAllowanceExceeded',
          'NetworkBandwidthOutAllowanceExceeded',
          'NetworkPacketsPerSecondAllowanceExceeded',
          'NetworkConntrackAllowanceExceeded',
        ],
        statistic: 'Maximum',
        scale: 1,
        datapoints: { bad: 3, of: 5 },
      }),
    },
    {
      ...common,
      name: 'service-throttled',
      title: 'Throttling',
      meaning:
        'Whether the service holds requests back: on Serverless those beyond the limit or a fast growth, on nodes its own guard.',
      unit: 'count',
      alert: 'CachetierThrottled',
      summary: 'requests of the tier are held back',
      thresholds: [page('above', 0, 180)],
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['TrafficManagementActive'], statistic: 'Maximum', scope: 'node', scale: 1 },
        'elasticache-serverless': {
          metrics: ['ThrottledCmds'],
          statistic: 'Sum',
          scope: 'cache',
          scale: 1,
          datapoints: { bad: 2, of: 3 },
        },
        memorydb: { metrics: ['ReplicationDelayedWriteCommands'], statistic: 'Sum', scope: 'cache', scale: 1 },
      }),
    },
    ...ecpu(plan),
    ...durability(plan),
  ];
  return signals.filter(({ cloudWatch }) => cloudWatch !== null);
}

function hasReplicas({ topology }: CacheTierPlan): boolean {
  return (topology.replicasPerShard ?? 0) > 0;
}

function ecpu({ target }: CacheTierPlan): readonly Signal[] {
  if (target.kind !== 'elasticache-serverless') return [];
  const limit = target.maxEcpuPerSecond;
  return [
    {
      prometheus: null,
      runbook: 'aws.md',
      name: 'service-ecpu',
      title: 'Processing units',
      meaning:
        limit === null
          ? 'ElastiCache Processing Units, which are what is paid for.'
          : `Processing units; beyond ${limit} a second requests are throttled.`,
      unit: 'per-second',
      alert: 'CachetierEcpuLimit',
      summary: 'the cache nears its limit of processing units',
      thresholds: limit === null ? [] : [ticket('above', limit * 0.8, 300)],
      cloudWatch: { metrics: ['ElastiCacheProcessingUnits'], statistic: 'Sum', scope: 'cache', scale: 60 },
    },
  ];
}

/** A synchronous write is in the log before it is acknowledged: any lag means that the promise is not kept. */
function durability({ target }: CacheTierPlan): readonly Signal[] {
  if (target.kind !== 'elasticache' || target.durability !== 'sync') return [];
  return [
    {
      prometheus: null,
      runbook: 'aws.md',
      name: 'service-durability-lag',
      title: 'Age of the oldest write that is not durable',
      meaning:
        'Acknowledged writes that are not in the log of several zones yet. At ten seconds the primary refuses writes.',
      unit: 'seconds',
      alert: 'CachetierDurabilityLag',
      summary: 'acknowledged writes of the tier are not durable',
      thresholds: [page('above', 5, 180)],
      cloudWatch: { metrics: ['DurabilityLag'], statistic: 'Maximum', scope: 'node', scale: 1000 },
    },
    {
      prometheus: null,
      runbook: 'aws.md',
      name: 'service-durability-refusals',
      title: 'Writes refused for want of durability',
      meaning: 'Writes that a node refused because its log is too far behind.',
      unit: 'count',
      alert: 'CachetierDurabilityRefusals',
      summary: 'writes are refused: the log of the tier is behind',
      thresholds: [page('above', 0, 120)],
      cloudWatch: { metrics: ['DurabilityBufferExceededErrorCount'], statistic: 'Sum', scope: 'node', scale: 1 },
    },
  ];
}
