import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dashboardQueries } from '../../constructs/monitoring/grafana';
import { renderRules } from '../../constructs/monitoring/prometheus-rules';
import type { NodeSecrets } from '../../constructs/node';
import { nodesPlan, smallest } from '../node/plans';
import { type Authority, issue, makeAuthority, makeSecrets } from '../node/secrets';
import { blocksOf, commandsOf, namedIn } from '../readme/markdown';
import { eventually } from '../support/eventually';
import { Bench } from './bench/bench';
import { Prometheus } from './bench/prometheus';
import { missingMetrics } from './bench/scrape';
import { Storage, storageEndpoint } from './bench/storage';
import { Writer } from './bench/writer';
import { note, others, thorough } from './support';

/** A real Prometheus beside booted machines: the right alert for each fault, no other that wakes anybody, and silence else. */
let bench: Bench;
let storage: Storage;
let prometheus: Prometheus;
let authority: Authority;
let secrets: NodeSecrets;
let load: Writer;

const plan = nodesPlan({
  ...smallest,
  dataset: '64MiB',
  // So that it is filled in seconds.
  engine: { settings: { maxmemory: '200mb' } },
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  backup: {
    continuous: true,
    drill: 'daily',
    to: [{ provider: 's3', bucket: 'first', endpoint: storageEndpoint }],
  },
});

const key = { accessKeyId: 'orders', secretAccessKey: 'a-secret-of-orders' };

beforeAll(async () => {
  authority = await makeAuthority();
  secrets = await makeSecrets(plan, authority);
  for (const { id } of plan.backup.destinations) Object.assign(secrets.buckets, { [id]: key });
  bench = await Bench.up({ plan, secrets, onProgress: note });
  storage = await Storage.start(bench, note);
  await storage.server.makeBucket('first');
  await storage.server.makeKey(key.accessKeyId, [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }]);
  await bench.deploy();
  const [acting] = others(bench, await bench.healthy());
  await bench.machine(acting).exec('cachetier-backup now && cachetier-backup drill');
  prometheus = await Prometheus.start(bench, renderRules(plan));
  load = await Writer.start(bench);
}, 900_000);

afterAll(async () => {
  load?.end();
  prometheus?.stop();
  await storage?.server.stop();
  await Bench.down();
});

/** Alerts that wake somebody, each once. */
async function pages(): Promise<readonly string[]> {
  const alerts = await prometheus.alerts();
  return [
    ...new Set(alerts.filter(({ severity }) => severity === 'page').map(({ alertname = '' }) => alertname)),
  ].sort();
}

/** Everything that woke somebody within so many seconds, gone by now or not. */
async function pagesWithin(seconds: number): Promise<readonly string[]> {
  const found = await prometheus.query(
    `group by (alertname) (max_over_time(ALERTS{alertstate="firing",severity="page"}[${Math.ceil(seconds)}s]))`,
  );
  return found.map(({ alertname = '' }) => alertname).sort();
}

/** A fault raises these pages within two minutes and no others until it is healed; then all are over. */
async function wakes(
  name: string,
  alerts: readonly string[],
  during: () => Promise<unknown>,
  heal: () => Promise<unknown>,
): Promise<void> {
  expect(await pages()).toEqual([]);
  const since = Date.now();
  await during();
  await eventually(async () => expect(await pages()).toEqual(alerts), { withinMs: 120_000, everyMs: 500 });
  const raised = Date.now() - since;
  await delay(15_000);
  await heal();
  const healed = Date.now();
  await bench.healthy(bench.letters, 120_000);
  await eventually(async () => expect(await pages()).toEqual([]), { withinMs: 120_000, everyMs: 500 });
  note(
    `${name}: ${alerts.join(', ')} after ${seconds(raised)} s, over ${seconds(Date.now() - healed)} s after healing`,
  );
  expect(await pagesWithin((Date.now() - since) / 1000)).toEqual(alerts);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(0);
}

test('every metric is published, and every query of the dashboard finds series', async () => {
  expect((await missingMetrics(bench)).missing).toEqual([]);
  const queries = dashboardQueries(plan);
  expect(queries.length).toBeGreaterThan(35);
  const primary = await bench.primary();
  await eventually(
    async () => {
      // Without reads there is no share of them that hit.
      await bench.ask(primary, 'valkey', 'GET', 'nothing');
      const found = await Promise.all(queries.map(({ expr }) => prometheus.query(expr)));
      expect(queries.filter((_query, index) => found[index]?.length === 0)).toEqual([]);
    },
    { withinMs: 60_000, everyMs: 1_000 },
  );
});

