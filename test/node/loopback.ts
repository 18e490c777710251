import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import type { PackageTree } from '../../constructs/local/distribution/fetch';
import { run, type Finished } from '../../constructs/local/run';
import {
  heldArguments,
  internalLogins,
  type NodeFile,
  type NodePlacement,
  type NodeSecrets,
  type NodesTierPlan,
  renderConfigFiles,
  renderMachineFiles,
} from '../../constructs/node';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { tools } from '../support/tools';
import { makeSecrets } from './secrets';

/** A tier on loopback from the rendered files, each node in a folder of its own. */
export class Loopback {
  private readonly children = new Map<string, ChildProcess>();

  private readonly keepers = new Map<string, string[]>();

  /** A folder of programs that come before the real ones. */
  instead: string | null = null;

  private constructor(
    readonly plan: NodesTierPlan,
    readonly secrets: NodeSecrets,
    readonly root: string,
    private readonly nodes: NodePlacement['nodes'],
    private readonly engine: PackageTree | null,
  ) {}

  /** @param engine - the Valkey that runs; that of the distribution where none is given */
  static async create(plan: NodesTierPlan, engine: PackageTree | null = null): Promise<Loopback> {
    const nodes: Record<string, NodePlacement['nodes'][string]> = {};
    for (const { letter } of plan.target.nodes) {
      nodes[letter] = { address: '127.0.0.1', valkeyPort: await freePort(), sentinelPort: await freePort() };
    }
    const root = mkdtempSync(join(tmpdir(), 'cachetier-node-'));
    return new Loopback(plan, await makeSecrets(plan), root, nodes, engine);
  }

  /** Folder of a node. */
  folder(letter: string): string {
    return join(this.root, letter);
  }

  placement(letter: string): NodePlacement {
    const at = (name: string): string => join(this.folder(letter), name);
    const folders = { config: at('etc'), tls: at('tls'), data: at('data'), log: at('log'), run: at('run') };
    return { nodes: this.nodes, folders, user: userInfo().username };
  }

  address(letter: string): NodePlacement['nodes'][string] {
    const address = this.nodes[letter];
    if (!address) throw new Error(`no node ${letter}`);
    return address;
  }

  /**
   * Writes the files of a node where its servers expect them, and those of the machine below `machine`; `later` leaves
   * out what is seeded once, as `cachetier-apply` does.
   */
  write(letter: string, plan = this.plan, secrets = this.secrets, when: 'first' | 'later' = 'first'): void {
    const placement = this.placement(letter);
    for (const folder of Object.values<string>({ ...placement.folders })) mkdirSync(folder, { recursive: true });
    const config = renderConfigFiles(plan, letter, placement, secrets);
    config.filter((file) => when === 'first' || !file.seedOnce).forEach((file) => put(file.path, file));
    renderMachineFiles(plan, letter, placement, secrets)
      .filter((file) => !config.some(({ path }) => path === file.path))
      .forEach((file) => put(join(this.folder(letter), 'machine', file.path), file));
    mkdirSync(this.state(letter), { recursive: true });
    // The scripts of a machine read the CA at its usual place.
    const env = join(this.folder(letter), 'machine/etc/cachetier/node.env');
    const caFile = `${placement.folders.tls}/ca.crt`;
    writeFileSync(env, `${readFileSync(env, 'utf8')}CA_FILE='${caFile}'\n`);
    const backup = join(this.folder(letter), 'machine/etc/cachetier/backup.json');
    if (!existsSync(backup)) return;
    const given = JSON.parse(readFileSync(backup, 'utf8')) as object;
    writeFileSync(backup, JSON.stringify({ ...given, caFile, metricsFolder: this.metrics(letter) }));
    for (const folder of [this.metrics(letter), this.backupState(letter)]) mkdirSync(folder, { recursive: true });
  }

  /** What the programs of a node publish. */
  metrics(letter: string): string {
    return join(this.folder(letter), 'metrics');
  }

  /** What the programs of the backup remember. */
  backupState(letter: string): string {
    return join(this.folder(letter), 'backup');
  }

