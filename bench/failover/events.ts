import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../../test/machines/bench/bench';
import { eventually } from '../../test/support/eventually';
import { longestGap, Writer } from '../../test/machines/bench/writer';
import type { Contender } from './contender';

/** What happens to the primary. */
export const eventNames = ['power cut', 'kill -9', 'planned stop', 'partition'] as const;
export type EventName = (typeof eventNames)[number];

/** What the clients of one run saw. */
export interface Run {
  /** Milliseconds without an acknowledged write, for a client that reaches all nodes. */
  readonly gapMs: number;
  /** Acknowledged writes that are gone, of all clients that do not wait for a replica. */
  readonly lost: number;
  /** The same of clients that wait for a replica, where the contender shows how. */
  readonly lostSure: number | null;
}

/** Longer than any of them needs, so that a run ends. */
const patienceMs = 300_000;
const partitionMs = 15_000;

/** Writes from all sides through one event, and counts what is missing once the tier is whole again. */
export async function measure(bench: Bench, contender: Contender, event: EventName): Promise<Run> {
  const primary = await contender.primary();
  const writers: Writer[] = [];
  const start = async (options: { readonly from?: string; readonly sure?: boolean }): Promise<Writer> => {
    const writer = await Writer.start(bench, { ...options, client: contender.client });
    writers.push(writer);
    return writer;
  };
  try {
    const outside = await start({});
    const plain = [outside];
    const sure = contender.waits ? [await start({ sure: true })] : [];
    if (event === 'partition') {
      plain.push(await start({ from: primary }));
      if (contender.waits) sure.push(await start({ from: primary, sure: true }));
    }
    const since = Date.now();
    await happen(bench, contender, event, primary);
    await outside.writes(50, patienceMs);
    const { acknowledged } = await outside.seen();
    if (event === 'power cut') await bench.machine(primary).powerOn();
    await contender.whole();
    for (const writer of writers) await writer.writes(20, patienceMs);
    return {
      gapMs: longestGap(acknowledged, since),
      lost: await missing(plain),
      lostSure: contender.waits ? await missing(sure) : null,
    };
  } finally {
    for (const writer of writers) writer.end();
  }
}

async function happen(bench: Bench, contender: Contender, event: EventName, primary: string): Promise<void> {
  const machine = bench.machine(primary);
  switch (event) {
    case 'power cut':
      return machine.powerCut();
    case 'kill -9':
      return machine.signal(contender.unit, 'KILL');
    case 'planned stop':
      await machine.exec(`systemctl stop ${contender.unit}`, { timeoutMs: 120_000 });
      // A client that has no primary must not be helped by the one that was stopped.
      await led(contender);
      await machine.exec(`systemctl start ${contender.unit}`, { timeoutMs: 120_000 });
      return;
    case 'partition':
      await bench.cut(primary);
      await delay(partitionMs);
      await bench.heal(primary);
  }
}

async function led(contender: Contender): Promise<void> {
  await eventually(() => contender.primary(), { withinMs: patienceMs, everyMs: 250 });
}

async function missing(writers: readonly Writer[]): Promise<number> {
  let count = 0;
  for (const writer of writers) {
    await writer.stop();
    count += (await writer.missing()).length;
  }
  return count;
}
