import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inSyncCommand } from '../../../constructs/hetzner/in-sync';
import { monitoringPayload } from '../../../constructs/hetzner/monitoring-payload';
import { operatorFiles } from '../../../constructs/hetzner/operators';
import { cacheFolder } from '../../../constructs/local/folders';
import { complaint, run, type Finished } from '../../../constructs/local/run';
import {
  applyCommand,
  bootstrapCommand,
  hetznerPlacement,
  lettersOf,
  type NodeSecrets,
  type NodesTierPlan,
  renderApplyPayload,
  renderBackupSettings,
  renderMachineFiles,
  renderMonitoringUserData,
  renderUserData,
} from '../../../constructs/node';
import type { RolloutAccess } from '../../../constructs/rollout';
import type { HetznerPlan } from '../../../constructs/tier';
import { eventually } from '../../support/eventually';
import { nodesPlan, smallest } from '../../node/plans';
import { makeSecrets } from '../../node/secrets';
import { Disk } from './disk';
import { ensureImage, hostPackages, mirrorUrl, type ImageName } from './image';
import { Machine } from './machine';
import { metadataAddress, Network, publicSide } from './network';
import { must, shell } from './shell';

/** What a bench is made of. */
export interface BenchOptions {
  readonly plan: NodesTierPlan;
  /** @default - 'debian-13' */
  readonly image?: ImageName;
  /** Whether the packages are on the image already. @default - 'warm' */
  readonly kind?: 'bare' | 'warm';
  /** Seconds after its start at which a machine gets its private network, as at Hetzner. @default - 2 */
  readonly privateAfter?: number;
  /** Size of each disk. @default - '3G' */
  readonly diskSize?: string;
  /** @default - fresh ones */
  readonly secrets?: NodeSecrets;
  readonly onProgress?: (message: string) => void;
}

/** Addresses of hosts in the private network that are no machines of the tier. */
export const privateSide = { client: '10.20.7.1', prometheus: '10.20.9.10', stranger: '10.99.0.9' } as const;

type HetznerNodesPlan = NodesTierPlan & { readonly target: HetznerPlan };

interface SavedState {
  readonly plan: HetznerNodesPlan;
  readonly secrets: NodeSecrets;
  readonly hostKeys: Readonly<Record<string, { readonly privateKey: string; readonly publicKey: string }>>;
  readonly imageRoot: string;
  /** The same image without packages. */
  readonly bareRoot: string;
  readonly options: { readonly privateAfter: number; readonly diskSize: string };
}

const prefix = 'cachetier';

/**
 * Machines of a tier with real systemd and cloud-init, a network, and hosts around them. There is one at a time on a
 * host. What it makes is below one folder, in namespaces of its own, and is removed by `down`.
 */
export class Bench {
  readonly machines: Readonly<Record<string, Machine>>;
  readonly network = new Network(prefix);

  private constructor(private state: SavedState) {
    const entries = hostsOf(state.plan).map((letter) => {
      const folder = join(benchFolder(), letter);
      // Its packages are not on the image of the nodes: it installs them, as a new server does.
      const image = letter === monitoringHost ? state.bareRoot : state.imageRoot;
      const disk = new Disk(folder, image, state.options.diskSize);
      return [
        letter,
        new Machine(letter, disk, folder, this.network.namespace(letter), `${prefix}-${letter}`),
      ] as const;
    });
    this.machines = Object.fromEntries(entries);
  }

