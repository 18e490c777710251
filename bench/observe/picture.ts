import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { connectUser, down, type LocalTier, up } from '../../constructs/local';
import { signal } from '../../constructs/local/processes';
import { readStarted } from '../../constructs/local/tier';
import { prometheusSignals, recordOf } from '../../constructs/monitoring';
import { plan } from '../../constructs/tier';
import { eventually } from '../../test/support/eventually';

/** The signals that are drawn, from the top. */
const drawn = ['primaries', 'node-up', 'commands', 'latency-p99', 'memory', 'replication-behind'];

/** How long the tier is under load before and after its primary is killed. */
const BEFORE_MS = 90_000;
const AFTER_MS = 90_000;

const target = join(__dirname, '../../docs/pictures/failover.svg');

interface Point {
  readonly at: number;
  readonly value: number;
  readonly series: string;
}

interface Range {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-picture-'));
  const config = { name: 'orders', workload: 'job-queue', dataset: '64MiB', target: { kind: 'local' } } as const;
  say('bringing a tier up');
  const { tier, observation } = await up(plan(config), { folder: join(folder, 'tier'), observe: true });
  const load = startLoad(tier);
  try {
    if (!observation) throw new Error('the tier is not measured');
    say(`${(BEFORE_MS / 1000).toFixed(0)} s of load`);
    const since = Date.now();
    await delay(BEFORE_MS);
    const killed = Date.now();
    killPrimary(tier);
    say(`the primary is killed; ${(AFTER_MS / 1000).toFixed(0)} s more`);
    await delay(AFTER_MS / 3);
    await up(plan(config), { folder: join(folder, 'tier') });
    await delay((AFTER_MS * 2) / 3);
    const svg = await draw(tier, observation.prometheus, since + 20_000, killed);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, svg);
    say(`docs/pictures/failover.svg, ${svg.length} bytes`);
  } finally {
    await load.stop();
    await down(tier.layout, { deleteData: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes and reads of an application, bounded to some hundreds a second. */
function startLoad(tier: LocalTier): { stop: () => Promise<void> } {
  const client = connectUser(tier, 'app');
  let ended = false;
  const turns = (async () => {
    for (let index = 0; !ended; index += 1) {
      const key = `job:${index % 5000}`;
      await Promise.all([
        client.set(key, 'x'.repeat(400)),
        client.get(key),
        client.lpush('queue', key),
        client.ltrim('queue', 0, 999),
      ]).catch(() => undefined);
      await delay(10);
    }
  })();
  return {
    stop: async () => {
      ended = true;
      await turns;
      client.disconnect();
    },
  };
}

function killPrimary(tier: LocalTier): void {
  const started = readStarted(tier, 'a', 'valkey');
  if (started?.handle.kind !== 'process') throw new Error('node a runs in no process of this machine');
  signal(started.handle, 'SIGKILL');
}

async function draw(tier: LocalTier, prometheus: string, from: number, killed: number): Promise<string> {
  const signals = prometheusSignals(tier.plan);
  const until = Date.now();
  const panels: object[] = [];
  for (const name of drawn) {
    const found = signals.find((one) => one.name === name);
    if (!found) throw new Error(`there is no signal ${name}`);
    let points: readonly Point[] = [];
    await eventually(async () => {
      points = await pointsOf(tier, prometheus, recordOf(found), from, until);
      if (points.length === 0) throw new Error(`${recordOf(found)} has no series`);
    });
    panels.push(panelOf(found.title, found.unit, points, Math.round((killed - from) / 1000)));
  }
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: 'A tier of three nodes under load; its primary is killed, and comes back as a replica',
    background: 'white',
    columns: 2,
    concat: panels,
    config: { axis: { labelFont: 'sans-serif', titleFont: 'sans-serif' }, title: { font: 'sans-serif' } },
  } as unknown as TopLevelSpec;
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

/** A replica is told by its port where its primary tells of it. */
function seriesOf({ nodes }: LocalTier, { node, slave_port: port }: Range['metric']): string {
  const letter = node ?? Object.keys(nodes).find((each) => String(nodes[each]?.valkeyPort) === port);
  return letter === undefined ? 'tier' : `node ${letter}`;
}

async function pointsOf(
  tier: LocalTier,
  prometheus: string,
  record: string,
  from: number,
  until: number,
): Promise<readonly Point[]> {
  const query = new URLSearchParams({
    query: record,
    start: String(from / 1000),
    end: String(until / 1000),
    step: '5',
  });
  const answer = await fetch(`${prometheus}/api/v1/query_range?${query.toString()}`);
  const { data } = (await answer.json()) as { data: { result: readonly Range[] } };
  return data.result.flatMap(({ metric, values }) =>
    values
      .map(([at, value]) => ({
        at: Math.round(at - from / 1000),
        value: Number(value),
        series: seriesOf(tier, metric),
      }))
      .filter(({ value }) => Number.isFinite(value)),
  );
}

function panelOf(title: string, unit: string, points: readonly Point[], killed: number): object {
  const first = Math.min(...points.map(({ at }) => at));
  return {
    title,
    width: 380,
    height: 130,
    layer: [
      {
        data: { values: points },
        mark: { type: 'line', interpolate: unit === 'yes-or-no' || unit === 'count' ? 'step-after' : 'linear' },
        encoding: {
          x: { field: 'at', type: 'quantitative', title: 'seconds', scale: { domainMin: first, nice: false } },
          y: { field: 'value', type: 'quantitative', title: unit },
          color: { field: 'series', type: 'nominal', title: null },
        },
      },
      {
        data: { values: [{ at: killed }] },
        mark: { type: 'rule', color: '#b00', strokeDash: [4, 3] },
        encoding: { x: { field: 'at', type: 'quantitative' } },
      },
    ],
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

void main().catch((cause: unknown) => {
  say((cause as Error).stack ?? String(cause));
  process.exitCode = 3;
});
