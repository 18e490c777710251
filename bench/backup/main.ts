import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis, type RedisOptions } from 'ioredis';
import { internalLogins } from '../../constructs/node';
import { complaint, run } from '../../constructs/local/run';
import { Loopback } from '../../test/node/loopback';
import { nodesPlan, richest } from '../../test/node/plans';
import { eventually } from '../../test/support/eventually';
import { Minio } from '../../test/support/minio';
import { tools } from '../../test/support/tools';

/** Each is done so often; the lowest time counts, as anything else on the machine only adds to it. */
const ROUNDS = 3;

/** Random values of this size: nothing can be made smaller on the way, by anyone. */
const VALUE = 4000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { gigabytes: { type: 'string', default: '1' } } });
  const bytes = Number(values.gigabytes) * 1e9;
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-bench-'));
  const s3 = await Minio.start({}, say);
  const tier = await makeTier(s3);
  try {
    say(`filling ${values.gigabytes} GB of random values`);
    await fill(tier, bytes);
    await latency(tier);
    await times(tier, s3, folder);
  } finally {
    await tier.remove();
    await s3.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeTier(s3: Minio): Promise<Loopback> {
  for (const bucket of ['ours', 'restic', 'rclone']) await s3.makeBucket(bucket);
  const plan = nodesPlan({ ...richest, dataset: '4GiB', engine: {} }, 'local');
  const destination = {
    id: 's3:ours',
    provider: 's3',
    bucket: 'ours',
    prefix: '',
    endpoint: s3.endpoint,
    region: 'us-east-1',
    schedule: 'daily',
    keep: { daily: 1, weekly: 0 },
    create: null,
  } as const;
  const tier = await Loopback.create({ ...plan, backup: { ...plan.backup, destinations: [destination] } });
  Object.assign(tier.secrets.buckets, { 's3:ours': s3.root });
  for (const letter of ['a', 'b']) {
    tier.write(letter);
    await tier.start(letter, 'valkey');
  }
  return tier;
}

/** Through one connection, many at a time. */
async function fill(tier: Loopback, bytes: number): Promise<void> {
  const client = connect(tier);
  for (let index = 0; index * VALUE < bytes; index += 500) {
    const batch = client.pipeline();
    // Fresh for each value: a tool that finds what it has seen before must not find it here.
    const values = randomBytes(500 * VALUE);
    for (let each = 0; each < 500 && (index + each) * VALUE < bytes; each += 1)
      batch.set(`orders:${index + each}`, values.subarray(each * VALUE, (each + 1) * VALUE));
    await batch.exec();
  }
  client.disconnect();
  await eventually(
    async () => {
      const [a, b] = await Promise.all(['a', 'b'].map((letter) => tier.ask(letter, 'valkey', 'DBSIZE')));
      if (a !== b) throw new Error('the replica has not caught up');
    },
    { withinMs: 120_000, everyMs: 200 },
  );
}

function connect(tier: Loopback): Redis {
  return new Redis(optionsOf(tier));
}

function optionsOf(tier: Loopback): RedisOptions {
  const { address, valkeyPort } = tier.address('a');
  return {
    host: address,
    port: valkeyPort,
    username: internalLogins.operator,
    password: tier.secrets.internal.operator,
    tls: { ca: tier.secrets.caCertificate },
  };
}

/**
 * What a client that writes a thousand times a second waits, with and without a backup from the replica. Nodes are machines
 * of their own: primary and client get one core of this one, and replica, backup and bucket another.
 */
async function latency(tier: Loopback): Promise<void> {
  await pin(process.pid, 1);
  for (const pid of await pids('valkey-server|minio')) await pin(pid, 1);
  for (const pid of await pids(join(tier.folder('a'), 'etc/valkey.conf'))) await pin(pid, 0);
  const quiet = await waits(tier, () => delay(15_000));
  const busy = await waits(tier, async () => {
    const done = await tier.backup('b', 'now');
    if (done.status !== 0) throw new Error(done.stdout + done.stderr);
  });
  const again = await waits(tier, () => delay(15_000));
  for (const pid of [process.pid, ...(await pids('valkey-server|minio'))]) await pin(pid, '0-1');
  const most = Math.max(quiet, again);
  say(
    `write latency of the primary, p99: quiet ${ms(quiet)}, during a backup from the replica ${ms(busy)}, quiet again ${ms(again)}`,
  );
  say(`p99 ratio ${(busy / most).toFixed(2)} (the quiet runs differ by ${(most / Math.min(quiet, again)).toFixed(2)})`);
}

/** The 99th percentile of what a client waited meanwhile, in milliseconds. */
async function waits(tier: Loopback, during: () => Promise<unknown>): Promise<number> {
  const child = spawn('taskset', ['-c', '0', process.execPath, join(__dirname, 'write.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stdin.write(`${JSON.stringify(optionsOf(tier))}\n`);
  await delay(500);
  await during();
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end();
  await ended;
  return Number(text);
}

async function pids(pattern: string): Promise<readonly number[]> {
  const { stdout } = await run('pgrep', ['-f', pattern]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** A process that has just ended needs no core. */
async function pin(pid: number, cores: number | string): Promise<void> {
  await run('taskset', ['-a', '-c', '-p', String(cores), String(pid)]);
}

/** The same job done by each: from a replica that serves to objects in a bucket, and back to a file on this machine. */
async function times(tier: Loopback, s3: Minio, folder: string): Promise<void> {
  const rdb = join(folder, 'dump.rdb');
  const restored = join(folder, 'restored');
  const peers = await peersFor(s3, folder);
  const ours = async (...args: readonly string[]): Promise<void> => {
    const done = await tier.backup('b', ...args);
    if (done.status !== 0) throw new Error(done.stdout + done.stderr);
  };
  const dumped = (upload: () => Promise<void>) => async () => {
    await dump(tier, rdb);
    await upload();
  };
  const { restic, rclone } = peers;
  const rows: readonly Row[] = [
    ['backup', 'restic', () => ours('now'), dumped(() => restic('backup', '-q', rdb))],
    ['backup', 'rclone', () => ours('now'), dumped(() => rclone('copyto', rdb, 's3:rclone/dump.rdb'))],
    [
      'restore',
      'restic',
      () => fetched(ours, restored),
      () => restic('restore', '-q', 'latest', '--target', `${restored}-restic`),
    ],
    [
      'restore',
      'rclone',
      () => fetched(ours, restored),
      () => rclone('copyto', 's3:rclone/dump.rdb', `${restored}-rclone`),
    ],
  ];
  for (const [what, peer, own, theirs] of rows) {
    const best = { own: Infinity, theirs: Infinity };
    for (let each = 0; each < ROUNDS; each += 1) {
      best.own = Math.min(best.own, await seconds(own));
      if (what === 'backup' && peer === 'restic') await peers.freshRepository();
      best.theirs = Math.min(best.theirs, await seconds(theirs));
      for (const end of ['-restic', '-rclone']) rmSync(restored + end, { recursive: true, force: true });
    }
    const ratio = (best.own / best.theirs).toFixed(2);
    say(`${what}: ours ${best.own.toFixed(1)} s, ${peer} ${best.theirs.toFixed(1)} s, ratio ${ratio}`);
  }
  const drill = await seconds(() => ours('drill'));
  const found = readFileSync(join(tier.metrics('b'), 'drill.prom'), 'utf8').match(
    /^cachetier_drill_keys\S* (\d+)/m,
  )?.[1];
  say(
    `drill: ${drill.toFixed(1)} s for ${(statSync(rdb).size / 1e9).toFixed(2)} GB, ${found} keys, as many as were saved`,
  );
}

/** restic and rclone with the settings that people give them. */
async function peersFor(s3: Minio, folder: string) {
  const { file, env } = await tools();
  const password = join(folder, 'restic-password');
  writeFileSync(password, 'of the bench', { mode: 0o600 });
  let round = 0;
  const must = async (program: 'restic' | 'rclone', args: readonly string[]): Promise<void> => {
    const remote = {
      ...env,
      AWS_ACCESS_KEY_ID: s3.root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.root.secretAccessKey,
      RESTIC_PASSWORD_FILE: password,
      RESTIC_REPOSITORY: `s3:${s3.endpoint}/restic/${round}`,
      RESTIC_CACHE_DIR: join(folder, 'restic-cache'),
      RCLONE_CONFIG_S3_TYPE: 's3',
      RCLONE_CONFIG_S3_PROVIDER: 'Other',
      RCLONE_CONFIG_S3_ENDPOINT: s3.endpoint,
      RCLONE_CONFIG_S3_ENV_AUTH: 'true',
    };
    const done = await run(file(program), args, { env: remote });
    if (done.status !== 0) throw new Error(`${program}: ${complaint(done)}`);
  };
  return {
    restic: (...args: readonly string[]) => must('restic', args),
    rclone: (...args: readonly string[]) => must('rclone', ['--config=', ...args]),
    /** Else all rounds but the first would find everything there already. */
    freshRepository: () => {
      round += 1;
      return must('restic', ['init', '-q']);
    },
  };
}

async function dump(tier: Loopback, rdb: string): Promise<void> {
  const { file, env } = await tools();
  rmSync(rdb, { force: true });
  const { address, valkeyPort } = tier.address('b');
  const ca = join(tier.placement('b').folders.tls, 'ca.crt');
  const login = ['--tls', '--cacert', ca, '--no-auth-warning', '--user', internalLogins.backup];
  const done = await run(file('valkey-cli'), [...login, '-h', address, '-p', String(valkeyPort), '--rdb', rdb], {
    env: { ...env, REDISCLI_AUTH: tier.secrets.internal.backup },
  });
  if (done.status !== 0) throw new Error(complaint(done));
}

type Row = readonly [what: string, peer: string, own: () => Promise<void>, theirs: () => Promise<void>];

async function fetched(ours: (...args: readonly string[]) => Promise<void>, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await ours('fetch', folder);
}

async function seconds(task: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await task();
  return (performance.now() - started) / 1000;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 3;
});
