import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readText } from './disk';
import { MachineError } from './errors';
import { type LocalTier, placementIn } from './tier';
import { namedPrimary, viewNodes } from './view';

/** Down-after and one attempt that failed, with room to spare. */
const TAKEOVER_MS = 15_000;

/**
 * The primary that Sentinels had agreed on when they were last heard, from their config files; the newest term is right.
 */
export function writtenPrimary(tier: LocalTier): string {
  const name = tier.plan.target.primaryName;
  const said = Object.keys(tier.nodes).map((letter) => {
    const text = readText(join(placementIn(tier, letter).folders.config, 'sentinel.conf')) ?? '';
    const port = new RegExp(`^sentinel monitor ${name} \\S+ (\\d+) `, 'm').exec(text)?.[1];
    const epoch = new RegExp(`^sentinel config-epoch ${name} (\\d+)`, 'm').exec(text)?.[1];
    return { port: Number(port ?? 0), epoch: Number(epoch ?? 0) };
  });
  const newest = said.reduce((best, each) => (each.epoch > best.epoch ? each : best));
  const letter = Object.entries(tier.nodes).find(([, node]) => node.valkeyPort === newest.port)?.[0];
  if (letter === undefined) throw new MachineError(`the Sentinels of ${tier.layout.folder} name no node of the tier`);
  return letter;
}

/**
 * Refuses to start a tier on a primary whose data is gone while another node still has some: the others would copy
 * its emptiness.
 */
export function refuseEmptyPrimary(tier: LocalTier, primary: string): void {
  if (tier.plan.target.appendFsync === null || hasData(tier, primary)) return;
  const others = Object.keys(tier.nodes).filter((letter) => letter !== primary && hasData(tier, letter));
  if (others.length === 0) return;
  throw new MachineError(
    `node ${primary} was the primary and has no data, but ${others.map((letter) => `node ${letter}`).join(' and ')} ${others.length === 1 ? 'has' : 'have'}; ` +
      `put data back into ${placementIn(tier, primary).folders.data}, or start anew by down --delete-data and up`,
  );
}

/**
 * The primary of a tier of which some servers run.
 *
 * A primary that is down is not started again as long as another can take over: it may lack what its replicas have,
 * and an empty one would make them empty.
 *
 * @param runningValkeys - letters of the nodes whose Valkey runs
 * @throws MachineError when nobody took over and the old primary has nothing to go on with
 */
export async function livingPrimary(
  tier: LocalTier,
  runningValkeys: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const deadline = Date.now() + TAKEOVER_MS;
  for (;;) {
    signal?.throwIfAborted();
    const views = await viewNodes(tier);
    const named = namedPrimary(views);
    if (named !== null && views.find(({ letter }) => letter === named)?.valkey?.role === 'primary') return named;
    if (Date.now() >= deadline) return fallback(tier, named, runningValkeys);
    await delay(200);
  }
}

function fallback(tier: LocalTier, named: string | null, runningValkeys: readonly string[]): string {
  if (
    named !== null &&
    !runningValkeys.includes(named) &&
    tier.plan.target.appendFsync !== null &&
    hasData(tier, named)
  )
    return named;
  throw new MachineError(
    'no node is primary and none takes over; see cachetier status, then end the tier by down and start it by up',
  );
}

/** Whether the append-only file is there, which every node makes at its first start; a wiped folder lacks it. */
function hasData(tier: LocalTier, letter: string): boolean {
  const { data } = placementIn(tier, letter).folders;
  return existsSync(join(data, 'appendonlydir')) || existsSync(join(data, 'dump.rdb'));
}
