import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../../constructs/local/run';
import { Loopback } from '../node/loopback';
import { nodesPlan, richest } from '../node/plans';
import { eventually } from '../support/eventually';
import { Minio } from '../support/minio';
import { tools } from '../support/tools';

/** `cachetier restore` where there is no server any more: the buckets of a real S3 server, read from this machine. */
const main = resolve(__dirname, '../../dist/cli/main.js');
let s3: Minio;
let tier: Loopback;
let access: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  if (!existsSync(main)) throw new Error('dist/ is not built: run npm run build');
  s3 = await Minio.start();
  await s3.makeBucket('first');
  const plan = nodesPlan(richest, 'local');
  const destination = {
    id: 's3:first',
    provider: 's3',
    bucket: 'first',
    prefix: 'orders',
    endpoint: s3.endpoint,
    region: 'us-east-1',
    schedule: 'daily',
    keep: { daily: 7, weekly: 0 },
    create: null,
  } as const;
  tier = await Loopback.create({ ...plan, backup: { ...plan.backup, destinations: [destination] } });
  Object.assign(tier.secrets.buckets, { 's3:first': s3.root });
  tier.write('a');
  await tier.start('a', 'valkey');
  await tier.ask('a', 'valkey', 'CONFIG', 'SET', 'min-replicas-to-write', '0');
  await tier.ask('a', 'valkey', 'SET', 'orders:1', 'kept');
  await tier.ask('a', 'valkey', 'SET', 'orders:2', 'ends', 'PX', '1');
  expect(await tier.backup('a', 'now')).toMatchObject({ status: 0 });
  access = join(tier.root, 'access.json');
  const backup = readFileSync(join(tier.folder('a'), 'machine/etc/cachetier/backup.json'), 'utf8');
  const nodes = [{ letter: 'a', host: '127.0.0.1', port: 1, hostKey: 'ssh-ed25519 AAAA' }];
  writeFileSync(access, JSON.stringify({ tier: 'orders-prod', user: 'root', privateKey: 'none', nodes, backup }));
  const { FORCE_COLOR: _force, ...plain } = (await tools()).env;
  env = plain;
}, 600_000);

afterAll(async () => {
  await tier?.remove();
  await s3?.stop();
});

function restore(...args: readonly string[]) {
  return spawnSync(process.execPath, [main, 'restore', access, ...args], { encoding: 'utf8', env });
}

test('lists what the buckets hold, for people and for machines', () => {
  const listed = restore();
  expect(listed).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^s3:first: 1 backups\n[^]*orders-prod-\d{8}T\d{6}Z-a  +\d keys, /),
  });
  expect(JSON.parse(restore('--json').stdout)).toMatchObject({
    buckets: [{ bucket: 's3:first', backups: [{ tier: 'orders-prod', node: 'a', role: 'primary' }], spans: [] }],
    silent: [],
  });
  expect(restore('--tier', 'another').stdout).toBe('s3:first: 0 backups\n');
});

test('writes a backup to a file that Valkey reads, once', async () => {
  const file = join(tier.root, 'out.rdb');
  expect(restore('--export', file, '--backup', 'latest')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('without encryption'),
  });
  const { file: program, env: path } = await tools();
  expect((await run(program('valkey-check-rdb'), [file], { env: path })).stdout).toContain('RDB looks OK');
  expect(restore('--export', file)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('exists already; nothing was written'),
  });
});

test('opens a backup to look inside, and leaves nothing of it', async () => {
  const child = spawn(process.execPath, [main, 'restore', access, '--look', '--json'], { env });
  let text = '';
  createInterface({ input: child.stdout }).on('line', (line) => (text += line));
  const socket = await eventually(() => (JSON.parse(text) as { socket: string }).socket, { withinMs: 30_000 });
  const { file, env: path } = await tools();
  expect((await run(file('valkey-cli'), ['-s', socket, 'GET', 'orders:1'], { env: path })).stdout).toBe('kept\n');
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGINT');
  await ended;
  expect(existsSync(socket)).toBe(false);
  await eventually(async () => expect((await run('pgrep', ['-f', socket])).stdout).toBe(''));
}, 60_000);

test.each([
  [['--look', '--resume'], 2, '--look and --resume exclude each other'],
  [['--backup', 'latest', '--at', '2026-11-20T10:00:00Z'], 2, '--backup and --at exclude each other'],
  [['--at', 'yesterday'], 2, '--at: got "yesterday", needed one such as 2026-11-20T10:00:00Z'],
  [['--bucket', 'first'], 2, '--bucket: got "first", needed one such as r2:my-bucket'],
  [['--export', 'x.rdb', '--bucket', 's3:another'], 3, 'there is no bucket s3:another; needed one of s3:first'],
  [
    ['--export', 'x.rdb', '--backup', 'orders-prod-20200101T000000Z-a'],
    3,
    'has no backup orders-prod-20200101T000000Z-a; the newest is orders-prod-',
  ],
  [
    ['--backup', 'latest'],
    1,
    'no node answers; with every server gone, deploy new ones with restoreFrom in the config',
  ],
  [['--rollback'], 1, 'no node keeps data from before a restore on the nodes that answer; a did not'],
] as const)('refuses %j', (args, status, says) => {
  expect(restore(...args)).toMatchObject({ status, stderr: expect.stringContaining(says) });
});

test('says what is missing where a tier has no bucket', () => {
  const file = join(tier.root, 'bare.json');
  const { backup: _backup, ...bare } = JSON.parse(readFileSync(access, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(bare));
  expect(spawnSync(process.execPath, [main, 'restore', file], { encoding: 'utf8', env })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('orders-prod has no buckets: add backup.to to its config and deploy'),
  });
});
