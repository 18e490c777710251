import type { TargetFields, ResolvedTier } from '../resolved';
import type { ReplicationGroupPlan, ServerlessPlan } from '../plan';
import { bytes } from '../units';
import { serviceParameters } from './parameters';
import { awsPlace, parameterGroupFamily, snapshotRetentionDays, zonesOf } from './aws';

const GIB = 2 ** 30;

/** What `ReplicationGroup` draws. */
export function planReplicationGroup(tier: ResolvedTier, fields: TargetFields['elasticache']): ReplicationGroupPlan {
  const synchronous = tier.durability === 'synchronous';
  // Durability is offered in cluster mode only. Source: AmazonElastiCache/latest/dg/Durability.Limitations
  const clustered = tier.shards > 1 || synchronous;
  return {
    kind: 'elasticache',
    ...awsPlace(fields),
    zones: zonesOf(tier),
    nodeType: tier.size?.type ?? '',
    engineVersion: tier.engineVersion,
    parameterGroupFamily: parameterGroupFamily('elasticache', tier.engineVersion),
    parameters: {
      'maxmemory-policy': tier.evictionPolicy,
      ...(clustered ? { 'cluster-enabled': 'yes' } : {}),
      ...serviceParameters(tier),
    },
    clusterMode: clustered ? 'enabled' : 'disabled',
    shards: tier.shards,
    replicasPerShard: tier.replicas,
    automaticFailover: tier.replicas > 0 || clustered,
    multiAz: tier.replicas > 0 && tier.zones === 'spread',
    durability: synchronous ? 'sync' : 'disabled',
    snapshotWindow: tier.backup.window,
    snapshotRetentionDays: snapshotRetentionDays(tier),
    maintenanceWindow: tier.maintenanceWindow,
  };
}

/** What `ServerlessCache` draws. */
export function planServerless(tier: ResolvedTier, fields: TargetFields['elasticache-serverless']): ServerlessPlan {
  const retention = snapshotRetentionDays(tier);
  return {
    kind: 'elasticache-serverless',
    ...awsPlace(fields),
    zones: zonesOf(tier),
    majorEngineVersion: tier.engineVersion.split('.')[0] ?? '',
    maxDataStorageGiB: maxDataStorageGiB(tier, fields),
    maxEcpuPerSecond: fields.maxEcpuPerSecond ?? null,
    dailySnapshotTime: retention > 0 ? (tier.backup.window.split('-')[0] ?? null) : null,
    snapshotRetentionDays: retention,
  };
}

/** The limit in whole GB, the service's only unit; it never rounds below what was asked. */
export function maxDataStorageGiB(tier: ResolvedTier, fields: TargetFields['elasticache-serverless']): number {
  const asked = fields.maxDataStorage === undefined ? 2 * tier.datasetBytes : bytes(fields.maxDataStorage);
  return Math.max(1, Math.ceil(asked / GIB));
}
