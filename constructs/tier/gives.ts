import { capabilitiesOf } from './capabilities';
import type { Durability, EvictionPolicy } from './config';
import type { ResolvedTier } from './resolved';
import { durabilityCovers } from './workloads';

/**
 * The durability that the target gives: what was asked where the target has a choice, else what it always has.
 *
 * An unknown version is refused by a rule; the weakest answer is right for it meanwhile.
 */
export function durabilityGiven(tier: ResolvedTier): Durability {
  const strongest = capabilitiesOf(tier.chosen.kind).engineVersions[tier.engineVersion]?.durability ?? 'none';
  switch (tier.chosen.kind) {
    case 'memorydb':
      return strongest;
    case 'elasticache':
      // An append-only file does not exist there: between a snapshot and the synchronous log there is nothing.
      return tier.durability === 'synchronous' ? strongest : weaker(tier.durability, 'snapshot');
    default:
      return weaker(tier.durability, strongest);
  }
}

/** The eviction policy that the target gives. */
export function evictionGiven(tier: ResolvedTier): EvictionPolicy {
  const policy = capabilitiesOf(tier.chosen.kind).evictionPolicy.value;
  return policy === 'free' ? tier.evictionPolicy : policy;
}

function weaker(a: Durability, b: Durability): Durability {
  return durabilityCovers(a, b) ? b : a;
}
