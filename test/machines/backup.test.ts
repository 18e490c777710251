import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finished } from '../../constructs/local/run';
import { renderRules } from '../../constructs/monitoring/prometheus-rules';
import type { NodeSecrets } from '../../constructs/node';
import { makeSshKey } from '../../cli/ssh-key';
import { makeSecrets } from '../node/secrets';
import { nodesPlan, smallest } from '../node/plans';
import { textOf } from '../readme/markdown';
import { eventually } from '../support/eventually';
import { tools } from '../support/tools';
import { Bench } from './bench/bench';
import { contentOf, everyType } from './bench/content';
import { publicSide } from './bench/network';
import { Prometheus } from './bench/prometheus';
import { must } from './bench/shell';
import { Storage, storageEndpoint, storagePort } from './bench/storage';
import { longestGap, Writer } from './bench/writer';
import { note, others } from './support';

/** Backups on booted machines, into a real S3 server (MinIO) that has every fault a provider may have. */
let bench: Bench;
let storage: Storage;
let prometheus: Prometheus;
let secrets: NodeSecrets;

const plan = nodesPlan({
  ...smallest,
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  backup: {
    continuous: true,
    drill: 'daily',
    to: [
      { provider: 's3', bucket: 'first', endpoint: storageEndpoint },
      { provider: 's3', bucket: 'second', endpoint: storageEndpoint, schedule: 'weekly' },
    ],
  },
});

beforeAll(async () => {
  secrets = await makeSecrets(plan);
  for (const { id } of plan.backup.destinations) Object.assign(secrets.buckets, { [id]: keyOfTheTier });
  bench = await Bench.up({ plan, secrets, onProgress: note });
  storage = await Storage.start(bench, note);
  for (const bucket of ['first', 'second', 'small']) await storage.server.makeBucket(bucket);
  await storage.server.makeBucket('locked', '--with-lock');
  await storage.server.admin('retention', 'set', '--default', 'compliance', '1d', 's3/locked');
  await storage.server.makeKey(keyOfTheTier.accessKeyId, [
    { Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] },
  ]);
  await bench.deploy();
  await bench.machine(await bench.primary()).exec(everyType);
  prometheus = await Prometheus.start(bench, renderRules(plan));
}, 900_000);

afterAll(async () => {
  prometheus?.stop();
  await storage?.server.stop();
  await Bench.down();
});

const keyOfTheTier = { accessKeyId: 'orders', secretAccessKey: 'a-secret-of-orders' };

/** The node that takes the backups. */
async function acting(): Promise<string> {
  const [first] = others(bench, await bench.healthy());
  return first;
}

/** Tries once instead of three times, and for a shorter time, so that a fault does not take minutes. */
function backup(letter: string, command: string, timeoutMs = 120_000): Promise<Finished> {
  const impatient = 'CACHETIER_RCLONE_RETRIES=1 CACHETIER_RCLONE_STANDSTILL=10s';
  return bench.machine(letter).tryExec(`${impatient} cachetier-backup ${command}`, { timeoutMs });
}

/** What of the alerts is about a failed backup. */
async function causes(): Promise<readonly (string | undefined)[]> {
  const alerts = await prometheus.alerts();
  return alerts.filter(({ alertname }) => alertname === 'CachetierBackupFailed').map(({ cause }) => cause);
}

