import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import type { CacheTierPlan } from '../../constructs/tier';
import { eventually } from '../support/eventually';
import { Minio, type S3Key } from '../support/minio';
import { freePort } from '../support/ports';
import { makeSshKey } from '../../cli/ssh-key';
import { tools } from '../support/tools';
import { Loopback } from './loopback';
import { nodesPlan, richest } from './plans';

/** The rendered programs against a real S3 server, and what they stored in a fresh Valkey. */
let s3: Minio;
let tier: Loopback;
let elsewhere: ReturnType<typeof makeSshKey>;

type Destination = CacheTierPlan['backup']['destinations'][number];

beforeAll(async () => {
  s3 = await Minio.start();
  for (const bucket of ['first', 'second', 'small']) await s3.makeBucket(bucket);
  elsewhere = makeSshKey();
  const plan = nodesPlan(richest, 'local');
  const base = {
    provider: 's3',
    prefix: 'orders',
    region: 'us-east-1',
    schedule: 'daily',
    keep: { daily: 2, weekly: 0 },
    endpoint: s3.endpoint,
    create: null,
  } as const;
  const destinations: readonly Destination[] = [
    { ...base, id: 's3:first', bucket: 'first' },
    { ...base, id: 'r2:second', provider: 'r2', bucket: 'second', schedule: 'weekly' },
    { ...base, id: 's3:closed', bucket: 'closed', endpoint: `http://127.0.0.1:${await freePort()}` },
  ];
  const backup = { ...plan.backup, destinations, continuous: true, recipients: [elsewhere.publicKey] };
  tier = await Loopback.create({ ...plan, backup });
  for (const { id } of destinations) Object.assign(tier.secrets.buckets, { [id]: s3.root });
  for (const letter of ['a', 'b', 'c']) {
    tier.write(letter);
    await tier.start(letter, 'valkey');
  }
  await eventually(async () => {
    expect((await tier.ask('a', 'valkey', 'INFO', 'replication')).match(/state=online/g)).toHaveLength(2);
  });
  await tier.ask('a', 'valkey', 'EVAL', "for i = 1, 5000 do redis.call('SET', 'orders:' .. i, i) end", '0');
  await synced(5000);
}, 600_000);

afterAll(async () => {
  await tier?.remove();
  await s3?.stop();
});

test('the replica of the lowest letter acts, the others say who does', async () => {
  for (const letter of ['a', 'c'])
    expect(await tier.backup(letter, 'tick')).toMatchObject({ status: 0, stdout: 'node b takes it\n' });
  expect(await s3.names('first')).toEqual([]);
});

test('one bucket that does not answer leaves the others their backup, and the unit fails', async () => {
  expect(await tier.backup('b', 'tick')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('s3:closed has no new backup: unreachable: '),
  });
  for (const bucket of ['first', 'second']) expect(await s3.names(bucket)).toHaveLength(2);
  const published = metrics('b', 'backup');
  const of = (name: string, id: string): string | undefined =>
    new RegExp(`^cachetier_${name}\\{tier="orders-prod",destination="${id}"[^}]*\\} (.*)$`, 'm').exec(published)?.[1];
  expect(of('backup_last_attempt_succeeded', 's3:closed')).toBe('0');
  expect(of('backup_last_attempt_succeeded', 's3:first')).toBe('1');
  expect(of('backup_last_success_timestamp_seconds', 's3:first')).toMatch(/^\d{10}$/);
  expect(of('backup_last_success_timestamp_seconds', 's3:closed')).toBeUndefined();
  expect(of('backup_keys', 'r2:second')).toBe('5000');
  expect(published).toContain(
    'cachetier_backup_problem{tier="orders-prod",destination="s3:closed",schedule="daily",cause="unreachable"} 1',
  );
  await isAccepted(published);
}, 60_000);

