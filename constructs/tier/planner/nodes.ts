import { addressAt } from '../addresses';
import type { NodePlan, NodesPlan, SentinelPlan } from '../plan';
import type { ResolvedTier } from '../resolved';
import { memoryBytes } from '../sizing';
import { combinedProfile } from '../workloads';

/** Node letters; a placement group holds at most ten servers, and Sentinel's majority needs far fewer. */
const letters = 'abcdefghij';

/** Offset of node a in its subnet: Hetzner keeps the first addresses, and ten leave room for a load balancer. */
const FIRST_OFFSET = 11;

/** Below 2 s a slow script or a save looks like a dead primary: false failovers were measured at 500 ms, none at 2 s. */
const DOWN_AFTER_MS = 2000;

/** A failed attempt is repeated after twice this; the stock 180 s would mean six minutes. */
const FAILOVER_TIMEOUT_MS = 20_000;

const MIB = 2 ** 20;

/** The smallest number of votes that two halves of a split network cannot both reach. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** Address of the monitoring server in the subnet: the one before those of the nodes. */
export const MONITORING_OFFSET = FIRST_OFFSET - 1;

/** Nodes by letter, with the address that each keeps for life. */
export function planNodes(count: number, name: string, subnet: string): readonly NodePlan[] {
  return [...letters.slice(0, count)].map((letter, index) => ({
    letter,
    name: `${name}-${letter}`,
    address: addressAt(subnet, FIRST_OFFSET + index),
  }));
}

/** What every target has whose nodes we run. */
export function planNodesTarget(tier: ResolvedTier, nodes: readonly NodePlan[], primaryName: string): NodesPlan {
  const maxmemoryBytes = tier.size?.maxmemoryBytes ?? 0;
  return {
    nodes,
    firstPrimary: nodes[0]?.letter ?? 'a',
    primaryName,
    sentinel: planSentinel(nodes.length),
    appendFsync: appendFsync(tier),
    saveRules: saveRules(tier),
    maxmemoryBytes,
    ...replication(tier),
    replBacklogBytes: memoryBytes(tier.settings['repl-backlog-size'] ?? '') ?? backlog(tier.size?.memoryBytes ?? 0),
    settings: settingsOf(tier),
  };
}

/** One node has nobody to vote with: no Sentinel runs. */
function planSentinel(nodes: number): SentinelPlan {
  return {
    quorum: nodes > 1 ? majority(nodes) : 0,
    downAfterMs: DOWN_AFTER_MS,
    failoverTimeoutMs: FAILOVER_TIMEOUT_MS,
  };
}

/** On one node `synchronous` cannot be kept; the strongest there is an fsync for each write. */
function appendFsync(tier: ResolvedTier): 'everysec' | 'always' | null {
  switch (tier.durability) {
    case 'none':
    case 'snapshot':
      return null;
    case 'everysec':
      return 'everysec';
    case 'always':
    case 'synchronous':
      return 'always';
  }
}

/** An RDB now and then also beside the AOF: a restart from it is faster, and it is what a backup looks like. */
function saveRules(tier: ResolvedTier): readonly string[] {
  const asked = tier.settings['save'];
  if (asked !== undefined) return (asked.match(/\d+ \d+/g) ?? []).map(String);
  if (tier.durability === 'none') return [];
  return tier.durability === 'snapshot' ? ['900 1', '300 10', '60 10000'] : ['900 1'];
}

/**
 * A primary that no replica follows must not take writes: they would be gone when the majority's primary returns.
 * A short lag bounds what a cut-off primary still acknowledges (2 s measured with lag 1, 10 s with the stock lag 10).
 */
function replication(tier: ResolvedTier): { minReplicasToWrite: number; minReplicasMaxLagSeconds: number } {
  const refuses = tier.replicas > 0 && combinedProfile(tier.workloads).minorityRefusesWrites;
  return {
    minReplicasToWrite: Number(tier.settings['min-replicas-to-write'] ?? (refuses ? 1 : 0)),
    minReplicasMaxLagSeconds: Number(tier.settings['min-replicas-max-lag'] ?? 1),
  };
}

/** A twentieth of the memory, so that a replica that was away for a minute need not copy everything again. */
function backlog(memoryBytes: number): number {
  return Math.min(512 * MIB, Math.max(64 * MIB, Math.round(memoryBytes / 20 / MIB) * MIB));
}

/** Settings that have a field of their own in the plan. */
const planned = new Set(['save', 'min-replicas-to-write', 'min-replicas-max-lag', 'maxmemory', 'repl-backlog-size']);

function settingsOf(tier: ResolvedTier): Record<string, string> {
  return Object.fromEntries(Object.entries(tier.settings).filter(([name]) => !planned.has(name)));
}