/** A fault of a bucket: told by its cause, alerted, nothing lost, and over when it is healed. */
async function fails(cause: string, during: () => Promise<void>, heal: () => Promise<void>): Promise<void> {
  const letter = await acting();
  const before = await storage.server.names('second');
  await during();
  const started = Date.now();
  const done = await backup(letter, 'now');
  note(`${cause}: ${done.stdout.trim().split('\n').at(-1)} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  expect(done).toMatchObject({ status: 1, stdout: expect.stringContaining(`has no new backup: ${cause}: `) });
  await eventually(async () => expect(await causes()).toContain(cause), { withinMs: 15_000 });
  await heal();
  expect(await storage.server.names('second')).toEqual(expect.arrayContaining([...before]));
  expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
  await eventually(async () => expect(await causes()).toEqual([]), { withinMs: 60_000 });
}

/** Another setting of the buckets on every node, and back. */
async function changeSettings(change: (text: string) => string): Promise<void> {
  for (const letter of bench.letters) {
    const file = '/etc/cachetier/backup.json';
    const text = await bench.machine(letter).exec(`cp -n ${file} ${file}.good; cat ${file}.good`);
    await bench.machine(letter).exec(`cat >${file}`, { input: change(text) });
  }
}

/** One bucket instead of two, where each takes its time to fail. */
function secondAlone(text: string): string {
  const given = JSON.parse(text) as { readonly destinations: readonly { readonly id: string }[] };
  return JSON.stringify({ ...given, destinations: given.destinations.filter(({ id }) => id === 's3:second') });
}

function unchanged(): Promise<void> {
  return changeSettings((text) => text);
}

/** The command line on the host of the operator, who trusts the provider of the lab. */
async function cachetier(args: readonly string[]): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-operator-'));
  const trusted = join(folder, 'ca.crt');
  writeFileSync(trusted, storage.authorityPem);
  try {
    // The operator's host reaches no package archive: its programs are there already.
    return await bench.cachetier(args, { ...(await tools()).env, SSL_CERT_FILE: trusted });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('one node takes the backup by its timer, the others none, and nobody is alerted', async () => {
  const letter = await acting();
  for (const each of bench.letters) await bench.machine(each).exec('systemctl start cachetier-backup.service');
  const names = (await storage.server.names('first')).filter((name) => name.endsWith('.json'));
  expect(names).toHaveLength(1);
  expect(names[0]).toMatch(new RegExp(`^orders/orders-\\d{8}T\\d{6}Z-${letter}\\.json$`));
  for (const each of bench.letters) await bench.machine(each).exec('systemctl start cachetier-drill.service');
  await eventually(
    async () => {
      expect(await prometheus.query('cachetier_drill_succeeded == 1')).toHaveLength(2);
      expect(await prometheus.query('time() - cachetier_backup_shipped_timestamp_seconds < 30')).toHaveLength(1);
      expect(await prometheus.query('cachetier_backup_last_success_timestamp_seconds')).toHaveLength(2);
      expect(await prometheus.alerts()).toEqual([]);
    },
    { withinMs: 60_000 },
  );
  const next = await bench
    .machine(letter)
    .exec('systemctl list-timers --no-legend cachetier-backup.timer cachetier-drill.timer');
  // Listed by when they come next, which the time of the day decides.
  expect(next.match(/cachetier-\w+\.timer/g)?.sort()).toEqual(['cachetier-backup.timer', 'cachetier-drill.timer']);
});

test('the provider cannot be reached', () =>
  fails(
    'unreachable',
    async () => {
      await changeSettings(secondAlone);
      await bench.network.cut('storage', 'public');
    },
    async () => {
      await bench.network.heal('storage', 'public');
      await unchanged();
    },
  ));

test('the provider does not run', () =>
  fails(
    'unreachable',
    () => storage.server.pause(),
    () => storage.server.resume(),
  ));

test('the key is not accepted any more', () =>
  fails(
    'wrong-key',
    () => changeSettings((text) => text.replaceAll(keyOfTheTier.secretAccessKey, 'another-secret')),
    unchanged,
  ));

test('the region is another', () =>
  fails('wrong-region', () => changeSettings((text) => text.replaceAll('us-east-1', 'eu-central-1')), unchanged));

test('the bucket is gone', () =>
  fails(
    'bucket-gone',
    () => changeSettings((text) => text.replaceAll('"bucket":"second"', '"bucket":"no-longer"')),
    unchanged,
  ));

test('the bucket is full', () =>
  fails(
    'bucket-full',
    () => storage.server.admin('quota', 'set', 's3/second', '--size', '1KiB').then(() => undefined),
    () => storage.server.admin('quota', 'clear', 's3/second').then(() => undefined),
  ));

test('the clock of a node is wrong', async () => {
  // Containers have the clock of their host, so the provider's answer to such a request is given by a server of its own.
  const { certificate, privateKey } = await storage.certificate();
  const answer =
    '<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the server time is too large.</Message></Error>';
  const script = `require('node:https').createServer({ cert: ${JSON.stringify(certificate)}, key: ${JSON.stringify(privateKey)} }, (request, answer) => { request.resume(); answer.writeHead(403, { 'content-type': 'application/xml' }); answer.end(request.method === 'HEAD' ? '' : ${JSON.stringify(answer)}); }).listen(9001, '${publicSide.storage}')`;
  const [program, ...args] = bench.network.within('storage', [process.execPath, '-e', script]);
  const server = spawn(program, args, { stdio: 'ignore' });
  try {
    await fails('clock', () => changeSettings((text) => text.replaceAll(`:${storagePort}`, ':9001')), unchanged);
  } finally {
    server.kill('SIGKILL');
  }
});

test('objects in a bucket may not be deleted or overwritten yet', async () => {
  const letter = await acting();
  await changeSettings((text) =>
    text.replaceAll('"bucket":"second"', '"bucket":"locked"').replaceAll('"daily":7', '"daily":1'),
  );
  try {
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    const [name = ''] = (await storage.server.names('locked')).filter((each) => each.endsWith('.age'));
    await delay(1_100);
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    // The second day of retention has come for the first: what is hidden by a deletion is still there.
    const lines = (await storage.server.admin('ls', '--versions', '--recursive', '--json', 's3/locked')).split('\n');
    const versions = lines
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { key: string; size: number; versionId: string });
    const version = versions.find(({ key, size }) => key === name && size > 0)?.versionId ?? '';
    expect(version).not.toBe('');
    await expect(storage.server.admin('rm', '--version-id', version, `s3/locked/${name}`)).rejects.toThrow(
      /WORM|locked|retention/i,
    );
  } finally {
    await unchanged();
  }
});

describe('with data that takes a while to upload', () => {
  /** Random, so that nothing can be made smaller on the way. */
  const mebibytes = 40;

  beforeAll(async () => {
    const script = `. /usr/local/lib/cachetier/lib.sh
for i in $(seq ${mebibytes}); do head -c 786432 /dev/urandom | base64 -w 0 | valkey -x SET "orders:large:$i" >/dev/null; done`;
    await bench.machine(await bench.primary()).exec(script, { timeoutMs: 120_000 });
  });

  afterEach(() => limited(null));

  /** The speed of the provider's line. */
  async function limited(rate: string | null): Promise<void> {
    const ns = bench.network.namespace('lab');
    for (const port of ['pub-storage']) {
      await must('bash', ['-c', `ip netns exec ${ns} tc qdisc del dev ${port} root 2>/dev/null || true`]);
      if (rate)
        await must('ip', [
          'netns',
          'exec',
          ns,
          'tc',
          'qdisc',
          'add',
          'dev',
          port,
          'root',
          'tbf',
          'rate',
          rate,
          'burst',
          '64kb',
          'latency',
          '50ms',
        ]);
    }
  }

  async function uploading(): Promise<void> {
    await eventually(
      async () => {
        const { stdout } = await must('ip', [
          '-n',
          bench.network.namespace('lab'),
          '-s',
          '-j',
          'link',
          'show',
          'pub-storage',
        ]);
        const [link] = JSON.parse(stdout) as { stats64: { tx: { bytes: number } } }[];
        const bytes = link?.stats64.tx.bytes ?? 0;
        before ??= bytes;
        expect(bytes - before).toBeGreaterThan(4 << 20);
      },
      { withinMs: 60_000, everyMs: 100 },
    );
  }
  let before: number | undefined;
  beforeEach(() => (before = undefined));

  test('a slow provider gets its backup all the same', async () => {
    const letter = await acting();
    await limited('80mbit');
    const started = Date.now();
    expect(await backup(letter, 'now', 240_000)).toMatchObject({ status: 0 });
    note(`two buckets, ${mebibytes} MiB each at 80 Mbit/s: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });

  test('an upload that is cut in the middle is no backup, and is made up for', async () => {
    const letter = await acting();
    const wholes = (await storage.server.names('first')).filter((name) => name.endsWith('.json'));
    await limited('40mbit');
    const running = backup(letter, 'now');
    await uploading();
    await bench.network.cut('storage', 'public');
    expect(await running).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('has no new backup: unreachable: '),
    });
    await bench.network.heal('storage', 'public');
    await limited(null);
    expect((await storage.server.names('first')).filter((name) => name.endsWith('.json'))).toEqual(wholes);
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    expect(await backup(letter, 'drill')).toMatchObject({ status: 0 });
  });

  test('the node dies during its backup, and another takes it', async () => {
    const letter = await acting();
    await limited('40mbit');
    await storage.server.admin('rm', '--recursive', '--force', 's3/second/orders');
    void backup(letter, 'now');
    await uploading();
    await bench.machine(letter).powerCut();
    await limited(null);
    const left = bench.letters.filter((each) => each !== letter);
    await eventually(
      async () => {
        for (const each of left)
          await bench
            .machine(each)
            .exec('rm -f /var/lib/cachetier-backup/backup.json; systemctl start cachetier-backup.service');
        expect((await storage.server.names('second')).filter((name) => name.endsWith('.json'))).toHaveLength(1);
      },
      { withinMs: 60_000, everyMs: 1000 },
    );
    await bench.machine(letter).powerOn();
    await bench.healthy();
  });

  test('the role moves during the backup, which is good in the end', async () => {
    const letter = await acting();
    await limited('80mbit');
    const running = backup(letter, 'now');
    await uploading();
    await bench.machine(await bench.primary()).exec(`cachetier-node handover --to ${letter}`);
    await running;
    await limited(null);
    expect(await backup(await acting(), 'now')).toMatchObject({ status: 0 });
    expect(await backup(await acting(), 'drill')).toMatchObject({ status: 0 });
  });

  test('of two drills at once one drills, and the other says so', async () => {
    const letter = await acting();
    const both = await Promise.all([backup(letter, 'drill'), backup(letter, 'drill')]);
    expect(both.map(({ status }) => status).sort()).toEqual([0, 3]);
    expect(both.map(({ stderr }) => stderr).join('')).toContain('another run is under way on this node');
  });
});

