/**
 * Cache tiers as Pulumi components for Hetzner Cloud.
 *
 * @packageDocumentation
 */
export { CacheTier, type CacheTierArgs } from './cache-tier';
export { MonitoringServer, type MonitoringServerArgs } from './monitoring-server';
export type { NetworkResources } from './network';
export type { HetznerTierPlan } from './plan';
export { Rollout, type RolloutArgs } from './rollout';
export type { BucketKeyArgs, BucketKeysArgs, RotateArgs } from './secrets';
export { type ClusterResources, ValkeyCluster, type ValkeyClusterArgs } from './valkey-cluster';
export { ValkeyNode, type ValkeyNodeArgs } from './valkey-node';
