import type { LocalPlan } from '../plan';
import type { ResolvedTier, TargetFields } from '../resolved';
import { tierName } from './names';
import { planNodesTarget } from './nodes';

/** What `constructs/local` runs: every node on loopback, told apart by its ports. */
export function planLocal(tier: ResolvedTier, fields: TargetFields['local']): LocalPlan {
  const name = tierName(tier);
  const nodes = [...'abcdef'.slice(0, tier.replicas + 1)].map((letter) => ({
    letter,
    name: `${name}-${letter}`,
    address: '127.0.0.1',
  }));
  return { ...planNodesTarget(tier, nodes, name), kind: 'local', port: fields.port ?? null };
}