describe('a restore', () => {
  test.each([
    [
      'with another encryption key',
      () =>
        changeSettings((text) =>
          JSON.stringify({ ...(JSON.parse(text) as object), identities: [makeSshKey().privateKey] }),
        ),
      'none of the keys given|not sealed by any of the keys',
    ],
    [
      'into a smaller maxmemory',
      async () => {
        for (const letter of bench.letters) await bench.ask(letter, 'valkey', 'CONFIG', 'SET', 'maxmemory', '20mb');
      },
      'this tier has a maxmemory of 20 MiB',
    ],
  ])('%s is refused, and the tier serves on', async (_what, during, says) => {
    const letter = await acting();
    const limit = (await bench.ask(letter, 'valkey', 'CONFIG', 'GET', 'maxmemory')).split('\n')[1] ?? '';
    await during();
    try {
      const done = await backup(letter, 'restore --bucket s3:second --over-existing-data');
      expect(done).toMatchObject({ status: 3, stderr: expect.stringMatching(says) });
    } finally {
      await unchanged();
      for (const each of bench.letters) await bench.ask(each, 'valkey', 'CONFIG', 'SET', 'maxmemory', limit);
    }
    expect((await backup(letter, 'restore --resume')).stderr).toContain('no restore is under way');
    await bench.healthy();
  });

  test('of an object that was altered is refused, and the tier serves on', async () => {
    const letter = await acting();
    const name = (await storage.server.names('second')).filter((each) => each.endsWith('.rdb.age')).at(-1) ?? '';
    const file = join('/tmp', `cachetier-object-${process.pid}`);
    await storage.server.download('second', name, file);
    await storage.server.admin('cp', '--quiet', file, 's3/small/kept');
    await must('bash', ['-c', `truncate -s -1000 ${file}`]);
    await storage.server.admin('cp', '--quiet', file, `s3/second/${name}`);
    const done = await backup(letter, 'restore --bucket s3:second --over-existing-data');
    expect(done).toMatchObject({ status: 3, stderr: expect.stringContaining('cut short or was altered') });
    expect((await backup(letter, 'drill')).stdout).toContain('s3:second: NOT restored: altered: ');
    await eventually(
      async () =>
        expect((await prometheus.alerts()).map(({ alertname }) => alertname)).toContain('CachetierDrillFailed'),
      { withinMs: 15_000 },
    );
    await storage.server.admin('cp', '--quiet', 's3/small/kept', `s3/second/${name}`);
    await must('rm', [file]);
    expect(await backup(letter, 'drill')).toMatchObject({ status: 0 });
    await bench.healthy();
  });

  test('gives every key, type, end and value, while clients write; and what was there before comes back', async () => {
    const primary = await bench.healthy();
    const letter = await acting();
    const source = await contentOf(bench, primary);
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    await bench.ask(primary, 'valkey', 'DEL', 'hash:large', 'stream', 'number');
    await bench.ask(primary, 'valkey', 'SET', 'later', '1');
    const after = await contentOf(bench, primary);
    expect(after).not.toBe(source);
    expect(await backup(letter, 'restore --bucket s3:second')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('say --over-existing-data if it may'),
    });
    expect(await backup(primary, 'restore --bucket s3:second --over-existing-data')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('restore by way of a replica'),
    });
    const done = await backup(letter, 'restore --bucket s3:second --over-existing-data');
    note(done.stdout.trim().split('\n').slice(-3).join('; '));
    expect(done).toMatchObject({ status: 0 });
    expect(await bench.healthy()).toBe(letter);
    for (const each of bench.letters) expect(await contentOf(bench, each)).toBe(source);
    const back = await backup(primary, 'restore --rollback --over-existing-data');
    expect(back).toMatchObject({ status: 0, stdout: expect.stringContaining('what this node had on') });
    expect(await bench.healthy()).toBe(primary);
    for (const each of bench.letters) expect(await contentOf(bench, each)).toBe(after);
  });

  test('moves the role once, and clients find the new primary', async () => {
    const letter = await acting();
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    const writer = await Writer.start(bench);
    try {
      const since = Date.now();
      expect(await backup(letter, 'restore --bucket s3:second --over-existing-data')).toMatchObject({ status: 0 });
      await bench.healthy();
      await writer.writes(50);
      const { acknowledged, ended } = await writer.stop();
      note(`restore under load: no write for ${(longestGap(acknowledged, since) / 1000).toFixed(2)} s`);
      expect(ended).toBe(0);
    } finally {
      writer.end();
    }
  });

  test('is done by the command line, of a backup that it took, and of an RDB that it wrote', async () => {
    const primary = await bench.healthy();
    const source = await contentOf(bench, primary);
    const folder = mkdtempSync(join(tmpdir(), 'cachetier-exported-'));
    try {
      expect(await cachetier(['backup', '-'])).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('s3:second has '),
      });
      await bench.ask(primary, 'valkey', 'SET', 'later', 'than the backup');
      const rdb = join(folder, 'orders.rdb');
      const exported = await cachetier([
        'restore',
        '-',
        '--bucket',
        's3:second',
        '--backup',
        'latest',
        '--export',
        rdb,
      ]);
      expect(exported).toMatchObject({ status: 0 });
      expect(await cachetier(['restore', '-', '--rdb', rdb])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('say --over-existing-data if it may'),
      });
      expect(await cachetier(['restore', '-', '--rdb', rdb, '--over-existing-data'])).toMatchObject({ status: 0 });
      await bench.healthy();
      for (const each of bench.letters) expect(await contentOf(bench, each)).toBe(source);
      expect(await cachetier(['restore', '-', '--rollback'])).toMatchObject({ status: 0 });
      expect(await bench.ask(await bench.healthy(), 'valkey', 'GET', 'later')).toBe('than the backup');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['while it reads', 'moving|placing|loading|loaded', '--resume'],
    ['while it reads', 'moving|placing|loading|loaded', '--abandon'],
    ['while it fetches', 'fetching', '--resume'],
  ])('that is killed %s (%s) goes on or back: %s', async (_when, phase, how) => {
    const letter = await acting();
    const primary = await bench.primary();
    expect(await backup(letter, 'now')).toMatchObject({ status: 0 });
    const source = await contentOf(bench, primary);
    await bench.ask(primary, 'valkey', 'SET', 'later', how);
    const after = await contentOf(bench, primary);
    const machine = bench.machine(letter);
    await machine.exec(
      String.raw`cachetier-backup restore --bucket s3:second --over-existing-data >/tmp/restore.log 2>&1 & pid=$!
until grep -qE '"phase": "(${phase})"' /var/lib/cachetier/restore.json 2>/dev/null; do kill -0 $pid || exit 9; sleep 0.005; done
kill -9 $pid; pkill -9 -P $pid || true`,
    );
    // The power goes too: what is on the disk must do.
    await machine.powerCut();
    await machine.powerOn();
    await delay(3_000);
    expect(await contentOf(bench, await bench.primary(others(bench, letter)))).toBe(after);
    const done = await eventually(
      async () => {
        const tried = await backup(letter, `restore ${how}`);
        if (tried.status !== 0) throw new Error(tried.stderr);
        return tried;
      },
      { withinMs: 60_000, everyMs: 1000 },
    );
    note(`killed ${phase}, ${how}: ${done.stdout.trim().split('\n').at(-1)}`);
    await bench.healthy();
    for (const each of bench.letters) expect(await contentOf(bench, each)).toBe(how === '--resume' ? source : after);
  });
});

