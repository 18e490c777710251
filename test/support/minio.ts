import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../constructs/local/folders';
import { withLock } from '../../constructs/local/lock';
import { complaint, run } from '../../constructs/local/run';
import { eventually } from './eventually';
import { freePort } from './ports';

/**
 * A real S3 server (MinIO) and its admin program, built from their Go modules: it verifies signatures, regions, clocks
 * and certificates, has keys with policies, quotas and object lock.
 */
const modules = {
  minio: 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c',
  mc: 'github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9',
} as const;

/** A key pair of the server. */
export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How a server is started. */
export interface MinioOptions {
  /** Certificate and key in PEM: the server speaks TLS. @default - plain HTTP, for loopback */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** Address it listens on. @default - 127.0.0.1 */
  readonly address?: string;
  /** @default - a free one */
  readonly port?: number;
  /** Words before the program, such as those that enter a network namespace. @default - none */
  readonly within?: (command: readonly string[]) => readonly [string, ...string[]];
  /** @default - us-east-1 */
  readonly region?: string;
}

/** A running server with all it holds; `stop` removes it. */
export class Minio {
  readonly root: S3Key = { accessKeyId: 'root-of-the-test', secretAccessKey: 'a-secret-of-the-test' };

  private constructor(
    readonly endpoint: string,
    private readonly folder: string,
    private readonly bin: string,
    private readonly options: MinioOptions,
    private child: ReturnType<typeof spawn> | undefined,
  ) {}

  /** Builds the programs where the cache has none, which takes some minutes once, and starts the server. */
  static async start(options: MinioOptions = {}, onProgress?: (message: string) => void): Promise<Minio> {
    const bin = await programs(onProgress);
    const folder = mkdtempSync(join(tmpdir(), 'cachetier-s3-'));
    mkdirSync(join(folder, 'data'));
    mkdirSync(join(folder, 'certs/CAs'), { recursive: true });
    if (options.tls) {
      writeFileSync(join(folder, 'certs/public.crt'), options.tls.certificate);
      writeFileSync(join(folder, 'certs/private.key'), options.tls.privateKey, { mode: 0o600 });
    }
    const address = options.address ?? '127.0.0.1';
    const port = options.port ?? (await freePort());
    const endpoint = `${options.tls ? 'https' : 'http'}://${address}:${port}`;
    const server = new Minio(endpoint, folder, bin, options, undefined);
    try {
      await server.resume();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Starts it again after `pause`, with what it held. */
  async resume(): Promise<void> {
    const { endpoint, folder, options } = this;
    const args = [
      'server',
      '--quiet',
      '--certs-dir',
      join(folder, 'certs'),
      '--address',
      endpoint.split('//')[1] ?? '',
    ];
    const [program, ...words] = this.within([join(this.bin, 'minio'), ...args, join(folder, 'data')]);
    this.child = spawn(program, words, {
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        MINIO_ROOT_USER: this.root.accessKeyId,
        MINIO_ROOT_PASSWORD: this.root.secretAccessKey,
        MINIO_SITE_REGION: options.region ?? 'us-east-1',
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
        MINIO_CALLHOME_ENABLE: 'off',
      },
    });
    await eventually(() => this.admin('ready', 's3'), { withinMs: 30_000, everyMs: 200 });
  }

  /** Ends the server; what it holds stays. */
  async pause(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Process of the server, to be stopped and continued. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async makeBucket(name: string, ...options: readonly string[]): Promise<void> {
    await this.admin('mb', ...options, `s3/${name}`);
  }

  /** A key that may do what a policy says; by default read and write all of one bucket. */
  async makeKey(name: string, statements: readonly object[]): Promise<S3Key> {
    const key = { accessKeyId: name, secretAccessKey: `a-secret-of-${name}` };
    const file = join(this.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ Version: '2012-10-17', Statement: statements }));
    await this.admin('admin', 'user', 'add', 's3', key.accessKeyId, key.secretAccessKey);
    await this.admin('admin', 'policy', 'create', 's3', name, file);
    await this.admin('admin', 'policy', 'attach', 's3', name, '--user', name);
    return key;
  }

  /** Names below a bucket. */
  async names(bucket: string): Promise<readonly string[]> {
    const lines = (await this.admin('ls', '--recursive', '--json', `s3/${bucket}`)).split('\n').filter(Boolean);
    return lines.map((line) => (JSON.parse(line) as { key: string }).key).sort();
  }

  async read(bucket: string, name: string): Promise<string> {
    return this.admin('cat', `s3/${bucket}/${name}`);
  }

  async write(bucket: string, name: string, content: string | Buffer): Promise<void> {
    const file = join(this.folder, 'upload');
    writeFileSync(file, content);
    await this.admin('cp', '--quiet', file, `s3/${bucket}/${name}`);
  }

  async download(bucket: string, name: string, file: string): Promise<void> {
    await this.admin('cp', '--quiet', `s3/${bucket}/${name}`, file);
  }

  /** A command of MinIO's own client; the server is called `s3`. */
  async admin(...args: readonly string[]): Promise<string> {
    const { host } = new URL(this.endpoint);
    const address = `${new URL(this.endpoint).protocol}//${this.root.accessKeyId}:${this.root.secretAccessKey}@${host}`;
    const [program, ...words] = this.within([join(this.bin, 'mc'), '--insecure', '--config-dir', this.folder, ...args]);
    const env = { PATH: process.env['PATH'], HOME: this.folder, MC_HOST_s3: address, MC_UPDATE: 'off' };
    const done = await run(program, words, { env, timeoutMs: 60_000 });
    if (done.status !== 0) throw new Error(`mc ${args.slice(0, 3).join(' ')}: ${complaint(done)}`);
    return done.stdout;
  }

  private within(command: readonly string[]): readonly [string, ...string[]] {
    const [program = '', ...rest] = command;
    return this.options.within?.(command) ?? [program, ...rest];
  }
}

/** Folder with both programs. */
async function programs(onProgress: (message: string) => void = () => undefined): Promise<string> {
  const version = Object.values(modules)
    .map((module) => module.slice(-12))
    .join('-');
  const folder = join(cacheFolder(), `minio-${version}`);
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, { what: 'the S3 server of the tests', waitMs: 20 * 60_000 }, async () => {
    if (existsSync(folder)) return;
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    for (const [name, module] of Object.entries(modules)) {
      onProgress(`building ${name} (some minutes, once)`);
      const args = ['install', '-trimpath', '-ldflags', '-s -w', module];
      const done = await run('go', args, { env: { ...process.env, GOBIN: partial }, timeoutMs: 15 * 60_000 });
      if (done.status === null)
        throw new Error('the S3 server of the tests is built from source: install Go 1.24 or newer (go.dev/dl)');
      if (done.status !== 0) throw new Error(`${module} does not build: ${complaint(done)}`);
    }
    renameSync(partial, folder);
  });
  return folder;
}
