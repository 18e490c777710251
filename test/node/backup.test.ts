import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { run, type Finished } from '../../constructs/local/run';
import type { CacheTierPlan } from '../../constructs/tier';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startS3, type S3Server } from '../support/s3';
import { tools } from '../support/tools';
import { Loopback } from './loopback';
import { nodesPlan, richest } from './plans';

/** The rendered script against a real S3 server, and what it stored in a fresh Valkey. */
let s3: S3Server;
let tier: Loopback;

type Destination = CacheTierPlan['backup']['destinations'][number];

beforeAll(async () => {
  s3 = await startS3();
  await s3.makeBucket('first');
  await s3.makeBucket('second');
  const plan = nodesPlan(richest, 'local');
  const base = {
    provider: 's3',
    prefix: 'orders',
    region: 'us-east-1',
    schedule: 'daily',
    keep: { daily: 2, weekly: 0 },
  } as const;
  const destinations: readonly Destination[] = [
    { ...base, id: 's3:closed', bucket: 'closed', endpoint: `http://127.0.0.1:${await freePort()}` },
    { ...base, id: 's3:first', bucket: 'first', endpoint: s3.endpoint },
    {
      ...base,
      id: 'r2:second',
      provider: 'r2',
      bucket: 'second',
      endpoint: s3.endpoint,
      region: 'auto',
      schedule: 'weekly',
    },
  ];
  tier = await Loopback.create({ ...plan, backup: { ...plan.backup, destinations } });
  for (const letter of ['a', 'b', 'c']) {
    tier.write(letter);
    mkdirSync(metrics(letter));
    mkdirSync(state(letter));
    await tier.start(letter, 'valkey');
  }
  await eventually(async () => {
    expect((await tier.ask('a', 'valkey', 'INFO', 'replication')).match(/state=online/g)).toHaveLength(2);
  });
  await tier.ask('a', 'valkey', 'EVAL', "for i = 1, 5000 do redis.call('SET', 'orders:' .. i, i) end", '0');
  // WAIT would know nothing of what another connection wrote.
  await eventually(async () => {
    for (const letter of ['b', 'c'])
      expect(Number(await tier.ask(letter, 'valkey', 'DBSIZE'))).toBeGreaterThanOrEqual(5000);
  });
}, 60_000);

afterAll(async () => {
  await tier.remove();
  await s3.stop();
});

test('the replica of the lowest letter acts, the others say who does', async () => {
  expect(await backup('c', 'weekly')).toMatchObject({ status: 0, stderr: expect.stringContaining('node b takes it') });
  expect(await backup('a', 'weekly')).toMatchObject({ status: 0, stderr: expect.stringContaining('node b takes it') });
  expect(await stored('second')).toEqual([]);
});

test('what is stored is restored with equal keys', async () => {
  expect(await backup('b', 'weekly')).toMatchObject({ status: 0 });
  const [name = ''] = (await stored('second')).filter((file) => file.endsWith('.json'));
  expect(name).toMatch(/^orders\/orders-prod-\d{8}T\d{6}Z-b\.json$/);
  const manifest = JSON.parse((await download('second', name)).toString()) as Record<string, unknown>;
  const rdb = await download('second', name.replace('.json', '.rdb'));
  expect(manifest).toMatchObject({
    format: 'cachetier.backup/1',
    tier: 'orders-prod',
    node: 'b',
    role: 'replica',
    keys: 5000,
    bytes: rdb.length,
    sha256: createHash('sha256').update(rdb).digest('hex'),
  });
  const digest = await tier.ask('b', 'valkey', 'GET', 'orders:4321');
  await restored(rdb, async (ask) => {
    expect(await ask('DBSIZE')).toBe('5000\n');
    expect(await ask('GET', 'orders:4321')).toBe(digest);
  });
});

test('one bucket that does not answer leaves the others their backup, and the unit fails', async () => {
  const done = await backup('b', 'daily');
  expect(done).toMatchObject({ status: 1, stderr: expect.stringContaining('s3:closed has no new backup') });
  expect(await stored('first')).toHaveLength(2);
  const published = readdirSync(metrics('b'))
    .map((file) => readFileSync(join(metrics('b'), file), 'utf8'))
    .join('');
  expect(published).toMatch(
    /cachetier_backup_last_attempt_succeeded\{tier="orders-prod",destination="s3:closed",schedule="daily"\} 0/,
  );
  expect(published).toMatch(
    /cachetier_backup_last_attempt_succeeded\{tier="orders-prod",destination="s3:first",schedule="daily"\} 1/,
  );
  expect(published).toMatch(/cachetier_backup_last_success_timestamp_seconds\{[^}]*"s3:first"[^}]*\} \d{10}\n/);
  expect(published).toMatch(/cachetier_backup_keys\{[^}]*"s3:first"[^}]*\} 5000\n/);
  expect(published).not.toMatch(/last_success_timestamp_seconds\{[^}]*"s3:closed"/);
  const { file, env } = await tools();
  for (const name of readdirSync(metrics('b'))) {
    const input = readFileSync(join(metrics('b'), name), 'utf8');
    expect(await run(file('promtool'), ['check', 'metrics'], { env, input })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  }
}, 120_000);