test('what is stored opens with age alone, by the key of the tier and by one that is kept elsewhere', async () => {
  const description = JSON.parse(await s3.read('second', await newest('second'))) as Record<string, unknown>;
  for (const key of [tier.secrets.backupKey?.privateKey ?? '', elsewhere.privateKey]) {
    const rdb = await opened('second', (await newest('second')).replace('.json', '.rdb.age'), key);
    expect(description).toMatchObject({
      format: 'cachetier.backup/2',
      tier: 'orders-prod',
      node: 'b',
      role: 'replica',
      keys: 5000,
      bytes: rdb.length,
      sha256: createHash('sha256').update(rdb).digest('hex'),
    });
    await restored(rdb, async (ask) => {
      expect(await ask('DBSIZE')).toBe('5000\n');
      expect(await ask('GET', 'orders:4321')).toBe('4321\n');
    });
  }
  const stranger = await tools();
  const file = join(tier.root, 'object');
  await s3.download('second', (await newest('second')).replace('.json', '.rdb.age'), file);
  writeFileSync(`${file}.key`, makeSshKey().privateKey, { mode: 0o600 });
  expect((await run(stranger.file('age'), ['-d', '-i', `${file}.key`, file])).stderr).toContain('no identity matched');
});

test('a backup that is there is not taken again, by another node neither', async () => {
  const before = await s3.names('first');
  expect(await tier.backup('b', 'tick')).toMatchObject({ status: 0, stdout: 's3:closed: tried again later\n' });
  await tier.stop('b', 'valkey');
  await eventually(async () => {
    expect(await tier.backup('c', 'tick')).toMatchObject({ stdout: expect.stringContaining('s3:closed has no new') });
  });
  await tier.start('b', 'valkey');
  expect(await s3.names('first')).toEqual(before);
}, 60_000);

test('a drill restores the newest backup of each bucket, and says what is wrong with the others', async () => {
  expect(await tier.backup('c', 'drill')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(
      /s3:first: NOT restored: missing: s3:first has no shipped files[^]*r2:second: restored, 5000 keys\n[^]*s3:closed: NOT restored: unreachable/,
    ),
  });
  const published = metrics('c', 'drill');
  expect(published).toMatch(/cachetier_drill_succeeded\{[^}]*"r2:second"[^}]*\} 1\n/);
  expect(published).toMatch(/cachetier_drill_keys\{[^}]*"r2:second"[^}]*\} 5000\n/);
  await isAccepted(published);
  expect(await tier.backup('b', 'drill', '--due', 'daily')).toMatchObject({ status: 0, stdout: 'node c drills\n' });
}, 60_000);

test.each([
  ['cut short', (data: Buffer) => data.subarray(0, data.length - 20), 'altered'],
  [
    'altered',
    (data: Buffer) => Buffer.concat([data.subarray(0, 3000), Buffer.from('x'), data.subarray(3001)]),
    'altered',
  ],
  ['of another', () => Buffer.from('REDIS0011'), 'altered'],
])(
  'an object that is %s is not restored',
  async (_how, harm, cause) => {
    const name = (await newest('second')).replace('.json', '.rdb.age');
    const file = join(tier.root, 'object');
    await s3.download('second', name, file);
    const good = readFileSync(file);
    await s3.write('second', name, harm(good));
    const done = await tier.backup('c', 'export', '--bucket', 'r2:second', join(tier.root, 'exported.rdb'));
    expect(done.status).toBe(3);
    expect(readdirSync(tier.root)).not.toContain('exported.rdb');
    expect((await tier.backup('c', 'drill')).stdout).toContain(`r2:second: NOT restored: ${cause}: `);
    await s3.write('second', name, good);
  },
  60_000,
);

test('a description that the key of the tier did not seal is not believed', async () => {
  const name = await newest('second');
  const good = await s3.read('second', name);
  await s3.write('second', name, good.replace('"keys": 5000', '"keys": 1'));
  expect(await tier.backup('c', 'export', '--bucket', 'r2:second', join(tier.root, 'exported.rdb'))).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('was not sealed by any of the keys given, or was altered'),
  });
  await s3.write('second', name, good);
});