describe('lose everything', () => {
  let source: string;
  let before: string;

  /** What `pulumi up` does where the servers are gone: new ones on the old addresses, each with its files. */
  async function pulumiUp(plan = bench.plan): Promise<void> {
    for (const letter of bench.letters) await bench.rebuild(letter);
    for (const letter of bench.letters) await storage.introduce(bench, letter);
    for (const letter of bench.letters) await bench.apply(letter, plan);
  }

  /** The commands of the README under a heading. */
  function commandsUnder(heading: string): readonly string[] {
    const section = textOf('README.md').split(`### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';
    return /```sh\n([^]*?)```/.exec(section)?.[1]?.trim().split('\n') ?? [];
  }

  test('get it back, as the README says: at most 60 s are lost', async () => {
    before = await bench.healthy();
    source = await withoutWrites(before);
    const writer = await Writer.start(bench, { everyMs: 20 });
    let seen: Awaited<ReturnType<Writer['stop']>>;
    try {
      await delay(45_000);
      await Promise.all(bench.letters.map((letter) => bench.machine(letter).powerCut()));
      seen = await writer.stop();
      const [refresh, up, restore = '', ...rest] = commandsUnder('Lose everything, get it back');
      expect([refresh, up, rest]).toEqual(['pulumi refresh', 'pulumi up', []]);
      const [given, typed = ''] = restore.split(' | npx cachetier ');
      expect(given).toBe('pulumi stack output rollout --show-secrets --json');
      await pulumiUp();
      const started = Date.now();
      const done = await cachetier(typed.split(' '));
      expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('done on node a') });
      await bench.healthy();
      note(`servers with their files to a serving tier with its data: ${((Date.now() - started) / 1000).toFixed(1)} s`);
      const missing = new Set(await writer.missing());
      const last = Math.max(...seen.acknowledged.map(([, at]) => at));
      const lost = seen.acknowledged.filter(([index]) => missing.has(index));
      const seconds = lost.length === 0 ? 0 : (last - Math.min(...lost.map(([, at]) => at))) / 1000;
      note(
        `every server gone: lost the last ${seconds.toFixed(1)} s, ${lost.length} of ${seen.acknowledged.length} writes`,
      );
      expect(seconds).toBeLessThanOrEqual(60);
      expect(lost.length).toBeLessThan(seen.acknowledged.length);
    } finally {
      writer.end();
    }
    expect(await withoutWrites('a')).toBe(source);
  }, 600_000);

  test('and begin a new tier with it, at a second that is named', async () => {
    const listed = JSON.parse((await cachetier(['restore', '-', '--json'])).stdout) as {
      buckets: readonly { spans: readonly { from: string; to: string }[] }[];
    };
    const spans = listed.buckets[0]?.spans ?? [];
    const { from = '' } = spans[0] ?? {};
    const at = new Date(Date.parse(from) + 2_000).toISOString().replace('.000', '');
    const restoreFrom = { bucket: 's3:first', tier: 'orders', backup: null, at };
    await pulumiUp({ ...bench.plan, backup: { ...bench.plan.backup, restoreFrom } });
    await bench.bootstrap();
    expect(await bench.ask('a', 'valkey', 'EXISTS', 'cachetier:pulse')).toBe('1');
    const pulse = (await bench.ask('a', 'valkey', 'GET', 'cachetier:pulse')).split(' ');
    expect(Number(pulse[0])).toBeGreaterThan(1);
  }, 600_000);

  /** What is there but for what clients wrote. */
  async function withoutWrites(letter: string): Promise<string> {
    const script =
      "for _, key in ipairs(redis.call('KEYS', 'orders:*')) do if not key:find('large') then redis.call('DEL', key) end end";
    await bench.ask(letter, 'valkey', 'EVAL', script, '0');
    return contentOf(bench, letter);
  }
});