  /** Boots the machines from user data, and waits until cloud-init has ended on each. */
  static async up(options: BenchOptions): Promise<Bench> {
    needRoot();
    const { plan, image = 'debian-13', kind = 'warm', onProgress = () => undefined } = options;
    if (plan.target.kind !== 'hetzner')
      throw new Error(`machines boot from a plan for hetzner, got ${plan.target.kind}`);
    await Bench.down();
    await installHostPackages(onProgress);
    const made = plan as HetznerNodesPlan;
    const { root, bare, mirror } = await ensureImage(image, kind, packages, onProgress);
    mkdirSync(benchFolder(), { recursive: true, mode: 0o700 });
    const state: SavedState = {
      plan: made,
      secrets: options.secrets ?? (await makeSecrets(plan)),
      hostKeys: Object.fromEntries(await Promise.all(hostsOf(made).map(async (host) => [host, await makeKey(host)]))),
      imageRoot: root,
      bareRoot: bare,
      options: { privateAfter: options.privateAfter ?? 2, diskSize: options.diskSize ?? '3G' },
    };
    await makeKey('deploy');
    const bench = new Bench(state);
    bench.save();
    await bench.network.up({
      operator: { public: publicSide.operator },
      outsider: { public: publicSide.outsider },
      storage: { public: publicSide.storage },
      client: { private: privateSide.client },
      prometheus: { private: privateSide.prometheus },
      stranger: { private: privateSide.stranger },
    });
    await bench.serve(mirror);
    onProgress('booting');
    await Promise.all(hostsOf(made).map((host) => bench.create(host)));
    await Promise.all(hostsOf(made).map((host) => bench.booted(host)));
    return bench;
  }

  /** The bench that an earlier command has left running. */
  static open(): Bench {
    needRoot();
    const file = join(benchFolder(), 'state.json');
    if (!existsSync(file)) throw new Error('no bench is up; start one with "up"');
    return new Bench(JSON.parse(readFileSync(file, 'utf8')) as SavedState);
  }

  /** Ends and removes whatever a bench made, one that broke too. */
  static async down(): Promise<void> {
    needRoot();
    const file = join(benchFolder(), 'state.json');
    if (existsSync(file)) {
      const bench = new Bench(JSON.parse(readFileSync(file, 'utf8')) as SavedState);
      const machines = Object.values(bench.machines);
      await Promise.all(machines.map((machine) => machine.end()));
      await Promise.all(machines.map((machine) => machine.disk.remove()));
      const server = join(benchFolder(), 'serve.pid');
      if (existsSync(server)) await endServer(Number(readFileSync(server, 'utf8')));
    }
    await new Network(prefix).down();
    rmSync(benchFolder(), { recursive: true, force: true });
  }

  get plan(): HetznerNodesPlan {
    return this.state.plan;
  }

  get secrets(): NodeSecrets {
    return this.state.secrets;
  }

  get letters(): readonly string[] {
    return lettersOf(this.plan);
  }

  /** The CA of the tier, for clients on this host. */
  get caFile(): string {
    const file = join(benchFolder(), 'ca.crt');
    writeFileSync(file, this.secrets.caCertificate);
    return file;
  }

  machine(letter: string): Machine {
    const machine = this.machines[letter];
    if (!machine) throw new Error(`there is no machine ${letter}, but ${this.letters.join(', ')}`);
    return machine;
  }

  address(letter: string): string {
    if (letter === monitoringHost) return this.plan.target.monitoringServer?.address ?? '';
    return hetznerPlacement(this.plan).nodes[letter]?.address ?? '';
  }

  publicAddress(letter: string): string {
    return publicSide.of(hostsOf(this.plan).indexOf(letter));
  }

  /** What the deployment does: files and secrets to each node in turn, then the word that the tier is new. */
  async deploy(): Promise<void> {
    for (const letter of this.letters) await this.apply(letter);
    await this.bootstrap();
  }

  /** The step of the monitoring server, exactly as Pulumi sends it. */
  async applyMonitoring(smtpPassword: string | null = null): Promise<void> {
    const input = monitoringPayload(this.plan, smtpPassword);
    await this.ssh(monitoringHost, applyCommand, { input, timeoutMs: 400_000 });
  }

  /** The word that the tier is new; returns once it serves. */
  async bootstrap(): Promise<void> {
    await this.ssh(this.plan.target.firstPrimary, bootstrapCommand);
    await this.healthy();
  }

  /** The step of one node, over SSH on standard input, exactly as Pulumi sends it. */
  async apply(letter: string, plan = this.plan, secrets = this.secrets): Promise<string> {
    const done = await this.ssh(letter, `${applyCommand} && ${inSyncCommand}`, {
      input: payload(plan, letter, secrets),
      timeoutMs: 400_000,
    });
    this.state = { ...this.state, plan, secrets };
    this.save();
    return done.stdout;
  }