test('a failure keeps the values of the last good backup', async () => {
  const file = join(metrics('b'), 'backup-r2_second.prom');
  const before = /last_success_timestamp_seconds\S* (\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
  const env = join(etc('b'), 'backup.env');
  const good = readFileSync(env, 'utf8');
  writeFileSync(env, good.replaceAll(s3.endpoint, 'http://127.0.0.1:1'));
  expect(await backup('b', 'weekly')).toMatchObject({ status: 1 });
  writeFileSync(env, good);
  expect(readFileSync(file, 'utf8')).toContain(
    'succeeded{tier="orders-prod",destination="r2:second",schedule="weekly"} 0',
  );
  expect(/last_success_timestamp_seconds\S* (\d+)/.exec(readFileSync(file, 'utf8'))?.[1]).toBe(before);
}, 120_000);

test('old backups go and those that the retention keeps stay', async () => {
  const old = ['20260101T030000Z', '20260201T030000Z', '20260201T040000Z', '20260202T030000Z'];
  for (const stamp of old) {
    for (const end of ['rdb', 'json']) await upload('first', `orders/orders-prod-${stamp}-a.${end}`, stamp);
  }
  await upload('first', 'orders/another-20200101T030000Z-a.json', 'of another tier');
  await upload('first', 'orders/notes.txt', 'not ours');
  await backup('b', 'daily');
  const left = (await stored('first')).filter((file) => file.endsWith('.json') || file.endsWith('.txt'));
  // Two days are kept: today and the last one before it.
  expect(left.filter((file) => /orders-prod-2026(01|02)/.test(file))).toEqual([
    'orders/orders-prod-20260202T030000Z-a.json',
  ]);
  expect(left).toContain('orders/another-20200101T030000Z-a.json');
  expect(left).toContain('orders/notes.txt');
}, 120_000);

test('the primary is read where no replica is synced', async () => {
  await tier.stop('b', 'valkey');
  await tier.stop('c', 'valkey');
  await eventually(async () => {
    expect(await tier.ask('a', 'valkey', 'INFO', 'replication')).toContain('connected_slaves:0');
  });
  expect(await backup('a', 'weekly')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('so the primary is read'),
  });
  expect((await stored('second')).some((file) => file.endsWith('Z-a.json'))).toBe(true);
  await tier.start('b', 'valkey');
  await tier.start('c', 'valkey');
});

test('a replica that lost its primary takes nothing', async () => {
  const before = await stored('second');
  await tier.stop('a', 'valkey');
  await eventually(async () => {
    expect(await tier.ask('b', 'valkey', 'INFO', 'replication')).toContain('master_link_status:down');
  });
  expect(await backup('b', 'weekly')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('this replica is not synced'),
  });
  expect(await stored('second')).toEqual(before);
  await tier.start('a', 'valkey');
});

test('leaves no copy of the data behind, and no secret in what it says', async () => {
  expect(readdirSync(state('b')).filter((file) => existsSync(join(state('b'), file, 'dump.rdb')))).toEqual([]);
  await eventually(async () => {
    const done = await backup('b', 'weekly');
    expect(done).toMatchObject({ status: 0 });
    for (const secret of [
      tier.secrets.internal.backup,
      ...Object.values(tier.secrets.buckets).map((key) => key.secretAccessKey),
    ]) {
      expect(done.stderr + done.stdout).not.toContain(secret);
    }
  });
});

async function backup(letter: string, schedule: string): Promise<Finished> {
  const lines = readFileSync(join(etc(letter), 'backup.env'), 'utf8').matchAll(/^(\w+)='(.*)'$/gm);
  return tier.script(letter, 'backup', [schedule], {
    ...Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value])),
    CA_FILE: join(tier.placement(letter).folders.tls, 'ca.crt'),
    METRICS_FOLDER: metrics(letter),
    STATE_DIRECTORY: state(letter),
    RCLONE_RETRIES: '1',
    RCLONE_LOW_LEVEL_RETRIES: '1',
  });
}

async function rclone(...args: string[]): Promise<string> {
  const { file, env } = await tools();
  const remote = { TYPE: 's3', PROVIDER: 'Other', ENDPOINT: s3.endpoint, ACCESS_KEY_ID: 'x', SECRET_ACCESS_KEY: 'y' };
  const named = Object.fromEntries(Object.entries(remote).map(([name, value]) => [`RCLONE_CONFIG_S3_${name}`, value]));
  const done = await run(file('rclone'), ['--config=', ...args], { env: { ...env, ...named } });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

async function stored(bucket: string): Promise<string[]> {
  return (await rclone('lsf', '-R', '--files-only', `s3:${bucket}`)).split('\n').filter(Boolean);
}

async function download(bucket: string, name: string): Promise<Buffer> {
  const to = join(tier.root, 'downloaded');
  await rclone('copyto', `s3:${bucket}/${name}`, to);
  return readFileSync(to);
}

async function upload(bucket: string, name: string, content: string): Promise<void> {
  const from = join(tier.root, 'uploaded');
  writeFileSync(from, content);
  await rclone('copyto', from, `s3:${bucket}/${name}`);
}

/** A server of its own on what was stored. */
async function restored(
  rdb: Buffer,
  look: (ask: (...command: string[]) => Promise<string>) => Promise<void>,
): Promise<void> {
  const { file, env } = await tools();
  const folder = join(tier.root, 'restored');
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
    rmSync(folder, { recursive: true });
  }
}

function etc(letter: string): string {
  return join(tier.folder(letter), 'machine/etc/cachetier');
}

function metrics(letter: string): string {
  return join(tier.folder(letter), 'metrics');
}

function state(letter: string): string {
  return join(tier.folder(letter), 'backup');
}
