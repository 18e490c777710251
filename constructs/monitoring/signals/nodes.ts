import { jobsOf, page, type Signal, ticket } from '../signal';
import type { ScrapedPlan } from '../scrape';

/** Whether the nodes are there, who leads, and whether the others follow. */
export function nodeSignals(plan: ScrapedPlan): readonly Signal[] {
  const { valkey } = jobsOf(plan);
  const replicas = plan.topology.replicasPerShard ?? 0;
  const { minReplicasToWrite } = plan.target;
  const common = { cloudWatch: null, runbook: 'nodes.md' };
  const up: Signal = {
    ...common,
    name: 'node-up',
    title: 'Node answers',
    meaning: 'Whether Valkey on the node answers its exporter. Without it the tier has one failure less to spare.',
    unit: 'yes-or-no',
    alert: 'CachetierNodeDown',
    summary: 'Valkey on node {{ $labels.node }} of {{ $labels.tier }} does not answer',
    thresholds: [page('below', 1, 60)],
    prometheus: {
      by: ['tier', 'node'],
      expr: `min by (tier, node) (redis_up{${valkey}} or up{${valkey}} * 0)`,
    },
  };
  const primaries: Signal = {
    ...common,
    name: 'primaries',
    title: 'Primaries',
    meaning: 'Nodes that say they are the primary. None takes writes where it is 0; where it is 2, a part is cut off.',
    unit: 'count',
    alert: 'CachetierNotOnePrimary',
    summary: '{{ $labels.tier }} has {{ $value }} primaries, and needs exactly one',
    thresholds: [page('below', 1, 30), page('above', 1, 30)],
    prometheus: {
      by: ['tier'],
      expr: `count by (tier) (redis_instance_info{${valkey},role="master"}) or count by (tier) (up{${valkey}}) * 0`,
    },
  };
  if (replicas === 0) return [up, primaries];
  return [up, primaries, ...replicaSignals(plan, replicas, minReplicasToWrite)];
}

function replicaSignals(plan: ScrapedPlan, replicas: number, minReplicas: number): readonly Signal[] {
  const { valkey, node } = jobsOf(plan);
  const common = { cloudWatch: null, runbook: 'replication.md' };
  const noOnePrimary = [{ alert: 'CachetierNotOnePrimary', on: ['tier'] }];
  const connected = `max by (tier) (redis_connected_slaves{${valkey}} and on (instance) redis_instance_info{${valkey},role="master"})`;
  return [
    ...(minReplicas === 0
      ? []
      : [
          {
            ...common,
            name: 'replicas-for-writes',
            title: 'Replicas in sync with the primary, as writes need them',
            meaning: `Replicas that the primary has. Below ${minReplicas} it refuses every write, lest they be lost.`,
            unit: 'count',
            alert: 'CachetierWritesWait',
            summary: '{{ $labels.tier }} takes no write: its primary has {{ $value }} replicas',
            thresholds: [page('below', minReplicas, 60)],
            prometheus: { by: ['tier'], expr: connected, explainedBy: noOnePrimary },
          } as const,
        ]),
    {
      ...common,
      name: 'replicas',
      title: 'Replicas of the primary',
      meaning: 'Replicas that the primary has. One too few is one failure less to spare.',
      unit: 'count',
      alert: 'CachetierReplicasMissing',
      summary: `the primary of {{ $labels.tier }} has {{ $value }} of ${replicas} replicas`,
      thresholds: [ticket('below', replicas, 300)],
      prometheus: { by: ['tier'], expr: connected, explainedBy: noOnePrimary },
    },
    {
      ...common,
      name: 'replication-lag',
      title: 'Replication lag',
      meaning:
        'Seconds since the primary heard of a replica how far it is. What it does not have would be lost with the primary.',
      unit: 'seconds',
      alert: 'CachetierReplicationLag',
      summary: 'a replica of {{ $labels.tier }} is {{ $value }} s behind',
      thresholds: [ticket('above', 5, 60), page('above', 30, 60)],
      prometheus: {
        by: ['tier', 'slave_ip', 'slave_port'],
        expr: `max by (tier, slave_ip, slave_port) (redis_connected_slave_lag_seconds{${valkey}})`,
        explainedBy: [...noOnePrimary, { alert: 'CachetierNodeDown', on: ['tier'] }],
      },
    },
    {
      ...common,
      name: 'replication-behind',
      title: 'Bytes that a replica does not have yet',
      meaning:
        'The primary’s stream less what a replica has acknowledged, both as the primary sees them at one moment.',
      unit: 'bytes',
      alert: 'CachetierReplicationBehind',
      summary: 'a replica of {{ $labels.tier }} is {{ $value | humanize1024 }}B behind',
      thresholds: [ticket('above', plan.target.replBacklogBytes / 2, 60)],
      prometheus: {
        by: ['tier', 'slave_ip', 'slave_port'],
        expr:
          `max by (tier, slave_ip, slave_port) (clamp_min(redis_master_repl_offset{${valkey}} - ` +
          `on (instance) group_right () redis_connected_slave_offset_bytes{${valkey}}, 0))`,
        explainedBy: noOnePrimary,
      },
    },
    {
      ...common,
      name: 'replication-link',
      title: 'Replica follows',
      meaning: 'Whether a replica is linked to its primary, or copies it right now.',
      unit: 'yes-or-no',
      alert: 'CachetierReplicationLinkDown',
      summary: 'node {{ $labels.node }} of {{ $labels.tier }} does not follow its primary',
      thresholds: [page('below', 1, 60)],
      prometheus: {
        by: ['tier', 'node'],
        expr: `min by (tier, node) (clamp_max(redis_master_link_up{${valkey}} + redis_master_sync_in_progress{${valkey}}, 1))`,
        explainedBy: noOnePrimary,
      },
    },
    {
      ...common,
      name: 'full-resyncs',
      title: 'Full copies in a quarter of an hour',
      meaning:
        'Replicas that had to copy everything. Again and again, it is a loop: a buffer or the backlog is too small.',
      unit: 'count',
      alert: 'CachetierFullResyncs',
      summary: 'replicas of {{ $labels.tier }} copied everything {{ $value | humanize }} times in a quarter of an hour',
      thresholds: [ticket('above', 2 * replicas, 60)],
      prometheus: {
        by: ['tier'],
        expr: `sum by (tier) (increase(redis_replica_resyncs_full{${valkey}}[15m]))`,
      },
    },
    ...(plan.kind === 'local' ? [] : [failovers(node)]),
  ];
}

/** The term of the data rises with each new primary, be it elected or handed over to. */
function failovers(node: string): Signal {
  return {
    cloudWatch: null,
    runbook: 'replication.md',
    name: 'failovers',
    title: 'Changes of the primary in a quarter of an hour',
    meaning: 'How often the role moved, planned or not. More than a rollout makes of them is flapping.',
    unit: 'count',
    alert: 'CachetierFailover',
    summary: 'the primary of {{ $labels.tier }} changed {{ $value }} times in a quarter of an hour',
    thresholds: [ticket('above', 0, 0), page('above', 4, 0)],
    prometheus: {
      by: ['tier'],
      expr: `changes(max by (tier) (cachetier_node_pulse_term{${node}} > 0)[15m:15s])`,
    },
  };
}
