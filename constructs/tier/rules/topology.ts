import { capabilitiesOf } from '../capabilities';
import type { GapRule, Rule } from '../resolved';
import { MOST_ON_ONE_SHARD } from '../sizing';
import { formatBytes } from '../units';
import { error, warning } from './issues';

/** Multi-AZ promotes a replica; with none there is nothing to promote. */
export const multiAzNeedsReplica: Rule = ({ chosen, replicas, zones, config }) => {
  const managed = chosen.kind === 'elasticache' || chosen.kind === 'memorydb';
  if (!managed || replicas >= 1 || zones !== 'spread') return [];
  if (config.availability?.zones === undefined && config.availability?.replicas === undefined) return [];
  return error(
    'MultiAzNeedsReplica',
    'availability.replicas',
    `spreading over zones needs at least 1 replica per shard, got ${replicas}; ` +
      'raise it, or set availability.zones to "single" for a tier that may be down',
  );
};

/** Two Sentinels cannot outvote each other, and an even number votes no better than one fewer; one node has none. */
export const sentinelsNeedMajority: Rule = ({ chosen, replicas }) => {
  const can = capabilitiesOf(chosen.kind);
  if (!can.sentinel) return [];
  const voters = replicas + 1;
  if (voters === 1) return [];
  if (voters >= 3 && voters % 2 === 1 && replicas <= can.replicas.max) return [];
  return error(
    'SentinelsNeedMajority',
    'availability.replicas',
    `a Sentinel runs on each node, and 3 or 5 of them can outvote a lost one; got ${replicas} replicas, which makes ${voters}; ` +
      'set 2 or 4, or 0 for one node without failover',
  );
};

/** One node has no other to take over, and a tier is promised to fail over by itself. */
export const failoverGap: GapRule = ({ chosen, replicas }) => {
  if (!capabilitiesOf(chosen.kind).sentinel || replicas > 0) return [];
  return [
    {
      gap: 'failover',
      path: 'availability.replicas',
      asked: 'one node',
      given: 'no failover',
      reason:
        'nothing takes over when the node is lost: reads and writes wait until it is back, and with its disk goes what no backup holds; ' +
        'set 2 replicas to have it',
    },
  ];
};

/** One shard is all there is without the cluster protocol. */
export const shardsNeedCluster: Rule = ({ chosen, config }) => {
  const asked = config.availability?.shards;
  if (asked === undefined || asked === 1) return [];
  const can = capabilitiesOf(chosen.kind).shards.value;
  if (can === 'many') return [];
  return error(
    'ShardsNeedCluster',
    'availability.shards',
    can === 'managed'
      ? `${chosen.kind} manages its shards by itself, got ${asked}; remove the line`
      : `${chosen.kind} has one shard, for Valkey Cluster has no Sentinel and is not built here, got ${asked}; ` +
          'use 1, split the data over several tiers, or target elasticache or memorydb, which have cluster mode',
  );
};

/** A shard above this takes too long to copy, to save and to fail over. */
export const datasetFitsShards: Rule = ({ chosen, datasetBytes, shards }) => {
  if (capabilitiesOf(chosen.kind).shards.value === 'managed') return [];
  if (datasetBytes / shards <= MOST_ON_ONE_SHARD) return [];
  const needed = Math.ceil(datasetBytes / MOST_ON_ONE_SHARD);
  const many = capabilitiesOf(chosen.kind).shards.value === 'many';
  return error(
    'DatasetFitsShards',
    many ? 'availability.shards' : 'dataset',
    `one shard holds at most ${formatBytes(MOST_ON_ONE_SHARD)}, got ${formatBytes(datasetBytes)} on ${shards}; ` +
      (many
        ? `set at least ${needed}`
        : `${chosen.kind} has one shard, for Valkey Cluster has no Sentinel and is not built here; ` +
          'split the data over several tiers, or target elasticache or memorydb, which have cluster mode'),
  );
};

/** More shards than the service has without a raised quota. Source: AmazonElastiCache and memorydb quota pages. */
export const nodesWithinQuota: Rule = ({ chosen, shards, replicas }) => {
  const nodes = shards * (replicas + 1);
  const managed = chosen.kind === 'elasticache' || chosen.kind === 'memorydb';
  if (!managed || nodes <= 500) return [];
  return error(
    'NodesWithinQuota',
    'availability.shards',
    `a cluster has at most 500 nodes, got ${nodes}; lower shards or replicas`,
  );
};

/** Clients must hash keys of one command to one shard; many applications cannot. */
export const clusterNeedsAwareClients: Rule = ({ chosen, shards, workloads, durability }) => {
  const mode = capabilitiesOf(chosen.kind).clusterMode.value;
  const cluster = mode === 'always' || (mode === 'optional' && (shards > 1 || durability === 'synchronous'));
  if (!cluster || !workloads.includes('job-queue')) return [];
  return warning(
    'ClusterNeedsAwareClients',
    'target.kind',
    `${chosen.kind} speaks the cluster protocol here: BullMQ needs a prefix in braces ("{jobs}"), and Sidekiq and Celery do not run on it`,
  );
};