  /** The same with secrets that may be wrong, which are not kept; waits only so many seconds until the node serves. */
  tryApply(letter: string, secrets: NodeSecrets, patience: number): Promise<Finished> {
    return this.trySsh(letter, `${applyCommand} && ${inSyncCommand} --patience ${patience}`, {
      input: payload(this.plan, letter, secrets),
      timeoutMs: 120_000,
    });
  }

  /** The rollout by hand, with the command line, from the operator's host. */
  rollOut(...options: readonly string[]): Promise<Finished> {
    return this.cachetier(['rollout', '-', ...options]);
  }

  /** The command line on the operator's host; on its standard input, what the component gives as the output `rollout`. */
  cachetier(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Finished> {
    const { plan, secrets } = this;
    const access: RolloutAccess = {
      tier: plan.target.primaryName,
      user: 'root',
      privateKey: readFileSync(join(benchFolder(), 'key-deploy'), 'utf8'),
      nodes: this.letters.map((letter) => ({
        letter,
        host: this.publicAddress(letter),
        hostKey: this.state.hostKeys[letter]?.publicKey ?? '',
      })),
      ...(plan.backup.destinations.length === 0
        ? {}
        : { backup: renderBackupSettings(plan, plan.target.firstPrimary, hetznerPlacement(plan), secrets) }),
    };
    const program = join(__dirname, '../../../dist/cli/main.js');
    return this.on('operator', [process.execPath, program, ...args], {
      input: JSON.stringify(access),
      timeoutMs: 300_000,
      env,
    });
  }

  /** A command over SSH from the operator's host, with the host key that user data has brought. */
  async ssh(letter: string, command: string, { input = '', timeoutMs = 120_000 } = {}): Promise<Finished> {
    const done = await this.trySsh(letter, command, { input, timeoutMs });
    if (done.status !== 0)
      throw new Error(`ssh to ${letter}: ${command.slice(0, 80)} ended with ${done.status}: ${complaint(done, 8)}`);
    return done;
  }

  async trySsh(
    letter: string,
    command: string,
    { input = '', timeoutMs = 120_000, from = 'operator' } = {},
  ): Promise<Finished> {
    return this.on(from, ['ssh', ...this.sshArguments(letter), command], { input, timeoutMs });
  }

  /** Arguments of ssh up to the host. */
  sshArguments(letter: string): readonly string[] {
    const known = join(benchFolder(), `known-${letter}`);
    writeFileSync(known, `${this.publicAddress(letter)} ${this.state.hostKeys[letter]?.publicKey ?? ''}\n`);
    const options = [
      'BatchMode=yes',
      'ConnectTimeout=5',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${known}`,
      'LogLevel=ERROR',
    ];
    return [
      '-i',
      join(benchFolder(), 'key-deploy'),
      ...options.flatMap((option) => ['-o', option]),
      `root@${this.publicAddress(letter)}`,
    ];
  }

  /** Runs a program of this host in the network of one of the lab's hosts or machines. */
  async on(
    host: string,
    command: readonly string[],
    { input = '', timeoutMs = 60_000, env = process.env } = {},
  ): Promise<Finished> {
    const [program, ...args] = this.network.within(host, command);
    return run(program, args, { input, timeoutMs, env });
  }

  /** One command to Valkey or Sentinel of a node as the operator, from the machine itself. */
  async ask(letter: string, server: 'valkey' | 'sentinel', ...command: readonly string[]): Promise<string> {
    const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const done = await this.machine(letter).tryExec(`. /usr/local/lib/cachetier/lib.sh; ${server} ${words}`, {
      timeoutMs: 15_000,
    });
    return (done.stdout + done.stderr).trimEnd();
  }

  /** Letters of all nodes that answer as a primary. */
  async primaries(nodes = this.letters): Promise<readonly string[]> {
    const roles = await Promise.all(
      nodes.map(async (letter) => [letter, await this.ask(letter, 'valkey', 'ROLE')] as const),
    );
    return roles.filter(([, role]) => role.startsWith('master')).map(([letter]) => letter);
  }

  /** The one primary. */
  async primary(nodes = this.letters): Promise<string> {
    const [first, ...others] = await this.primaries(nodes);
    if (!first || others.length > 0)
      throw new Error(`expected one primary, got ${[first, ...others].join(', ') || 'none'}`);
    return first;
  }

  /** One primary, every other node a synced replica that may be chosen, Sentinels that agree, no unit failed. */
  async healthy(nodes = this.letters, withinMs = 60_000): Promise<string> {
    let last = '';
    try {
      return await eventually(
        async () => {
          last = '';
          const letter = await this.primary(nodes);
          for (const other of nodes) await this.inPlace(other, letter, nodes);
          return letter;
        },
        { withinMs, everyMs: 250 },
      );
    } catch (error) {
      const seen = await Promise.all(
        nodes.map((letter) =>
          this.machine(letter).tryExec(
            'cachetier-node status --why 2>&1; systemctl --failed --plain --no-legend; tail -n 8 /var/log/valkey/valkey-server.log',
          ),
        ),
      );
      last = nodes.map((letter, index) => `--- ${letter}\n${seen[index]?.stdout ?? ''}`).join('\n');
      throw new Error(`not healthy after ${withinMs / 1000} s: ${(error as Error).message}\n${last}`, { cause: error });
    }
  }

  private async inPlace(letter: string, primary: string, nodes: readonly string[]): Promise<void> {
    const info = await this.ask(letter, 'valkey', 'INFO', 'replication');
    const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
    const state =
      letter === primary
        ? `${value('role')} ${value('connected_slaves')}`
        : `${value('master_host')} ${value('master_link_status')} ${value('master_sync_in_progress')} ${value('slave_priority')}`;
    const wanted = letter === primary ? `master ${nodes.length - 1}` : `${this.address(primary)} up 0 100`;
    if (state !== wanted) throw new Error(`node ${letter} says "${state}", wanted "${wanted}"`);
    if (this.letters.length > 1) {
      const named = (
        await this.ask(letter, 'sentinel', 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.plan.target.primaryName)
      ).split('\n')[0];
      if (named !== this.address(primary))
        throw new Error(`the Sentinel of ${letter} names ${named}, wanted ${this.address(primary)}`);
      const quorum = await this.ask(letter, 'sentinel', 'SENTINEL', 'CKQUORUM', this.plan.target.primaryName);
      if (!quorum.startsWith(`OK ${nodes.length} usable`)) throw new Error(`the Sentinel of ${letter} says ${quorum}`);
    }
    // What a bucket does is no matter of how the tier is.
    const list = "systemctl --failed --plain --no-legend | { grep -vE '^cachetier-(backup|drill)[.]' || true; }";
    const failed = (await this.machine(letter).exec(list)).trim();
    if (failed) throw new Error(`on ${letter} failed: ${failed}`);
  }

  /** A new server on the address of an old one: new disk, same user data and host key, as the deployment would make it. */
  async rebuild(letter: string): Promise<void> {
    await this.machine(letter).end();
    await this.network.detach(letter, 'private');
    await this.create(letter);
    await this.booted(letter);
  }

  /** The address of the node is cut off from the private network. */
  cut(letter: string): Promise<void> {
    return this.network.cut(letter);
  }

  heal(letter: string): Promise<void> {
    return this.network.heal(letter);
  }

  /** A link between two machines alone is cut, in both directions. */
  async cutBetween(one: string, other: string): Promise<void> {
    const [left, right] = [this.address(one), this.address(other)];
    const rules = `add table bridge cut; add chain bridge cut ${one}${other} { type filter hook forward priority 0; }
add rule bridge cut ${one}${other} ip saddr ${left} ip daddr ${right} drop
add rule bridge cut ${one}${other} ip saddr ${right} ip daddr ${left} drop`;
    const [program, ...args] = this.network.within('lab', ['nft', '-f', '-']);
    await must(program, args, { input: rules });
  }

  async healBetween(one: string, other: string): Promise<void> {
    const [program, ...args] = this.network.within('lab', [
      'nft',
      'delete',
      'chain',
      'bridge',
      'cut',
      `${one}${other}`,
    ]);
    await must(program, args);
  }

  /** Nobody reaches one port of a node, from wherever. */
  async cutPort(letter: string, port: number): Promise<void> {
    const rules = `add table bridge cut; add chain bridge cut port${letter} { type filter hook forward priority 0; }
add rule bridge cut port${letter} ip daddr ${this.address(letter)} tcp dport ${port} drop
add rule bridge cut port${letter} ip saddr ${this.address(letter)} tcp sport ${port} drop`;
    const [program, ...args] = this.network.within('lab', ['nft', '-f', '-']);
    await must(program, args, { input: rules });
  }

  async healPort(letter: string): Promise<void> {
    const [program, ...args] = this.network.within('lab', ['nft', 'delete', 'chain', 'bridge', 'cut', `port${letter}`]);
    await must(program, args);
  }

  /** How often the role has moved, as Sentinel counts. */
  async epoch(letter = this.letters[0] ?? ''): Promise<number> {
    const said = (await this.ask(letter, 'sentinel', 'SENTINEL', 'MASTER', this.plan.target.primaryName)).split('\n');
    return Number(said[said.indexOf('config-epoch') + 1]);
  }

  private async create(letter: string): Promise<void> {
    const machine = this.machine(letter);
    const { plan, hostKeys } = this.state;
    const sshHostKey = hostKeys[letter];
    if (!sshHostKey) throw new Error(`no host key for ${letter}`);
    await machine.disk.create({
      metaData: JSON.stringify({
        'instance-id': `i-${letter}-${Date.now()}`,
        'local-hostname': plan.target.nodes.find((node) => node.letter === letter)?.name ?? letter,
        'public-keys': [readFileSync(join(benchFolder(), 'key-deploy.pub'), 'utf8').trim()],
      }),
      userData: userDataOf(plan, letter, sshHostKey),
      networkConfig: JSON.stringify({
        version: 2,
        // By name: a veth pair has no permanent address to match by.
        ethernets: {
          eth0: {
            addresses: [`${this.publicAddress(letter)}/24`],
            routes: [{ to: 'default', via: publicSide.gateway }],
            // None answers there; but netplan from 1.2 on waits for a link with one before it calls the machine online.
            nameservers: { addresses: [publicSide.gateway] },
          },
        },
      }),
    });
    if (!existsSync(`/run/netns/${this.network.namespace(letter)}`)) {
      await this.network.addNamespace(letter);
      await this.network.attach(letter, 'public', 'eth0');
    }
    await machine.powerOn();
    setTimeout(() => void this.plugIn(letter), this.state.options.privateAfter * 1000);
  }

  /** The private network comes while the machine already boots. */
  private async plugIn(letter: string): Promise<void> {
    await this.network.attach(letter, 'private', 'enp7s0', `${this.address(letter)}/16`).catch(() => undefined);
  }

  /** cloud-init has ended well, and the private address is there. */
  private async booted(letter: string): Promise<void> {
    const machine = this.machine(letter);
    await machine.until(
      'cloud-init has ended',
      async () => {
        const { stdout } = await machine.tryExec('cloud-init status --format json');
        return /"status": "(done|error)"/.test(stdout);
      },
      300_000,
    );
    const { stdout } = await machine.tryExec('cloud-init status --long --format json');
    const status = JSON.parse(stdout) as { status: string; errors: readonly string[]; extended_status: string };
    if (status.status !== 'done' || status.errors.length > 0 || /degraded/.test(status.extended_status)) {
      throw new Error(
        `cloud-init on ${letter} ended with ${stdout}\n${(await machine.tryExec('tail -n 40 /var/log/cloud-init-output.log')).stdout}`,
      );
    }
    await machine.until(
      'its private address is there',
      async () => (await machine.tryExec(`ip -4 -o addr show to ${this.address(letter)}/32 | grep .`)).status === 0,
      30_000,
    );
  }

  private async serve(mirror: string): Promise<void> {
    const ready = join(benchFolder(), 'serve.pid');
    const log = openSync(join(benchFolder(), 'serve.log'), 'a');
    const server = [process.execPath, join(__dirname, 'serve.js'), mirror, metadataAddress, ready];
    const [program, ...args] = this.network.within('lab', server);
    spawn(program, args, { stdio: ['ignore', log, log], detached: true }).unref();
    await eventually(() => {
      if (!existsSync(ready)) throw new Error(`the package mirror (${mirrorUrl}) does not start`);
    });
  }

  private save(): void {
    writeFileSync(join(benchFolder(), 'state.json'), JSON.stringify(this.state), { mode: 0o600 });
  }
}

function payload(plan: HetznerNodesPlan, letter: string, secrets: NodeSecrets): string {
  return renderApplyPayload([
    ...renderMachineFiles(plan, letter, hetznerPlacement(plan), secrets),
    ...operatorFiles(plan),
  ]);
}

function benchFolder(): string {
  return join(cacheFolder(), 'machines', 'bench');
}

/** @throws Error at once, before anything is made, for whoever is not root */
export function needRoot(): void {
  if (process.getuid?.() !== 0)
    throw new Error('booting machines needs root: namespaces, loop devices and mounts; run it with sudo');
}

/** The machine with Prometheus and Alertmanager, where the plan has one. */
export const monitoringHost = 'monitoring';

/** Machines of the bench: the nodes by letter, and what is beside them. */
function hostsOf(plan: HetznerNodesPlan): readonly string[] {
  return [...lettersOf(plan), ...(plan.target.monitoringServer ? [monitoringHost] : [])];
}

type SshKey = { readonly privateKey: string; readonly publicKey: string };

function userDataOf(plan: HetznerNodesPlan, host: string, sshHostKey: SshKey): string {
  const { monitoringServer } = plan.target;
  if (host === monitoringHost && monitoringServer)
    return renderMonitoringUserData(plan, monitoringServer, { sshHostKey });
  return renderUserData(plan, host, { sshHostKey });
}

/** The same for every plan, so that one image serves all benches. */
const noKey = { sshHostKey: { privateKey: '', publicKey: '' } };
const packages = {
  nodes: packagesIn(renderUserData(nodesPlan(smallest), 'a', noKey)),
  others: packagesIn(
    renderMonitoringUserData(
      nodesPlan(smallest),
      { name: '', address: '10.20.1.10', serverType: '', smtp: null },
      noKey,
    ),
  ),
};

function packagesIn(data: string): readonly string[] {
  const list = /^packages:\n((?: {2}- .*\n)+)/m.exec(data)?.[1];
  if (!list) throw new Error('user data names no packages');
  return list
    .trim()
    .split('\n')
    .map((line) => line.replace(/^ *- /, ''));
}

async function installHostPackages(onProgress: (message: string) => void): Promise<void> {
  const missing = (await run('dpkg-query', ['-W', '-f', '${Package} ${Status}\\n', ...hostPackages])).stdout;
  const lacking = hostPackages.filter((name) => !missing.includes(`${name} install ok installed`));
  if (lacking.length === 0) return;
  onProgress(`installing ${lacking.join(', ')}`);
  await shell(
    `export DEBIAN_FRONTEND=noninteractive; apt-get -q update; apt-get -q -y --no-install-recommends install ${lacking.join(' ')}`,
    { timeoutMs: 300_000, env: process.env },
  );
}

async function makeKey(name: string): Promise<{ privateKey: string; publicKey: string }> {
  const file = join(benchFolder(), `key-${name}`);
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
}

async function endServer(pid: number): Promise<void> {
  const { stdout } = await run('cat', [`/proc/${pid}/cmdline`]);
  if (stdout.includes('serve.js')) process.kill(pid, 'SIGKILL');
}