test('a backup is exported as a plain RDB, and never over a file that exists', async () => {
  const file = join(tier.root, 'exported.rdb');
  expect(await tier.backup('c', 'export', '--bucket', 'r2:second', file)).toMatchObject({ status: 0 });
  expect(await tier.backup('c', 'export', '--bucket', 'r2:second', file)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('exists already; nothing was written'),
  });
  await restored(readFileSync(file), async (ask) => expect(await ask('DBSIZE')).toBe('5000\n'));
});

test('an RDB that does not pass its check is no backup, and nothing of it stays', async () => {
  tier.instead = join(tier.root, 'instead');
  mkdirSync(tier.instead);
  const program = join(tier.instead, 'valkey-check-rdb');
  writeFileSync(program, '#!/bin/sh\necho "Unexpected EOF reading RDB file"; exit 1\n', { mode: 0o755 });
  const before = [await s3.names('first'), await s3.names('second')];
  try {
    expect(await tier.backup('b', 'now')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/s3:first has no new backup: damaged: the RDB is damaged: Unexpected EOF/),
    });
  } finally {
    tier.instead = null;
  }
  expect([await s3.names('first'), await s3.names('second')]).toEqual(before);
  expect(metrics('b', 'backup')).toMatch(/cachetier_backup_problem\{[^}]*"s3:first"[^}]*cause="damaged"\} 1/);
}, 60_000);

test('each trouble with a bucket is told by its cause', async () => {
  const stranger: S3Key = { accessKeyId: 'nobody', secretAccessKey: 'nothing-at-all' };
  const reader = await s3.makeKey('reader', [
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: ['arn:aws:s3:::second', 'arn:aws:s3:::second/*'],
    },
  ]);
  await s3.admin('quota', 'set', 's3/small', '--size', '1KiB');
  for (const [change, cause] of [
    [{ id: 's3:x', bucket: 'no-such-bucket' }, 'bucket-gone'],
    [{ id: 's3:x', bucket: 'second', ...stranger }, 'wrong-key'],
    [{ id: 's3:x', bucket: 'second', secretAccessKey: 'another-secret' }, 'wrong-key'],
    [{ id: 's3:x', bucket: 'second', region: 'eu-central-1' }, 'wrong-region'],
    [{ id: 's3:x', bucket: 'second', prefix: 'reader', ...reader }, 'forbidden'],
    [{ id: 's3:x', bucket: 'small' }, 'bucket-full'],
  ] as const) {
    await withSettings(change, async () => {
      expect([cause, await tier.backup('b', 'now')]).toMatchObject([
        cause,
        { status: 1, stdout: expect.stringContaining(`s3:x has no new backup: ${cause}: `) },
      ]);
    });
  }
}, 120_000);

test('old backups go and those that the retention keeps stay', async () => {
  const old = ['20260101T030000Z', '20260201T030000Z', '20260201T040000Z', '20260202T030000Z'];
  for (const stamp of old) {
    for (const end of ['rdb.age', 'json']) await s3.write('first', `orders/orders-prod-${stamp}-a.${end}`, stamp);
  }
  await s3.write('first', 'orders/orders-prod-20260301T030000Z-a.rdb.age', 'an upload that was cut off');
  await s3.write('first', 'orders/another-20200101T030000Z-a.json', 'of another tier');
  await s3.write('first', 'orders/notes.txt', 'not ours');
  await tier.backup('b', 'now');
  const left = await s3.names('first');
  // Two days are kept: today and the last one before it.
  expect(left.filter((file) => /orders-prod-20260[123]/.test(file))).toEqual([
    'orders/orders-prod-20260202T030000Z-a.json',
    'orders/orders-prod-20260202T030000Z-a.rdb.age',
  ]);
  expect(left).toContain('orders/another-20200101T030000Z-a.json');
  expect(left).toContain('orders/notes.txt');
}, 60_000);

