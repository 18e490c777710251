import type { MemoryDbPlan } from '../plan';
import type { ResolvedTier, TargetFields } from '../resolved';
import { serviceParameters } from './parameters';
import { awsPlace, parameterGroupFamily, snapshotRetentionDays, zonesOf } from './aws';

/** What `MemoryDbCluster` draws. */
export function planMemoryDb(tier: ResolvedTier, fields: TargetFields['memorydb']): MemoryDbPlan {
  return {
    kind: 'memorydb',
    ...awsPlace(fields),
    zones: zonesOf(tier),
    nodeType: tier.size?.type ?? '',
    engineVersion: tier.engineVersion,
    parameterGroupFamily: parameterGroupFamily('memorydb', tier.engineVersion),
    parameters: { 'maxmemory-policy': tier.evictionPolicy, ...serviceParameters(tier) },
    shards: tier.shards,
    replicasPerShard: tier.replicas,
    snapshotWindow: tier.backup.window,
    snapshotRetentionDays: snapshotRetentionDays(tier),
    maintenanceWindow: tier.maintenanceWindow,
  };
}
