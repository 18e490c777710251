import type { TargetPlan } from '../plan';
import type { ResolvedTier } from '../resolved';
import { durabilityGiven } from '../gives';

/** What the target gives, in words. */
export function givesOf(tier: ResolvedTier, target: TargetPlan): readonly string[] {
  return [
    topology(tier, target),
    failover(target),
    `durability ${durabilityGiven(tier)}${durabilityGiven(tier) === tier.durability ? '' : ` (asked: ${tier.durability})`}`,
    'TLS for every connection, and one login per user with the least rights',
    backups(tier, target),
    monitoring(tier, target),
    removal(tier),
  ];
}

function topology(tier: ResolvedTier, target: TargetPlan): string {
  switch (target.kind) {
    case 'elasticache':
    case 'memorydb':
      return (
        `${count(target.shards, 'shard')} with ${count(target.replicasPerShard, 'replica')} each on ${target.nodeType}, ` +
        (tier.zones === 'spread' ? `spread over ${target.zones} zones` : 'in one zone')
      );
    case 'elasticache-serverless':
      return `a cache that grows to ${target.maxDataStorageGiB} GiB by itself, in several zones`;
    case 'hetzner':
      return `${count(target.nodes.length, 'server')} ${target.serverType} in ${target.location}${target.spread ? ', each on another host' : ''}`;
    case 'local':
      return target.sentinel.quorum === 0
        ? 'one Valkey server on loopback'
        : `${count(target.nodes.length, 'Valkey server')} and as many Sentinels on loopback`;
  }
}

function failover(target: TargetPlan): string {
  switch (target.kind) {
    case 'elasticache':
      return target.automaticFailover ? 'failover by the service' : 'no failover: there is no replica';
    case 'elasticache-serverless':
    case 'memorydb':
      return 'failover by the service';
    case 'hetzner':
    case 'local':
      return target.sentinel.quorum === 0
        ? 'no failover: there is one node'
        : `failover by ${target.nodes.length} Sentinels, ${target.sentinel.quorum} of which must agree`;
  }
}

/** Who watches it, and whom that reaches. */
function monitoring({ notifyEmail, prometheusFrom }: ResolvedTier, target: TargetPlan): string {
  switch (target.kind) {
    case 'elasticache':
    case 'elasticache-serverless':
    case 'memorydb':
      return `CloudWatch alarms and a dashboard${notifyEmail === null ? ', which tell nobody yet' : `, told to ${notifyEmail}`}`;
    case 'hetzner':
      if (target.monitoringServer !== null) {
        return `Prometheus and Alertmanager on a ${target.monitoringServer.serverType} of their own`;
      }
      return prometheusFrom.length === 0
        ? 'exporters for Prometheus, which nobody reaches yet'
        : `exporters for Prometheus at ${prometheusFrom.join(', ')}`;
    case 'local':
      return 'signals by `cachetier up --observe`';
  }
}

function backups(tier: ResolvedTier, target: TargetPlan): string {
  const { schedule, keep, window, destinations } = tier.backup;
  if (schedule === 'none') return 'no backups';
  const managed = 'snapshotRetentionDays' in target;
  if (managed) return `daily snapshots at ${window} UTC, kept for ${target.snapshotRetentionDays} days`;
  if (target.kind === 'local') return 'no backups beyond the files on this machine';
  if (destinations.length === 0) return 'no backups: no bucket was given';
  const where = destinations.map((to) => `${to.schedule} to ${to.id}`).join(', ');
  const source = tier.replicas > 0 ? 'a synced replica' : 'the node';
  const { continuous, drill } = tier.backup;
  const first = destinations[0]?.id;
  return [
    `backups from ${source}, checked and encrypted before upload: ${where}; kept: ${keep.daily} daily, ${keep.weekly} weekly`,
    ...(continuous ? [`to any second of the last two days from ${first}, at most 60 s lost`] : []),
    ...(drill === 'none' ? [] : [`the newest is restored ${drill} to prove it`]),
  ].join('; ');
}

function removal(tier: ResolvedTier): string {
  switch (tier.onRemoval) {
    case 'retain':
      return 'on removal the data stays';
    case 'snapshot':
      return 'on removal a final snapshot is kept';
    case 'destroy':
      return 'on removal the data is lost, as the config asks by name';
  }
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