test('every command of the runbooks that only looks runs on a node as it stands there', async () => {
  const folder = join(__dirname, '../../docs/runbooks');
  const documents = readdirSync(folder).map((name) => `docs/runbooks/${name}`);
  const typed = documents
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'sh')
    .flatMap(commandsOf);
  const named = documents.flatMap((document) => namedIn(document, 'cachetier-node'));
  const looks =
    /^(cachetier-node (look|status|doctor|pending)\b|cachetier-backup list|systemctl (status|list-timers)|journalctl|df|du|openssl)/;
  const commands = [...new Set([...typed, ...named])].filter((command) => looks.test(command));
  expect(commands.length).toBeGreaterThan(25);
  const [replica] = others(bench, await bench.primary());
  const failed: string[] = [];
  for (const command of commands) {
    const { status, stderr } = await bench.machine(replica).tryExec(command);
    // What looks ends with 3 where it has found something, and so does the status of a unit that rests.
    const fine = /^(cachetier-node doctor|systemctl status)/.test(command) ? [0, 3] : [0];
    if (!fine.includes(status ?? -1)) failed.push(`${command}: ${status} ${stderr}`);
  }
  expect(failed).toEqual([]);
  note(`${commands.length} commands of the runbooks ran`);
});

test('a healthy tier under load and saves wakes nobody', async () => {
  const [since, lastsMs] = [Date.now(), thorough ? 600_000 : 60_000];
  const [replica] = others(bench, await bench.primary());
  for (let turn = 0; Date.now() - since < lastsMs; turn += 1) {
    for (const letter of bench.letters) {
      await bench.ask(letter, 'valkey', turn % 2 === 0 ? 'BGSAVE' : 'BGREWRITEAOF').catch(() => undefined);
    }
    if (turn === 1) await bench.machine(replica).exec('cachetier-backup now');
    await delay(10_000);
  }
  expect(await pagesWithin((Date.now() - since) / 1000)).toEqual([]);
  const raised = await prometheus.query(
    `count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[${Math.ceil((Date.now() - since) / 1000)}s]))`,
  );
  note(
    `${seconds(Date.now() - since)} s of load and saves: no page; tickets: ${raised.map(({ alertname }) => alertname).join(', ') || 'none'}`,
  );
}, 900_000);

test('a power cut of the primary', async () => {
  const primary = await bench.primary();
  await wakes(
    'power cut',
    ['CachetierNodeDown'],
    () => bench.machine(primary).powerCut(),
    () => bench.machine(primary).powerOn(),
  );
  expect(await prometheus.query('tier:cachetier_failovers:count > 0')).toHaveLength(1);
}, 400_000);

test('the primary is cut off from the other nodes', async () => {
  const primary = await bench.primary();
  await wakes(
    'partition',
    ['CachetierNotOnePrimary'],
    () => Promise.all(others(bench, primary).map((other) => bench.cutBetween(primary, other))),
    () => Promise.all(others(bench, primary).map((other) => bench.healBetween(primary, other))),
  );
}, 400_000);

test('the disk of a replica is full', async () => {
  const [replica] = others(bench, await bench.primary());
  const { disk } = bench.machine(replica);
  await wakes(
    'disk full',
    ['CachetierDiskFull'],
    () => disk.fill(0),
    () => Promise.resolve(disk.free()),
  );
}, 400_000);

/** What has nothing to do with one another, and is looked at together: each takes its minute to be raised. */
test('the memory is full, the backups are switched off, and a certificate is about to end', async () => {
  const primary = await bench.primary();
  const [one, other] = others(bench, primary);
  // Small steps: a command that takes seconds would be a failure of its own.
  const script = (what: string): string => `for i = 1, 5 do ${what} end`;
  const fill = script("redis.call('SET', KEYS[1] .. i, string.rep('x', 1048576))");
  const written: string[] = [];
  await wakes(
    'memory, backups, certificate',
    ['CachetierBackupsStopped', 'CachetierCertificateExpires', 'CachetierMemoryFull'],
    async () => {
      const aged = await issue(authority, { letter: other, address: bench.address(other) }, 5);
      await bench.apply(other, bench.plan, { ...secrets, nodes: { ...secrets.nodes, [other]: aged } });
      await bench.machine(one).exec('systemctl stop cachetier-backup.timer');
      for (let full = false; !full;) {
        written.push(`fill:{${written.length}}:`);
        const answer = await bench.ask(primary, 'valkey', 'EVAL', fill, '1', written.at(-1) ?? '');
        full = answer.includes('OOM');
        expect([full || answer.trim(), written.length < 60]).toEqual([full || '', true]);
      }
    },
    async () => {
      const remove = script("redis.call('UNLINK', KEYS[1] .. i)");
      for (const prefix of written) await bench.ask(primary, 'valkey', 'EVAL', remove, '1', prefix);
      await bench.machine(one).exec('systemctl start cachetier-backup.timer');
      await bench.apply(other, bench.plan, secrets);
    },
  );
}, 600_000);
