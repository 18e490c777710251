import type { GapRule, Rule } from '../resolved';
import { evictionGiven } from '../gives';
import { combinedProfile, durabilityCovers } from '../workloads';
import { error, warning } from './issues';

/** An evicted job never runs, and half an evicted structure breaks the queue. */
export const queueMustNotEvict: Rule = ({ workloads, evictionPolicy }) => {
  const strict = workloads.filter((kind) => combinedProfile([kind]).evictionPolicies.length === 1);
  if (strict.length === 0 || evictionPolicy === 'noeviction') return [];
  return error(
    'QueueMustNotEvict',
    'evictionPolicy',
    `a ${strict.join(' and ')} needs "noeviction", got "${evictionPolicy}": ${combinedProfile(strict).because}; ` +
      'remove the line, or put the cache on a tier of its own',
  );
};

/** Counters and locks carry a TTL; a policy that takes keys without one would take others as well. */
export const policySuitsWorkload: Rule = ({ workloads, evictionPolicy }) => {
  const profile = combinedProfile(workloads);
  if (profile.evictionPolicies.length === 1 || profile.evictionPolicies.includes(evictionPolicy)) return [];
  return error(
    'PolicySuitsWorkload',
    'evictionPolicy',
    `a ${workloads.join(' and ')} needs one of ${profile.evictionPolicies.join(', ')}, got "${evictionPolicy}": ${profile.because}`,
  );
};

/** A full cache that evicts nothing refuses every write. */
export const cacheShouldEvict: Rule = ({ workloads, evictionPolicy, config }) => {
  if (workloads.some((kind) => kind !== 'cache') || evictionPolicy !== 'noeviction' || !config.evictionPolicy)
    return [];
  return warning(
    'CacheShouldEvict',
    'evictionPolicy',
    'a cache with "noeviction" refuses writes once it is full; choose "allkeys-lru", or "allkeys-lfu" for hot keys',
  );
};

/** A queue that lives only in memory loses every waiting job at a restart. */
export const workloadNeedsDurability: Rule = ({ workloads, durability }) => {
  const profile = combinedProfile(workloads);
  if (durabilityCovers(durability, profile.leastDurability)) return [];
  return error(
    'WorkloadNeedsDurability',
    'durability',
    `a ${workloads.join(' and ')} needs at least "${profile.leastDurability}", got "${durability}": ${profile.because}`,
  );
};

/** An empty list says nothing about what the tier is for. */
export const workloadIsNamed: Rule = ({ config }) =>
  Array.isArray(config.workload) && config.workload.length === 0
    ? error('WorkloadIsNamed', 'workload', 'the list is empty; name at least one workload')
    : [];

/** The stricter workload decides, so the other one pays for it. */
export const oneTierForEachUse: Rule = ({ workloads }) => {
  if (workloads.length < 2) return [];
  return warning(
    'OneTierForEachUse',
    'workload',
    `${workloads.join(' and ')} share one tier, so the strictest decides eviction and durability for all; ` +
      'a tier for each keeps one from filling the memory of the other',
  );
};

/** A workload that must not evict, on a target that may. */
export const evictionGap: GapRule = (tier) => {
  const given = evictionGiven(tier);
  const profile = combinedProfile(tier.workloads);
  const asked = tier.config.evictionPolicy;
  if (given === tier.evictionPolicy || (asked === undefined && profile.evictionPolicies.includes(given))) return [];
  return [
    {
      gap: 'eviction-policy',
      path: asked === undefined ? 'workload' : 'evictionPolicy',
      asked: `"${tier.evictionPolicy}"`,
      given: `"${given}"`,
      reason: `the service fixes it, so keys with a TTL may go at the storage limit, and ${profile.because}`,
    },
  ];
};