test('a key that may not delete leaves old backups, and the backup is good all the same', async () => {
  const writer = await s3.makeKey('writer', [
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
      Resource: ['arn:aws:s3:::second', 'arn:aws:s3:::second/*'],
    },
  ]);
  await s3.write('second', 'writer/orders-prod-20260101T030000Z-a.json', 'old');
  await withSettings(
    { id: 's3:x', bucket: 'second', prefix: 'writer', keep: { daily: 1, weekly: 0 }, ...writer },
    async () => {
      expect(await tier.backup('b', 'now')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('s3:x: 2 old objects stay: forbidden: '),
      });
      expect(metrics('b', 'backup')).toMatch(/cachetier_backup_expired_objects\{[^}]*\} 2\n/);
    },
  );
}, 60_000);

test('shipped files restore every write up to a second, and all of them', async () => {
  const script = "for i = 1, 200 do redis.call('SET', KEYS[1] .. i, i) end";
  await tier.startShipping('b');
  const shipped = (): number => {
    const [, moment] =
      /cachetier_backup_shipped_timestamp_seconds\{[^}]*\} ([\d.]+)/.exec(metrics('b', 'continuous')) ?? [];
    if (!moment) throw new Error('nothing is shipped yet');
    return Number(moment);
  };
  await eventually(shipped, { withinMs: 30_000 });
  await tier.ask('a', 'valkey', 'EVAL', script, '1', 'orders:early:');
  const between = Math.ceil(Date.now() / 1000) + 1;
  await eventually(() => expect(Date.now() / 1000).toBeGreaterThan(between + 2), { withinMs: 10_000 });
  // A rewrite takes the files away that are read.
  await tier.ask('b', 'valkey', 'BGREWRITEAOF');
  await eventually(async () =>
    expect(await tier.ask('b', 'valkey', 'INFO', 'persistence')).toContain('aof_rewrite_in_progress:0'),
  );
  await tier.ask('a', 'valkey', 'EVAL', script, '1', 'orders:late:');
  const written = Date.now() / 1000;
  await eventually(
    async () => {
      // As the pulse does in a tier.
      await tier.ask('a', 'valkey', 'SET', 'orders:pulse', String(Date.now()));
      expect(shipped()).toBeGreaterThan(written + 1);
    },
    { withinMs: 30_000, everyMs: 200 },
  );
  await tier.stop('b', 'shipping');
  const at = new Date(between * 1000).toISOString().replace('.000', '');
  for (const [options, late] of [
    [['--at', at], 0],
    [[], 200],
  ] as const) {
    const file = join(tier.root, `shipped-${late}.rdb`);
    expect(await tier.backup('c', 'export', '--bucket', 's3:first', ...options, file)).toMatchObject({ status: 0 });
    await restored(readFileSync(file), async (ask) => {
      const count = async (pattern: string): Promise<number> =>
        Number(await ask('EVAL', "return #redis.call('KEYS', ARGV[1])", '0', pattern));
      expect(await count('orders:early:*')).toBe(200);
      expect(await count('orders:late:*')).toBe(late);
    });
  }
  expect(await tier.backup('c', 'export', '--bucket', 's3:first', '--at', '2026-01-01T00:00:00Z', 'x')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/holds nothing of 2026-01-01T00:00:00Z; it can restore to any second from \d{4}-/),
  });
  expect(JSON.parse((await tier.backup('c', 'list', '--json')).stdout)).toMatchObject({
    tier: 'orders-prod',
    buckets: [
      { bucket: 's3:first', spans: [{ from: expect.stringMatching(/Z$/), to: expect.stringMatching(/Z$/) }] },
      { bucket: 'r2:second', spans: [] },
    ],
    silent: [{ bucket: 's3:closed', cause: 'unreachable' }],
  });
}, 120_000);

