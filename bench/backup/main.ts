import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
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
  const pool = randomBytes(64 << 20);
  for (let index = 0; index * VALUE < bytes; index += 500) {
    const batch = client.pipeline();
    for (let each = index; each < index + 500 && each * VALUE < bytes; each += 1) {
      const from = (each * 7919) % (pool.length - VALUE);
      batch.set(`orders:${each}`, Buffer.concat([Buffer.from(String(each)), pool.subarray(from, from + VALUE)]));
    }
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
  const { address, valkeyPort } = tier.address('a');
  return new Redis({
    host: address,
    port: valkeyPort,
    username: internalLogins.operator,
    password: tier.secrets.internal.operator,
    tls: { ca: tier.secrets.caCertificate },
  });
}

/** What a client that writes a thousand times a second waits, with and without a backup from the replica. */
async function latency(tier: Loopback): Promise<void> {
  const client = connect(tier);
  const quiet = await waits(client, () => delay(15_000));
  const busy = await waits(client, async () => {
    const done = await tier.backup('b', 'now');
    if (done.status !== 0) throw new Error(done.stdout + done.stderr);
  });
  const again = await waits(client, () => delay(15_000));
  client.disconnect();
  const [before, during, after] = [quiet, busy, again].map((all) => percentile(all, 0.99)) as [number, number, number];
  say(
    `write latency of the primary, p99: quiet ${ms(before)}, during a backup from the replica ${ms(during)}, quiet again ${ms(after)}`,
  );
  say(
    `p99 ratio ${(during / Math.max(before, after)).toFixed(2)} (quiet runs differ by ${(Math.max(before, after) / Math.min(before, after)).toFixed(2)}; backup, replica, bucket and primary share the cores of this machine)`,
  );
}

async function waits(client: Redis, during: () => Promise<unknown>): Promise<readonly number[]> {
  const all: number[] = [];
  let over = false;
  const writing = (async () => {
    for (let index = 0; !over; index += 1) {
      const started = performance.now();
      await client.set(`orders:latency:${index % 1000}`, 'x'.repeat(100));
      all.push(performance.now() - started);
      await delay(1);
    }
  })();
  await during();
  over = true;
  await writing;
  return all;
}

function percentile(all: readonly number[], share: number): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length * share)] ?? 0;
}

/** The same job done by each: from a replica that serves to objects in a bucket, and back to a file on this machine. */
async function times(tier: Loopback, s3: Minio, folder: string): Promise<void> {
  const { file, env } = await tools();
  const password = join(folder, 'restic-password');
  writeFileSync(password, 'of the bench', { mode: 0o600 });
  const remote = {
    ...env,
    AWS_ACCESS_KEY_ID: s3.root.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.root.secretAccessKey,
    RESTIC_PASSWORD_FILE: password,
    RESTIC_REPOSITORY: `s3:${s3.endpoint}/restic`,
    RESTIC_CACHE_DIR: join(folder, 'restic-cache'),
    RCLONE_CONFIG_S3_TYPE: 's3',
    RCLONE_CONFIG_S3_PROVIDER: 'Other',
    RCLONE_CONFIG_S3_ENDPOINT: s3.endpoint,
    RCLONE_CONFIG_S3_ENV_AUTH: 'true',
  };
  const must = async (program: 'restic' | 'rclone' | 'valkey-cli', args: readonly string[]): Promise<void> => {
    const done = await run(file(program), args, { env: remote });
    if (done.status !== 0) throw new Error(`${program}: ${complaint(done)}`);
  };
  const rdb = join(folder, 'dump.rdb');
  const dump = async (): Promise<void> => {
    rmSync(rdb, { force: true });
    const { address, valkeyPort } = tier.address('b');
    const login = [
      '--tls',
      '--cacert',
      join(tier.placement('b').folders.tls, 'ca.crt'),
      '--no-auth-warning',
      '--user',
      internalLogins.backup,
    ];
    const done = await run(file('valkey-cli'), [...login, '-h', address, '-p', String(valkeyPort), '--rdb', rdb], {
      env: { ...env, REDISCLI_AUTH: tier.secrets.internal.backup },
    });
    if (done.status !== 0) throw new Error(complaint(done));
  };
  await must('restic', ['init']);
  const ours = async (...args: readonly string[]): Promise<void> => {
    const done = await tier.backup('b', ...args);
    if (done.status !== 0) throw new Error(done.stdout + done.stderr);
  };
  const restored = join(folder, 'restored');
  const rows: Row[] = [
    [
      'backup',
      'restic',
      () => ours('now'),
      async () => (
        await dump(),
        await must('restic', ['backup', '-q', rdb]),
        await must('restic', ['forget', '-q', '--keep-last', '1', '--prune'])
      ),
    ],
    [
      'backup',
      'rclone',
      () => ours('now'),
      async () => (await dump(), await must('rclone', ['--config=', 'copyto', rdb, 's3:rclone/dump.rdb'])),
    ],
    [
      'restore',
      'restic',
      () => fetched(ours, restored),
      async () => must('restic', ['restore', '-q', 'latest', '--target', `${restored}-restic`]),
    ],
    [
      'restore',
      'rclone',
      () => fetched(ours, restored),
      async () => must('rclone', ['--config=', 'copyto', 's3:rclone/dump.rdb', `${restored}-rclone`]),
    ],
  ];
  for (const [what, peer, own, theirs] of rows) {
    const best = { own: Infinity, theirs: Infinity };
    for (let round = 0; round < ROUNDS; round += 1) {
      best.own = Math.min(best.own, await seconds(own));
      best.theirs = Math.min(best.theirs, await seconds(theirs));
      for (const end of ['-restic', '-rclone']) rmSync(restored + end, { recursive: true, force: true });
      if (what === 'backup' && peer === 'restic') await must('restic', ['forget', '-q', '--keep-last', '1', '--prune']);
    }
    say(
      `${what}: ours ${best.own.toFixed(1)} s, ${peer} ${best.theirs.toFixed(1)} s, ratio ${(best.own / best.theirs).toFixed(2)}`,
    );
  }
  say(
    `drill, restored and counted: ${(await seconds(() => ours('drill'))).toFixed(1)} s for ${(statSync(rdb).size / 1e9).toFixed(2)} GB`,
  );
  say(
    readFileSync(join(tier.metrics('b'), 'drill.prom'), 'utf8')
      .split('\n')
      .filter((line) => /^cachetier_drill_(keys|checked)/.test(line))
      .join('; '),
  );
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
