import type { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, withClient } from './connection';
import { MachineError } from './errors';
import { problemsOf } from './health';
import { withLock } from './lock';
import { type LocalTier, rolesOf } from './tier';
import { type NodeView, viewNodes, viewValkey } from './view';

/** A planned handover that has happened. */
export interface Handover {
  readonly from: string;
  readonly to: string;
  /** Milliseconds for which writes waited. */
  readonly pausedMs: number;
}

/** Writes stay paused no longer than this, whatever happens to this process. */
const PAUSE_MS = 30_000;

/** How long replicas may take to catch up with a paused primary. */
const CATCH_UP_MS = 10_000;

/** How long Sentinel may take to promote the replica. */
const SWITCH_MS = 10_000;

/** How long all may take to follow the new primary. */
const SETTLE_MS = 30_000;

/**
 * Hands the role of primary to a replica without losing a write: writes are paused, every replica catches up, Sentinel
 * promotes one of them, and only then the old primary answers again, as a replica.
 *
 * `SENTINEL FAILOVER` alone would let the old primary acknowledge writes for about a second that are then gone.
 *
 * @throws MachineError when the tier is not whole, or the handover is not done in time; writes go on then as before
 */
export async function failover(
  tier: LocalTier,
  onProgress: (message: string) => void = () => undefined,
): Promise<Handover> {
  return withLock(tier.layout.lock, { what: `the tier in ${tier.layout.folder}`, waitMs: 120_000 }, () =>
    handOver(tier, onProgress),
  );
}

async function handOver(tier: LocalTier, onProgress: (message: string) => void): Promise<Handover> {
  if (!rolesOf(tier.plan).includes('sentinel'))
    throw new MachineError('the tier has one node, and no other that could take over; availability.replicas 2 has two');
  const views = await viewNodes(tier);
  const problems = problemsOf(tier, views);
  if (problems.length > 0)
    throw new MachineError(
      `a planned failover needs a whole tier: ${problems.join('; ')}; start what is down by cachetier up`,
    );
  const from = views.find(({ valkey }) => valkey?.role === 'primary')?.letter ?? '';
  const to = likelyPrimary(views);
  const primary = await connect(tier, from, 'valkey');
  const pausedAt = Date.now();
  try {
    onProgress(`pausing writes on ${from}`);
    await primary.call('CLIENT', 'PAUSE', PAUSE_MS, 'WRITE');
    const offset = await offsetOf(tier, from);
    await Promise.all(views.filter(({ letter }) => letter !== from).map(({ letter }) => catchUp(tier, letter, offset)));
    onProgress(`handing over from ${from}`);
    await withClient(tier, to, 'sentinel', (client) =>
      client.call('SENTINEL', 'FAILOVER', tier.plan.target.primaryName),
    );
    const promoted = await promotedNode(tier, from);
    await demote(tier, primary, promoted);
    await primary.call('CLIENT', 'UNPAUSE');
    const pausedMs = Date.now() - pausedAt;
    onProgress(`waiting until all follow ${promoted}`);
    await settle(tier);
    return { from, to: promoted, pausedMs };
  } finally {
    await primary.call('CLIENT', 'UNPAUSE').catch(() => undefined);
    primary.disconnect();
  }
}

/** Sentinel chooses by offset, then by run id; its own node's Sentinel is asked, so that it stays up through the change. */
function likelyPrimary(views: readonly NodeView[]): string {
  const replicas = views.filter(({ valkey }) => valkey?.role === 'replica');
  const [best] = replicas.sort((a, b) => ((a.valkey?.runId ?? '') < (b.valkey?.runId ?? '') ? -1 : 1));
  if (!best) throw new MachineError('there is no replica to hand over to');
  return best.letter;
}

async function offsetOf(tier: LocalTier, letter: string): Promise<number> {
  const view = await viewValkey(tier, letter);
  if (!view) throw new MachineError(`valkey ${letter} does not answer any more`);
  return view.offset;
}

async function catchUp(tier: LocalTier, letter: string, offset: number): Promise<void> {
  await until(CATCH_UP_MS, `replica ${letter} does not catch up`, async () => (await offsetOf(tier, letter)) >= offset);
}

async function promotedNode(tier: LocalTier, from: string): Promise<string> {
  const others = Object.keys(tier.nodes).filter((letter) => letter !== from);
  let promoted: string | undefined;
  await until(SWITCH_MS, 'Sentinel does not promote a replica', async () => {
    const views = await Promise.all(others.map((letter) => viewValkey(tier, letter)));
    promoted = others[views.findIndex((view) => view?.role === 'primary')];
    return promoted !== undefined;
  });
  return promoted ?? '';
}

/** Sentinel would do the same about a second later; until then the old primary would take writes that are lost. */
async function demote(tier: LocalTier, primary: Redis, promoted: string): Promise<void> {
  const node = tier.nodes[promoted];
  if (!node) throw new MachineError(`no node ${promoted}`);
  await primary.call('REPLICAOF', node.address, node.valkeyPort);
}

async function settle(tier: LocalTier): Promise<void> {
  let problems: readonly string[] = [];
  await until(
    SETTLE_MS,
    () => `the tier has not settled: ${problems.join('; ')}`,
    async () => {
      problems = problemsOf(tier, await viewNodes(tier));
      return problems.length === 0;
    },
  );
}

async function until(ms: number, failure: string | (() => string), holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() >= deadline)
      throw new MachineError(`${typeof failure === 'string' ? failure : failure()} within ${ms / 1000} s`);
    await delay(10);
  }
}
