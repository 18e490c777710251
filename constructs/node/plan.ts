import { createHash } from 'node:crypto';
import type { CacheTierPlan, HetznerPlan, LocalPlan } from '../tier';

/** A plan of a tier whose nodes we run. */
export type NodesTierPlan = CacheTierPlan & { readonly target: HetznerPlan | LocalPlan };

/** Whether the nodes of a plan are ours to run. */
export function hasNodes(plan: CacheTierPlan): plan is NodesTierPlan {
  return plan.target.kind === 'hetzner' || plan.target.kind === 'local';
}

/** Whether Sentinel runs on the nodes: on one node alone there is nobody to vote with. */
export function hasSentinel(plan: NodesTierPlan): boolean {
  return plan.topology.sentinelQuorum > 0;
}

/** Letters of every node of the tier, in order. */
export function lettersOf(plan: NodesTierPlan): readonly string[] {
  return plan.target.nodes.map((node) => node.letter);
}

/** Letters of the other nodes. */
export function peersOf(plan: NodesTierPlan, letter: string): readonly string[] {
  return lettersOf(plan).filter((other) => other !== letter);
}

/**
 * Identity of a node's Sentinel. Derived, so that every Sentinel knows the others before it has met them; a young
 * Sentinel that must first discover its peers fails nothing over.
 */
export function sentinelId(plan: NodesTierPlan, letter: string): string {
  return createHash('sha1').update(`${plan.identity}\n${letter}`).digest('hex');
}
