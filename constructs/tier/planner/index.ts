import { planUser } from '../access';
import { capabilitiesOf } from '../capabilities';
import type { Cidr, RestoreFrom } from '../config';
import { durabilityGiven, evictionGiven } from '../gives';
import type { Issue } from '../issue';
import type { BackupPlan, CacheTierPlan, Gap, TargetPlan, TopologyPlan } from '../plan';
import type { ResolvedTier } from '../resolved';
import { planReplicationGroup, planServerless } from './elasticache';
import { givesOf } from './gives';
import { planHetzner } from './hetzner';
import { limitsOf } from './limits';
import { planLocal } from './local';
import { planMemoryDb } from './memorydb';
import { planNames } from './names';
import { serviceParameters } from './parameters';
import { planPrice } from './price';

/** Where Sentinel listens on a machine; nothing does where there is one node. */
const SENTINEL_PORT = 26379;

/** The plan of a tier that no rule refuses. */
export function planTier(tier: ResolvedTier, gaps: readonly Gap[], warnings: readonly Issue[]): CacheTierPlan {
  const can = capabilitiesOf(tier.chosen.kind);
  const target = planTarget(tier);
  const topology = planTopology(tier, target);
  const users = tier.users.map((user) => planUser(user, tier));
  return {
    format: 'cachetier.plan/1',
    name: tier.name,
    stage: tier.stage,
    identity: tier.identity,
    kind: tier.chosen.kind,
    workloads: tier.workloads,
    engine: { name: 'valkey', version: tier.engineVersion, settings: settingsGiven(tier, target) },
    evictionPolicy: evictionGiven(tier),
    durability: { asked: tier.durability, given: durabilityGiven(tier) },
    topology,
    sizing: {
      datasetBytes: tier.datasetBytes,
      nodeMemoryBytes: tier.size?.memoryBytes ?? null,
      maxmemoryBytes: tier.size?.maxmemoryBytes ?? null,
      utilisation: tier.size ? round(tier.datasetBytes / tier.shards / tier.size.maxmemoryBytes) : null,
    },
    traffic: tier.traffic,
    backup: {
      schedule: tier.backup.schedule,
      window: tier.backup.window,
      keep: tier.backup.keep,
      retentionDays: 'snapshotRetentionDays' in target ? target.snapshotRetentionDays : 0,
      ...bucketsOf(tier, target),
    },
    maintenanceWindow: 'maintenanceWindow' in target ? target.maintenanceWindow : null,
    access: { clients: tier.clients, admin: tier.admin, users },
    monitoring: { prometheusFrom: prometheusOf(tier, target), notifyEmail: tier.notifyEmail },
    transitEncryption: 'required',
    atRestEncryption: can.atRestEncryption,
    onRemoval: tier.onRemoval,
    names: planNames(tier, users, target),
    tags: { ...tier.tags, 'cachetier:tier': tier.name, ...(tier.stage ? { 'cachetier:stage': tier.stage } : {}) },
    endpointMode: endpointMode(topology),
    ports: topology.sentinelQuorum > 0 ? can.ports : can.ports.filter((port) => port !== SENTINEL_PORT),
    defaults: tier.defaults,
    gives: givesOf(tier, target),
    gaps,
    limits: limitsOf(tier),
    warnings,
    price: planPrice(tier, target),
    target,
  };
}

/** Who scrapes the nodes: the servers of the config, and the tier's own. */
function prometheusOf(tier: ResolvedTier, target: TargetPlan): readonly Cidr[] {
  if (target.kind !== 'hetzner') return [];
  const own = target.monitoringServer;
  return own === null ? tier.prometheusFrom : [...tier.prometheusFrom, `${own.address}/32`];
}

function planTarget(tier: ResolvedTier): TargetPlan {
  const { chosen } = tier;
  switch (chosen.kind) {
    case 'elasticache':
      return planReplicationGroup(tier, chosen.fields);
    case 'elasticache-serverless':
      return planServerless(tier, chosen.fields);
    case 'memorydb':
      return planMemoryDb(tier, chosen.fields);
    case 'hetzner':
      return planHetzner(tier, chosen.fields);
    case 'local':
      return planLocal(tier, chosen.fields);
  }
}

function planTopology(tier: ResolvedTier, target: TargetPlan): TopologyPlan {
  switch (target.kind) {
    case 'elasticache':
    case 'memorydb':
      return {
        shards: target.shards,
        replicasPerShard: target.replicasPerShard,
        nodes: target.shards * (target.replicasPerShard + 1),
        clusterMode: target.kind === 'memorydb' || target.clusterMode === 'enabled',
        zones: tier.zones === 'spread' ? target.zones : 1,
        sentinelQuorum: 0,
      };
    case 'elasticache-serverless':
      return {
        shards: null,
        replicasPerShard: null,
        nodes: null,
        clusterMode: true,
        zones: target.zones,
        sentinelQuorum: 0,
      };
    case 'hetzner':
    case 'local':
      return {
        shards: 1,
        replicasPerShard: target.nodes.length - 1,
        nodes: target.nodes.length,
        clusterMode: false,
        zones: target.kind === 'hetzner' && target.spread ? target.nodes.length : 1,
        sentinelQuorum: target.sentinel.quorum,
      };
  }
}

/** What only servers of ours do. */
function bucketsOf(
  tier: ResolvedTier,
  target: TargetPlan,
): Pick<BackupPlan, 'destinations' | 'continuous' | 'drill' | 'recipients' | 'restoreFrom' | 'seed'> {
  if (target.kind !== 'hetzner')
    return {
      destinations: [],
      continuous: false,
      drill: 'none',
      recipients: [],
      restoreFrom: null,
      seed: target.kind === 'local' ? null : seedOf(tier.config.restoreFrom),
    };
  const { destinations, continuous, drill, recipients } = tier.backup;
  const asked = tier.config.restoreFrom;
  const restoreFrom = asked && {
    bucket: asked.bucket ?? destinations[0]?.id ?? '',
    tier: asked.tier ?? target.primaryName,
    backup: asked.backup ?? null,
    at: asked.at ?? null,
  };
  return { destinations, continuous, drill, recipients, restoreFrom: restoreFrom ?? null, seed: null };
}

function seedOf(asked: RestoreFrom | undefined): BackupPlan['seed'] {
  if (!asked) return null;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(asked.rdb ?? '') ?? [];
  return { rdb: bucket && key ? { bucket, key } : null, snapshot: asked.snapshot ?? null };
}

/** Settings that take effect: on a service those that are its parameters, on our own nodes all of them. */
function settingsGiven(tier: ResolvedTier, target: TargetPlan): Readonly<Record<string, string>> {
  return target.kind === 'hetzner' || target.kind === 'local' ? tier.settings : serviceParameters(tier);
}

function endpointMode(topology: TopologyPlan): CacheTierPlan['endpointMode'] {
  if (topology.sentinelQuorum > 0) return 'sentinel';
  return topology.clusterMode ? 'cluster' : 'standalone';
}

/** Shares are for people; more digits would only differ between machines. */
function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}
