import { nodesPlan, smallest } from '../node/plans';
import { Bench, type BenchOptions } from './bench/bench';
import { longestGap, type Seen, Writer, type WriterOptions } from './bench/writer';

/** How often a client of the tests writes, per second. */
export const writesPerSecond = 100;

/**
 * What may be lost of acknowledged writes that did not wait for a replica: three seconds, and one in flight. A replica
 * acknowledges once a second, its lag counts in whole seconds, and Valkey looks at it once a second.
 */
export const bound = 3 * writesPerSecond + 1;

/** Whether every repetition is to run, as before a release. */
export const thorough = process.env['CACHETIER_TEST_EVERY'] === '1';

/** The tier that the tests of a file share. */
export const ordersPlan = nodesPlan({ ...smallest, monitoring: { prometheus: { from: ['10.20.9.10/32'] } } });

/** Boots machines and deploys to them, with progress on standard error. */
export async function bootTier(options: Partial<BenchOptions> = {}): Promise<Bench> {
  const bench = await Bench.up({ plan: ordersPlan, onProgress: note, ...options });
  await bench.deploy();
  return bench;
}

/** Says how it goes: a machine test takes minutes. */
export function note(line: string): void {
  process.stderr.write(`      ${line}\n`);
}

/** What clients saw of a fault. */
export interface Survived {
  /** The primary afterwards. */
  readonly primary: string;
  /** Milliseconds without an acknowledged write. */
  readonly gapMs: number;
  /** Acknowledged writes that are gone. */
  readonly lost: number;
  /** The same for writes that waited for a replica. */
  readonly lostSure: number;
  readonly refused: Seen['refused'];
}

/**
 * Runs two clients, one of which waits for a replica with each write, through a fault; then waits until the tier is
 * whole, and asks it for every write that was acknowledged.
 *
 * @param during - what happens; both clients write before, meanwhile and after
 */
export async function survive(
  bench: Bench,
  name: string,
  during: () => Promise<void>,
  options: WriterOptions = {},
): Promise<Survived> {
  const writers: Writer[] = [];
  try {
    for (const sure of [false, true]) writers.push(await Writer.start(bench, { ...options, sure }));
    const [plain, sure] = writers as [Writer, Writer];
    const since = Date.now();
    await during();
    const primary = await bench.healthy(bench.letters, 120_000);
    await Promise.all(writers.map((writer) => writer.writes(20)));
    const seen = await Promise.all([plain.stop(), sure.stop()]);
    const lost = (await plain.missing()).length;
    const lostSure = (await sure.missing()).length;
    const gapMs = longestGap(seen[0].acknowledged, since);
    note(
      `${name}: no write for ${(gapMs / 1000).toFixed(2)} s; lost ${lost} of ${seen[0].acknowledged.length}, ` +
        `${lostSure} of ${seen[1].acknowledged.length} that waited for a replica; refused ${JSON.stringify(seen[0].refused)}`,
    );
    expect(seen.map(({ ended }) => ended)).toEqual([0, 0]);
    return { primary, gapMs, lost, lostSure, refused: seen[0].refused };
  } finally {
    for (const writer of writers) writer.end();
  }
}

/** Every one but the given. */
export function others(bench: Bench, letter: string): readonly [string, string] {
  const [one, two] = bench.letters.filter((other) => other !== letter);
  if (!one || !two) throw new Error(`three nodes are needed, got ${bench.letters.length}`);
  return [one, two];
}
