/**
 * Cache tiers as CDK constructs: `CacheTier`, which picks the service by its config, and each service alone.
 *
 * @packageDocumentation
 */
export { CacheTier, type CacheTierProps } from './cache-tier';
export type { AdjustElastiCacheUsers } from './elasticache-users';
export type { CacheTierAttributes } from './imported-tier';
export { type AdjustMemoryDbCluster, MemoryDbCluster, type MemoryDbClusterProps } from './memorydb-cluster';
export type { AdjustMemoryDbParameters } from './memorydb-parameters';
export type { AdjustMemoryDbUsers } from './memorydb-users';
export type { AwsKind, PlanOf } from './planned';
export type { TierProps } from './props';
export { type AdjustReplicationGroup, ReplicationGroup, type ReplicationGroupProps } from './replication-group';
export { type AdjustServerlessCache, ServerlessCache, type ServerlessCacheProps } from './serverless-cache';
export { SnapshotBucket, type SnapshotBucketProps } from './snapshot-bucket';
export { DrawnTier, type ICacheTier, TierBase } from './tier-base';
export type { TierUser } from './users';
