import { capabilitiesOf } from '../capabilities';
import { durableFamilies, nodeType, offersDurability } from '../catalogue/node-types';
import { durabilityGiven } from '../gives';
import type { GapRule, Rule } from '../resolved';
import { durabilityCovers } from '../workloads';
import { error } from './issues';

/** Weaker durability than asked for. */
export const durabilityGap: GapRule = (tier) => {
  const given = durabilityGiven(tier);
  // Of a version that the target does not run there is nothing to say; another rule refuses it.
  const known = capabilitiesOf(tier.chosen.kind).engineVersions[tier.engineVersion] !== undefined;
  if (!known || durabilityCovers(given, tier.durability)) return [];
  return [
    {
      gap: 'durability',
      path: tier.config.durability === undefined ? 'workload' : 'durability',
      asked: `durability "${tier.durability}"`,
      given: `"${given}"`,
      reason: reasons[tier.chosen.kind],
    },
  ];
};

const reasons = {
  elasticache:
    'its nodes have no append-only file; "synchronous" with engine.version "9.0" or newer is kept there, and memorydb keeps every level',
  'elasticache-serverless': 'it keeps daily snapshots and no append-only file; memorydb keeps every level',
  memorydb: 'it keeps every level',
  hetzner:
    'Sentinel replication is asynchronous: the last acknowledged writes can be lost at a failover; memorydb keeps them',
  local:
    'Sentinel replication is asynchronous: the last acknowledged writes can be lost at a failover; memorydb keeps them',
} as const;

/** The log is kept in several zones, so there must be a second one. Source: Durability.Limitations, November 2026. */
export const synchronousNeedsReplica: Rule = ({ chosen, durability, replicas, zones }) => {
  if (chosen.kind !== 'elasticache' || durability !== 'synchronous') return [];
  if (replicas >= 1 && zones === 'spread') return [];
  return error(
    'SynchronousNeedsReplica',
    replicas < 1 ? 'availability.replicas' : 'availability.zones',
    `durability "synchronous" on elasticache needs Multi-AZ with at least 1 replica, got ${replicas} in zones "${zones}"`,
  );
};

/** Not every family has it: no T nodes, no data tiering. Source: Durability.Limitations, November 2026. */
export const synchronousNeedsFamily: Rule = ({ chosen, durability, targetPath }) => {
  if (chosen.kind !== 'elasticache' || durability !== 'synchronous') return [];
  const type = nodeType(chosen.fields.nodeType ?? 'auto');
  if (!type || offersDurability(type)) return [];
  return error(
    'SynchronousNeedsFamily',
    `${targetPath}.nodeType`,
    `durability "synchronous" needs a node of family ${durableFamilies.join(', ')}, got "${type.name}"`,
  );
};
