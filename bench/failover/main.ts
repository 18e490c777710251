import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { format, resolveConfig } from 'prettier';
import { nodesPlan, smallest } from '../../test/node/plans';
import { Bench } from '../../test/machines/bench/bench';
import type { Contender } from './contender';
import { type EventName, eventNames, measure, type Run } from './events';
import { Ours } from './ours';
import { Peer, peerSettings } from './peers';
import { type Measured, type Report, table } from './report';

interface Options {
  readonly runs: number;
  readonly only?: string;
  readonly event?: string;
  readonly json?: boolean;
  readonly write?: string;
}

/** How often each event is repeated: ours, and the others, which take a minute or more each time. */
const repeated: Readonly<Record<EventName, readonly [number, number]>> = {
  'power cut': [20, 3],
  'kill -9': [20, 3],
  'planned stop': [50, 3],
  partition: [3, 1],
};

const program = new Command('bench -- failover')
  .description(
    'Cuts the power of the primary, kills it, stops it and cuts it off, on three booted machines, under clients that write a hundred times a second. Ours and others in turn. Needs root; half an hour.',
  )
  .option('--runs <share>', 'how many of the runs: 1 is all of them, 0.1 at least one of each', share, 1)
  .option('--only <names>', 'contenders, by the start of their names, such as Cachetier,stock')
  .option('--event <name>', `one of ${eventNames.join(', ')}`)
  .option('--json', 'print the report as JSON')
  .option('--write <file>', 'write the table to a file, such as docs/failover.md')
  .action(run);

void program.parseAsync();

async function run(options: Options): Promise<void> {
  const events = eventNames.filter((event) => options.event === undefined || event === options.event);
  if (events.length === 0) throw new Error(`--event: got "${options.event}", needed one of ${eventNames.join(', ')}`);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const bench = await Bench.up({ plan: nodesPlan(smallest), onProgress: say });
    const deploy = await deployed(bench);
    say(`deployed: ${deploy.stepsMs} ms for the steps of the nodes, ${deploy.servingMs} ms from there until it serves`);
    const contenders: readonly Contender[] = [new Ours(bench), ...peerSettings.map((peer) => new Peer(bench, peer))];
    const chosen = contenders.filter(({ name }) => wanted(name, options.only));
    const measured: Measured[] = [];
    for (const contender of chosen) {
      await contender.start();
      for (const event of events) {
        const runs = await repeat(bench, contender, event, options.runs, say);
        measured.push({ contender: contender.name, settings: contender.settings, event, runs });
      }
      await contender.stop();
    }
    const report: Report = { date: new Date().toISOString().slice(0, 10), deploy, measured };
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report));
    if (options.write !== undefined) await write(options.write, table(report));
  } finally {
    await Bench.down();
  }
}

/** As the check of the repository wants its pages. */
async function write(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
}

async function deployed(bench: Bench): Promise<Report['deploy']> {
  const started = Date.now();
  for (const letter of bench.letters) await bench.apply(letter);
  const applied = Date.now();
  await bench.bootstrap();
  return { stepsMs: applied - started, servingMs: Date.now() - applied };
}

async function repeat(
  bench: Bench,
  contender: Contender,
  event: EventName,
  part: number,
  say: (line: string) => void,
): Promise<readonly Run[]> {
  const times = Math.max(1, Math.round(repeated[event][contender instanceof Ours ? 0 : 1] * part));
  const runs: Run[] = [];
  for (let each = 1; each <= times; each += 1) {
    const one = await measure(bench, contender, event);
    const sure = one.lostSure === null ? '' : `, ${one.lostSure} that waited`;
    say(`${contender.name}, ${event} ${each} of ${times}: ${one.gapMs} ms without a write, ${one.lost} lost${sure}`);
    runs.push(one);
  }
  return runs;
}

function wanted(name: string, only: string | undefined): boolean {
  return (
    only === undefined || only.split(',').some((start) => name.toLowerCase().startsWith(start.trim().toLowerCase()))
  );
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('needed a number above 0 and up to 1');
  return value;
}
