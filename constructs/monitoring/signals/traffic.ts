import type { CacheTierPlan } from '../../tier/plan';
import { page, type Signal, ticket } from '../signal';
import { metricsOf, onService } from './source';

/** ElastiCache and MemoryDB take 65,000 connections a node. */
const MOST_CONNECTIONS = 65_000;

/** Commands that nodes, Sentinels and exporters send among themselves: their times say nothing of what clients wait. */
const ownCommands =
  'info|config.*|latency.*|slowlog.*|client.*|psync|sync|replconf|role|ping|acl.*|memory.*|exec|publish|subscribe|auth|hello';

/** What clients do, and what they get. */
export function trafficSignals(plan: CacheTierPlan): readonly Signal[] {
  const { peakOpsPerSecond } = plan.traffic;
  const perNode = ['tier', 'node'];
  return [
    {
      name: 'connections',
      title: 'Connections, of those allowed',
      meaning: 'Clients that are connected, as a share of the limit. Beyond it new ones are refused.',
      unit: 'ratio',
      alert: 'CachetierConnectionsFull',
      summary:
        '{{ $labels.tier }}, node {{ $labels.node }}, has {{ $value | humanizePercentage }} of the connections it may have',
      runbook: 'traffic.md',
      thresholds: [ticket('above', 0.8, 300), page('above', 0.95, 60)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (redis_connected_clients{${valkey}} / redis_config_maxclients{${valkey}})`,
      ),
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['CurrConnections'], statistic: 'Maximum', scope: 'node', scale: MOST_CONNECTIONS },
        'elasticache-serverless': {
          metrics: ['CurrConnections'],
          statistic: 'Maximum',
          scope: 'cache',
          scale: MOST_CONNECTIONS,
        },
        memorydb: { metrics: ['CurrConnections'], statistic: 'Maximum', scope: 'cache', scale: MOST_CONNECTIONS },
      }),
    },
    {
      name: 'new-connections',
      title: 'New connections',
      meaning:
        'Connections that clients open. Many are a pool that is not used, or clients that are thrown out again and again.',
      unit: 'per-second',
      alert: 'CachetierManyNewConnections',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, gets {{ $value | humanize }} new connections a second',
      runbook: 'traffic.md',
      thresholds: [ticket('above', Math.max(20, plan.traffic.connections / 50), 300)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (rate(redis_connections_received_total{${valkey}}[5m]))`,
      ),
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['NewConnections'], statistic: 'Sum', scope: 'node', scale: 60 },
        'elasticache-serverless': { metrics: ['NewConnections'], statistic: 'Sum', scope: 'cache', scale: 60 },
        memorydb: { metrics: ['NewConnections'], statistic: 'Sum', scope: 'cache', scale: 60 },
      }),
    },
    {
      name: 'rejected-connections',
      title: 'Rejected connections in five minutes',
      meaning: 'Clients that were turned away because there were too many.',
      unit: 'count',
      alert: 'CachetierConnectionsRejected',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, turned {{ $value | humanize }} clients away',
      runbook: 'traffic.md',
      thresholds: [ticket('above', 0, 0)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (increase(redis_rejected_connections_total{${valkey}}[5m]))`,
      ),
      cloudWatch: null,
    },
    {
      name: 'hit-rate',
      title: 'Hit rate',
      meaning:
        'Reads that found their key. What is good differs by application, so none alerts; a fall after a release tells.',
      unit: 'ratio',
      alert: 'CachetierHitRateLow',
      summary: 'reads of {{ $labels.tier }} find {{ $value | humanizePercentage }} of their keys',
      runbook: 'traffic.md',
      thresholds: [],
      prometheus: metricsOf(
        plan,
        ['tier'],
        ({ valkey }) =>
          `sum by (tier) (rate(redis_keyspace_hits_total{${valkey}}[5m])) / (sum by (tier) ` +
          `(rate(redis_keyspace_hits_total{${valkey}}[5m]) + rate(redis_keyspace_misses_total{${valkey}}[5m])) > 0)`,
      ),
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['CacheHitRate'], statistic: 'Average', scope: 'node', scale: 100 },
        'elasticache-serverless': { metrics: ['CacheHitRate'], statistic: 'Average', scope: 'cache', scale: 100 },
      }),
    },
    {
      name: 'commands',
      title: 'Commands',
      meaning:
        peakOpsPerSecond === null
          ? 'Commands of clients, nodes and exporters.'
          : `Commands of clients, nodes and exporters; the config plans for ${peakOpsPerSecond} at the peak.`,
      unit: 'per-second',
      alert: 'CachetierTrafficAbovePlan',
      summary:
        '{{ $labels.tier }}, node {{ $labels.node }}, runs {{ $value | humanize }} commands a second, more than planned',
      runbook: 'traffic.md',
      thresholds: peakOpsPerSecond === null ? [] : [ticket('above', peakOpsPerSecond, 600)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (rate(redis_commands_processed_total{${valkey}}[1m]))`,
      ),
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['GetTypeCmds', 'SetTypeCmds'], statistic: 'Sum', scope: 'node', scale: 60 },
        'elasticache-serverless': { metrics: ['TotalCmdsCount'], statistic: 'Sum', scope: 'cache', scale: 60 },
        memorydb: { metrics: ['GetTypeCmds', 'SetTypeCmds'], statistic: 'Sum', scope: 'cache', scale: 60 },
      }),
    },
    ...latencySignals(plan),
    {
      name: 'slow-commands',
      title: 'Slow commands in five minutes',
      meaning: 'Commands that took longer than slowlog-log-slower-than. While one runs, all others wait.',
      unit: 'count',
      alert: 'CachetierSlowCommands',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, ran {{ $value | humanize }} slow commands in five minutes',
      runbook: 'latency.md',
      thresholds: [ticket('above', 60, 300)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (increase(redis_slowlog_last_id{${valkey}}[5m]))`,
      ),
      cloudWatch: null,
    },
    {
      name: 'refused-logins',
      title: 'Refused logins',
      meaning: 'Logins with a wrong name or password: an application with an old secret, or somebody who guesses.',
      unit: 'per-second',
      alert: 'CachetierLoginsRefused',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, refuses {{ $value | humanize }} logins a second',
      runbook: 'traffic.md',
      thresholds: [ticket('above', 0.1, 60)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) => `max by (tier, node) (rate(redis_acl_access_denied_auth_total{${valkey}}[2m]))`,
      ),
      cloudWatch: onService(plan, {
        elasticache: { metrics: ['AuthenticationFailures'], statistic: 'Sum', scope: 'node', scale: 60 },
        'elasticache-serverless': { metrics: ['AuthenticationFailures'], statistic: 'Sum', scope: 'cache', scale: 60 },
        memorydb: { metrics: ['AuthenticationFailures'], statistic: 'Sum', scope: 'cache', scale: 60 },
      }),
    },
    {
      name: 'refused-commands',
      title: 'Refused commands, keys and channels',
      meaning: 'What a user asked and may not do: a release that needs more rights, or a client that tries doors.',
      unit: 'per-second',
      alert: 'CachetierCommandsRefused',
      summary: '{{ $labels.tier }}, node {{ $labels.node }}, refuses {{ $value | humanize }} requests a second',
      runbook: 'traffic.md',
      thresholds: [ticket('above', 0.1, 60)],
      prometheus: metricsOf(
        plan,
        perNode,
        ({ valkey }) =>
          `max by (tier, node) (rate(redis_acl_access_denied_cmd_total{${valkey}}[2m]) + ` +
          `rate(redis_acl_access_denied_key_total{${valkey}}[2m]) + rate(redis_acl_access_denied_channel_total{${valkey}}[2m]))`,
      ),
      cloudWatch: onService(plan, {
        elasticache: {
          metrics: ['CommandAuthorizationFailures', 'KeyAuthorizationFailures'],
          statistic: 'Sum',
          scope: 'node',
          scale: 60,
        },
        memorydb: {
          metrics: ['CommandAuthorizationFailures', 'KeyAuthorizationFailures'],
          statistic: 'Sum',
          scope: 'cache',
          scale: 60,
        },
      }),
    },
  ];
}

/** CloudWatch has microseconds. MemoryDB's writes wait for a log in several zones, where spikes of seconds are usual. */
function latencySignals(plan: CacheTierPlan): readonly Signal[] {
  const quantile = (share: number): Signal['prometheus'] =>
    metricsOf(
      plan,
      ['tier', 'node'],
      ({ valkey }) =>
        `histogram_quantile(${share}, sum by (tier, node, le) ` +
        `(rate(redis_commands_latencies_usec_bucket{${valkey},cmd!~"${ownCommands}"}[5m]))) / 1e6`,
    );
  const onNodes = (metrics: readonly string[], statistic: string): Signal['cloudWatch'] =>
    onService(plan, {
      elasticache: { metrics, statistic, together: 'MAX', scope: 'node', scale: 1e6, datapoints: { bad: 3, of: 5 } },
      'elasticache-serverless': {
        metrics,
        statistic,
        together: 'MAX',
        scope: 'cache',
        scale: 1e6,
        datapoints: { bad: 3, of: 5 },
      },
    });
  const both = ['SuccessfulReadRequestLatency', 'SuccessfulWriteRequestLatency'];
  const rolling = {
    metrics: ['SuccessfulWriteRequestLatency'],
    scope: 'cache',
    scale: 1e6,
    periodSeconds: 300,
  } as const;
  return [
    {
      name: 'latency-p50',
      title: 'Time of a command, median',
      meaning: 'Time that the server itself takes for half of the commands at most. The network comes on top.',
      unit: 'seconds',
      alert: 'CachetierLatencyP50',
      summary:
        'half of the commands of {{ $labels.tier }}, node {{ $labels.node }}, take more than {{ $value | humanizeDuration }}',
      runbook: 'latency.md',
      thresholds: [ticket('above', 0.005, 300)],
      prometheus: quantile(0.5),
      cloudWatch:
        onNodes(both, 'p50') ??
        onService(plan, { memorydb: { ...rolling, statistic: 'p50', datapoints: { bad: 2, of: 3 } } }),
    },
    {
      name: 'latency-p99',
      title: 'Time of a command, 99th percentile',
      meaning: 'Time that the server itself takes for the slowest hundredth of the commands.',
      unit: 'seconds',
      alert: 'CachetierLatencyP99',
      summary:
        'one in a hundred commands of {{ $labels.tier }}, node {{ $labels.node }}, takes more than {{ $value | humanizeDuration }}',
      runbook: 'latency.md',
      thresholds: [ticket('above', 0.02, 300), page('above', 0.25, 300)],
      prometheus: quantile(0.99),
      cloudWatch:
        onNodes(both, 'p99') ??
        onService(plan, { memorydb: { ...rolling, statistic: 'p99', datapoints: { bad: 2, of: 3 } } }),
    },
  ];
}
