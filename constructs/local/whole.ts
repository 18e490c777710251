import { setTimeout as delay } from 'node:timers/promises';
import { MachineError } from './errors';
import { problemsOf } from './health';
import { isAlive } from './launcher';
import { lastWords, type StartedServer, tuneSentinel } from './start';
import type { LocalTier } from './tier';
import { viewNodes } from './view';

/** How the wait is bounded and shown. */
export interface WaitOptions {
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  readonly waitMs?: number;
}

const WAIT_MS = 60_000;

/**
 * Waits until every node works and all agree, and tunes the Sentinels that have started.
 *
 * @throws MachineError when a started server ends, or the time is over; while data is read from disk it does not run
 */
export async function waitUntilWhole(
  tier: LocalTier,
  started: readonly StartedServer[],
  options: WaitOptions,
): Promise<void> {
  const untuned = new Set(started.filter(({ role }) => role === 'sentinel').map(({ letter }) => letter));
  let deadline = Date.now() + (options.waitMs ?? WAIT_MS);
  for (let last = ''; ; await delay(50)) {
    options.signal?.throwIfAborted();
    await refuseEnded(tier, started);
    const views = await viewNodes(tier);
    for (const { letter, sentinel } of views) if (sentinel && untuned.delete(letter)) await tuneSentinel(tier, letter);
    const busy = views.flatMap(({ letter, valkey }) =>
      valkey?.busy ? [`valkey ${letter} reads or writes its data`] : [],
    );
    const problems = [...problemsOf(tier, views), ...busy];
    if (problems.length === 0 && untuned.size === 0) return;
    const words = problems[0] ?? 'tuning Sentinel';
    if (words !== last) options.onProgress?.(`waiting: ${words}`);
    last = words;
    if (busy.length > 0) deadline = Math.max(deadline, Date.now() + 10_000);
    if (Date.now() >= deadline) throw new MachineError(`the tier did not become whole in time: ${problems.join('; ')}`);
  }
}

async function refuseEnded(tier: LocalTier, started: readonly StartedServer[]): Promise<void> {
  const alive = await Promise.all(started.map(({ handle }) => isAlive(handle)));
  const ended = started[alive.indexOf(false)];
  if (ended) throw new MachineError(`${ended.role} ${ended.letter} has ended: ${lastWords(tier, ended)}`);
}
