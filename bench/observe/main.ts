import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodesPlan, smallest } from '../../test/node/plans';
import { Loopback } from '../../test/node/loopback';
import { eventually } from '../../test/support/eventually';
import { freePort } from '../../test/support/ports';
import { tools, type ToolName } from '../../test/support/tools';

/** Scrapes of each exporter in a round; ours and the stock one take turns. */
const SCRAPES = 200;
const ROUNDS = 3;

/** Clock ticks a second, in which Linux counts the time of a process. */
const TICKS = 100;

/** An exporter as it is measured. */
interface Contender {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

/** What a scrape costs. */
interface Cost {
  readonly cpuMs: number;
  readonly bytes: number;
}

async function main(): Promise<void> {
  const tier = await Loopback.create(nodesPlan(smallest, 'local'));
  const children: ChildProcess[] = [];
  try {
    tier.write('a');
    await tier.start('a', 'valkey');
    await tier.start('a', 'sentinel');
    await warm(tier);
    const pairs: readonly (readonly [string, Contender, Contender])[] = [
      ['Valkey', await redis(tier, 'valkey', 'ours', children), await redis(tier, 'valkey', 'stock', children)],
      ['Sentinel', await redis(tier, 'sentinel', 'ours', children), await redis(tier, 'sentinel', 'stock', children)],
      ['machine', await machine(tier, 'ours', children), await machine(tier, 'stock', children)],
    ];
    const sums = { ours: { cpuMs: 0, bytes: 0 }, stock: { cpuMs: 0, bytes: 0 } };
    for (const [what, ours, stock] of pairs) {
      const [own, other] = await compare(ours, stock);
      add(sums.ours, own);
      add(sums.stock, other);
      report(what, own, other);
    }
    report('node', sums.ours, sums.stock);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await tier.remove();
  }
}

/** Some commands of an application, so that there are latencies to tell. */
async function warm(tier: Loopback): Promise<void> {
  for (let index = 0; index < 50; index += 1) {
    await tier.ask('a', 'valkey', 'SET', `key:${index}`, 'value');
    await tier.ask('a', 'valkey', 'GET', `key:${index}`);
  }
}

/** The exporter of the package: ours with the settings of a node, the stock one with where to go and who it is. */
async function redis(
  tier: Loopback,
  server: 'valkey' | 'sentinel',
  whose: 'ours' | 'stock',
  children: ChildProcess[],
): Promise<Contender> {
  const port = await freePort();
  const text = readFileSync(join(tier.folder('a'), `machine/etc/cachetier/${server}-exporter.env`), 'utf8');
  const settings = [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']): [string, string] => [
    key,
    value,
  ]);
  const needed = settings.filter(([key]) => ['REDIS_ADDR', 'REDIS_USER'].includes(key));
  const env = {
    ...Object.fromEntries<string>(whose === 'ours' ? settings : needed),
    REDIS_PASSWORD_FILE: join(tier.folder('a'), `machine/etc/cachetier/${server}-exporter.passwords`),
    REDIS_EXPORTER_TLS_CA_CERT_FILE: join(tier.placement('a').folders.tls, 'ca.crt'),
    REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
  };
  return start(`${whose} ${server}`, 'prometheus-redis-exporter', [], env, port, children);
}

async function machine(tier: Loopback, whose: 'ours' | 'stock', children: ChildProcess[]): Promise<Contender> {
  const port = await freePort();
  const text = readFileSync(join(tier.folder('a'), 'machine/etc/default/prometheus-node-exporter'), 'utf8');
  const folder = tier.metrics('a');
  const own = (/ARGS="(.*)"/.exec(text)?.[1] ?? '')
    .split(' ')
    .filter((arg) => !/listen-address|textfile\.directory/.test(arg));
  const args = [
    ...(whose === 'ours' ? own : []),
    `--collector.textfile.directory=${folder}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  return start(`${whose} machine`, 'prometheus-node-exporter', args, {}, port, children);
}

async function start(
  name: string,
  program: ToolName,
  args: readonly string[],
  given: NodeJS.ProcessEnv,
  port: number,
  children: ChildProcess[],
): Promise<Contender> {
  const { file, env } = await tools();
  const child = spawn(file(program), args, { env: { ...env, ...given }, stdio: 'ignore' });
  children.push(child);
  const contender = { name, url: `http://127.0.0.1:${port}/metrics`, child };
  await eventually(() => scrape(contender), { withinMs: 20_000 });
  return contender;
}

/** The lowest of the rounds: anything else on the machine only adds to it. */
async function compare(ours: Contender, stock: Contender): Promise<readonly [Cost, Cost]> {
  const costs: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    costs[0].push(await cost(ours));
    costs[1].push(await cost(stock));
  }
  const lowest = (all: readonly Cost[]): Cost => all.reduce((best, one) => (one.cpuMs < best.cpuMs ? one : best));
  return [lowest(costs[0]), lowest(costs[1])];
}

async function cost(contender: Contender): Promise<Cost> {
  const before = cpuOf(contender.child);
  let bytes = 0;
  for (let index = 0; index < SCRAPES; index += 1) bytes = await scrape(contender);
  return { cpuMs: ((cpuOf(contender.child) - before) * 1000) / TICKS / SCRAPES, bytes };
}

async function scrape({ url, name }: Contender): Promise<number> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok || /^redis_up 0$/m.test(text)) throw new Error(`${name} does not measure`);
  return Buffer.byteLength(text);
}

/** User and system time in ticks: fields 14 and 15, counted after the name, which may hold spaces. */
function cpuOf(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function add(sum: { cpuMs: number; bytes: number }, cost: Cost): void {
  sum.cpuMs += cost.cpuMs;
  sum.bytes += cost.bytes;
}

function report(what: string, ours: Cost, stock: Cost): void {
  const ratio = (one: number, other: number): string => (one / other).toFixed(2);
  process.stdout.write(
    `${what.padEnd(9)} CPU ${ours.cpuMs.toFixed(2)} ms a scrape, stock flags ${stock.cpuMs.toFixed(2)} (ratio ${ratio(ours.cpuMs, stock.cpuMs)}); ` +
      `${ours.bytes} bytes, stock flags ${stock.bytes} (ratio ${ratio(ours.bytes, stock.bytes)})\n`,
  );
}

void main().catch((cause: unknown) => {
  process.stderr.write(`${(cause as Error).message}\n`);
  process.exitCode = 3;
});