  /** `cachetier-backup` of a node. */
  async backup(letter: string, ...args: string[]): Promise<Finished> {
    const { file } = await tools();
    const command = join(this.folder(letter), 'machine/usr/local/sbin/cachetier-backup');
    return run(file('python3'), ['-B', command, ...args], { env: await this.environment(letter), timeoutMs: 100_000 });
  }

  /** Starts what ships the append-only files of a node, a piece each second. */
  async startShipping(letter: string): Promise<void> {
    const { file } = await tools();
    const env = await this.environment(letter);
    const lib = env['CACHETIER_LIB'] ?? '';
    const child = spawn(file('python3'), ['-B', '-u', join(lib, 'backup/ship.py')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...env, PYTHONPATH: '', CACHETIER_SHIP_EVERY: '1' },
    });
    this.children.set(`${letter} shipping`, child);
  }

  /** What the scripts of a node remember. */
  state(letter: string): string {
    return join(this.folder(letter), 'machine/var/lib/cachetier');
  }

  /** The disk of a node is replaced by an empty one. */
  wipe(letter: string): void {
    rmSync(this.folder(letter), { recursive: true });
  }

  /** Starts a server; `held` as the unit of a machine starts Valkey. */
  async start(
    letter: string,
    server: 'valkey' | 'sentinel',
    how: 'as-configured' | 'held' = 'as-configured',
  ): Promise<void> {
    if (this.running(letter, server)) throw new Error(`${server} of ${letter} runs already`);
    const { file } = await tools();
    const name = server === 'valkey' ? 'valkey-server' : 'valkey-sentinel';
    const program = this.engine ? join(this.engine.bin, name) : file(name);
    const conf = join(this.placement(letter).folders.config, `${server}.conf`);
    const held = how === 'held' ? heldArguments : [];
    const child = spawn(program, [conf, ...held], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => said.push(part));
    this.children.set(`${letter} ${server}`, child);
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${server} of ${letter} ended: ${said.join('')}`);
      const answer = await this.ask(letter, server, 'PING');
      if (answer.trim() !== 'PONG') throw new Error(`${server} of ${letter} does not answer: ${answer}`);
    });
  }

  /** Starts the keeper of a node, and waits for its first word. */
  async startKeeper(letter: string): Promise<void> {
    const { file } = await tools();
    const keeper = join(this.folder(letter), 'machine/usr/local/lib/cachetier/keeper/keeper.py');
    const env = await this.environment(letter);
    const child = spawn(file('python3'), ['-B', '-u', keeper], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => said.push(part));
    this.children.set(`${letter} keeper`, child);
    this.keepers.set(letter, said);
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`the keeper of ${letter} ended: ${said.join('')}`);
      if (said.length === 0) throw new Error(`the keeper of ${letter} says nothing`);
    });
  }

  /** What the keeper of a node has said since its last start, a line for each change. */
  heard(letter: string): string {
    return this.keepers.get(letter)?.join('') ?? '';
  }

  async stop(
    letter: string,
    server: 'valkey' | 'sentinel' | 'keeper' | 'shipping',
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<void> {
    const child = this.running(letter, server);
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  private running(letter: string, server: string): ChildProcess | null {
    const child = this.children.get(`${letter} ${server}`);
    return child && child.exitCode === null && child.signalCode === null ? child : null;
  }

  /** One command as the operator; what the server answered, errors included. */
  async ask(letter: string, server: 'valkey' | 'sentinel', ...command: string[]): Promise<string> {
    const admin = server === 'valkey' ? 'operator' : 'sentinelAdmin';
    return this.as(letter, server, internalLogins[admin], this.secrets.internal[admin], ...command);
  }

  /** One command as any user. */
  async as(
    letter: string,
    server: 'valkey' | 'sentinel',
    user: string,
    password: string,
    ...command: string[]
  ): Promise<string> {
    const { valkeyPort, sentinelPort } = this.address(letter);
    return this.client(letter, server === 'valkey' ? valkeyPort : sentinelPort, user, password, command);
  }

  /** Commands of one transaction on one connection. */
  async transaction(
    letter: string,
    user: string,
    password: string,
    commands: readonly (readonly string[])[],
  ): Promise<string> {
    const input = [['MULTI'], ...commands, ['EXEC']].map((command) => `${command.join(' ')}\n`).join('');
    return this.client(letter, this.address(letter).valkeyPort, user, password, [], input);
  }

  /** What a port answers to PING without TLS. */
  async plain(port: number): Promise<string> {
    const { file, env } = await tools();
    const done = await run(file('valkey-cli'), ['-p', String(port), 'PING'], { env, timeoutMs: 5000 });
    return done.stdout + done.stderr;
  }

  private async client(
    letter: string,
    port: number,
    user: string,
    password: string,
    command: readonly string[],
    input?: string,
  ): Promise<string> {
    const { file, env } = await tools();
    const tls = ['--tls', '--cacert', join(this.placement(letter).folders.tls, 'ca.crt')];
    const login = password ? ['--no-auth-warning', '--user', user] : [];
    const done = await run(file('valkey-cli'), [...tls, ...login, '-h', '127.0.0.1', '-p', String(port), ...command], {
      env: password ? { ...env, REDISCLI_AUTH: password } : env,
      timeoutMs: 10_000,
      input,
    });
    return done.stdout + done.stderr;
  }

  /** A script of the machine, with this node's settings; programs of `path` come first. */
  async script(
    letter: string,
    name: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Finished> {
    const machine = join(this.folder(letter), 'machine');
    const base = await this.environment(letter);
    const { PATH: first = '', ...others } = env;
    return run(name.startsWith('/') ? join(machine, name) : join(base['CACHETIER_LIB'] ?? '', name), args, {
      env: { ...base, ...others, PATH: first ? `${first}:${base['PATH'] ?? ''}` : base['PATH'] },
      timeoutMs: 60_000,
    });
  }

  /** `cachetier-node` of a node. */
  async node(letter: string, ...args: string[]): Promise<Finished> {
    const { file } = await tools();
    const command = join(this.folder(letter), 'machine/usr/local/sbin/cachetier-node');
    return run(file('python3'), ['-B', command, ...args], { env: await this.environment(letter), timeoutMs: 150_000 });
  }

  private async environment(letter: string): Promise<NodeJS.ProcessEnv> {
    const machine = join(this.folder(letter), 'machine');
    const lib = join(machine, 'usr/local/lib/cachetier');
    const { env } = await tools();
    return {
      ...env,
      PATH: [this.instead, env['PATH']].filter(Boolean).join(':'),
      CACHETIER_ETC: join(machine, 'etc/cachetier'),
      CACHETIER_STATE: this.state(letter),
      CACHETIER_RUN: join(machine, 'run/cachetier'),
      CACHETIER_LIB: lib,
      CACHETIER_KEEPER: join(lib, 'keeper'),
      CACHETIER_BACKUP: join(lib, 'backup'),
      CACHETIER_RCLONE_RETRIES: '1',
      CACHETIER_ROOM: '1',
      STATE_DIRECTORY: this.backupState(letter),
    };
  }

  /** A script of the machine, and the arguments of every program that it started, with their names. */
  async traced(letter: string, name: string): Promise<{ readonly status: number | null; readonly log: string }> {
    const { env } = await tools();
    const folder = mkdtempSync(join(this.root, 'traced-'));
    const log = join(folder, 'log');
    for (const program of ['valkey-cli', 'timeout', 'sed', 'grep', 'sha256sum', 'cmp']) {
      const real = (await run('sh', ['-c', `command -v ${program}`], { env })).stdout.trim();
      const file = join(folder, program);
      writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$0 $*" >>'${log}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
    }
    const { status } = await this.script(letter, name, [], { PATH: folder });
    return { status, log: readFileSync(log, 'utf8') };
  }

  /** Whether a port shows a certificate of this CA. */
  async trusts(ca: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(ca) }, () => {
        resolve(true);
        socket.destroy();
      }).on('error', () => resolve(false));
    });
  }

  /** Stops every server and removes every file. */
  async remove(): Promise<void> {
    await Promise.all(
      [...this.children.keys()].map((key) => {
        const [letter = '', server] = key.split(' ');
        return this.stop(letter, server as 'valkey' | 'sentinel' | 'keeper', 'SIGKILL');
      }),
    );
    rmSync(this.root, { recursive: true, force: true });
  }
}

function put(path: string, file: NodeFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.content);
  chmodSync(path, Number.parseInt(file.mode, 8));
}