test('the primary is read where no replica is synced, and a replica that lost its primary takes nothing', async () => {
  for (const letter of ['b', 'c']) await tier.stop(letter, 'valkey');
  await eventually(async () => {
    expect(await tier.ask('a', 'valkey', 'INFO', 'replication')).toContain('connected_slaves:0');
  });
  expect((await tier.backup('a', 'now')).stdout).toContain('no replica is synced, so the primary is read');
  expect((await s3.names('second')).some((file) => file.endsWith('Z-a.json'))).toBe(true);
  for (const letter of ['b', 'c']) await tier.start(letter, 'valkey');
  await eventually(async () => {
    expect((await tier.ask('a', 'valkey', 'INFO', 'replication')).match(/state=online/g)).toHaveLength(2);
  });
  await tier.stop('a', 'valkey');
  const before = await s3.names('second');
  await eventually(async () => {
    expect(await tier.ask('b', 'valkey', 'INFO', 'replication')).toContain('master_link_status:down');
  });
  expect(await tier.backup('b', 'now')).toMatchObject({
    status: 0,
    stdout: 'this replica is not synced; nothing is taken from it\n',
  });
  expect(await s3.names('second')).toEqual(before);
  await tier.start('a', 'valkey');
}, 60_000);

test('leaves no copy of the data behind, and no secret in what it says', async () => {
  expect(
    readdirSync(tier.backupState('b')).filter((name) => !/^(backup|drill|continuous)\.(json|lock)$/.test(name)),
  ).toEqual(['piece.age']);
  await synced(5400);
  const done = await tier.backup('b', 'now');
  for (const secret of [
    tier.secrets.internal.backup,
    tier.secrets.backupKey?.privateKey.split('\n')[1] ?? '',
    s3.root.secretAccessKey,
  ]) {
    expect(done.stderr + done.stdout).not.toContain(secret);
  }
}, 60_000);

async function synced(keys: number): Promise<void> {
  // WAIT would know nothing of what another connection wrote.
  await eventually(async () => {
    for (const letter of ['b', 'c'])
      expect(Number(await tier.ask(letter, 'valkey', 'DBSIZE'))).toBeGreaterThanOrEqual(keys);
  });
}

/** With one other bucket instead of those of the tier. */
async function withSettings(change: object, task: () => Promise<void>): Promise<void> {
  const file = join(tier.folder('b'), 'machine/etc/cachetier/backup.json');
  const good = readFileSync(file, 'utf8');
  const given = JSON.parse(good) as { destinations: readonly object[] };
  writeFileSync(file, JSON.stringify({ ...given, destinations: [{ ...given.destinations[0], ...change }] }));
  try {
    await task();
  } finally {
    writeFileSync(file, good);
    rmSync(join(tier.backupState('b'), 'backup.json'), { force: true });
  }
}

async function newest(bucket: string): Promise<string> {
  const names = (await s3.names(bucket)).filter((name) => /^orders\/orders-prod-.*\.json$/.test(name));
  const last = names.at(-1);
  if (!last) throw new Error(`${bucket} has no backup`);
  return last;
}

async function opened(bucket: string, name: string, key: string): Promise<Buffer> {
  const { file, env } = await tools();
  const at = join(tier.root, 'opened');
  await s3.download(bucket, name, `${at}.age`);
  writeFileSync(`${at}.key`, key, { mode: 0o600 });
  const done = await run(file('age'), ['-d', '-i', `${at}.key`, '-o', at, `${at}.age`], { env });
  if (done.status !== 0) throw new Error(done.stderr);
  return readFileSync(at);
}

function metrics(letter: string, program: string): string {
  return readFileSync(join(tier.metrics(letter), `${program}.prom`), 'utf8');
}

async function isAccepted(input: string): Promise<void> {
  const { file, env } = await tools();
  expect(await run(file('promtool'), ['check', 'metrics'], { env, input })).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
}

/** A server of its own on what was stored. */
async function restored(
  rdb: Buffer,
  look: (ask: (...command: string[]) => Promise<string>) => Promise<void>,
): Promise<void> {
  const { file, env } = await tools();
  const folder = join(tier.root, 'restored');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'dump.rdb'), rdb);
  const socket = join(folder, 'socket');
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''];
  const child = spawn(file('valkey-server'), args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ask = async (...command: string[]): Promise<string> =>
    (await run(file('valkey-cli'), ['-s', socket, ...command], { env })).stdout;
  try {
    await eventually(async () => expect(await ask('PING')).toBe('PONG\n'));
    await look(ask);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
