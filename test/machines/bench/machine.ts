import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { complaint, run, type Finished } from '../../../constructs/local/run';
import { eventually } from '../../support/eventually';
import type { Disk } from './disk';
import { must } from './shell';

/**
 * A machine with its own systemd, disk and network, in a container that starts as a machine does.
 *
 * A network namespace outlives it, as a server keeps its place in a network.
 */
export class Machine {
  private nspawn: ChildProcess | undefined;

  constructor(
    readonly letter: string,
    readonly disk: Disk,
    private readonly folder: string,
    private readonly namespace: string,
    private readonly name: string,
  ) {}

  /** Switches the machine on. */
  async powerOn(): Promise<void> {
    if (this.init()) throw new Error(`machine ${this.letter} is on already`);
    mkdirSync(this.folder, { recursive: true });
    const log = openSync(join(this.folder, 'console.log'), 'a');
    const group = `/sys/fs/cgroup/${this.name}`;
    // The host may have no systemd, and cgroups of either version: the machine gets a cgroup2 tree of its own to see.
    // The disks of the other machines are let go: a file system lives as long as any view of the mounts has it.
    const script = `
cut -d ' ' -f 2 /proc/mounts | { grep -F '${dirname(this.folder)}/' || true; } | { grep -vF '${this.folder}/' || true; } | tac | xargs -r umount -l
umount -l /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p '${group}'; echo $$ >'${group}/cgroup.procs'
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 UNIFIED_CGROUP_HIERARCHY=1
exec systemd-nspawn --quiet --boot -D '${this.disk.root}' --machine='${this.name}' --hostname='${this.name}' --register=no --keep-unit \
  --network-namespace-path=/run/netns/${this.namespace} --link-journal=no --resolv-conf=off --timezone=off --console=pipe \
  --capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_NICE,CAP_IPC_LOCK`;
    this.nspawn = spawn('unshare', ['--mount', '--propagation', 'private', 'bash', '-euc', script], {
      stdio: ['ignore', log, log],
      detached: true,
      env: { PATH: process.env['PATH'], TERM: 'dumb' },
    });
    this.nspawn.unref();
    writeFileSync(this.pidFile, String(this.nspawn.pid));
    await this.until(
      'its systemd answers',
      async () => (await this.tryExec('systemctl list-jobs')).status === 0,
      30_000,
    );
  }

  /** The power is cut: no process ends in order, and what the disk does not have is lost. */
  async powerCut(): Promise<void> {
    await this.disk.loseWhatIsNotWritten();
    await this.end();
    await this.disk.unmount();
    await this.disk.mount();
  }

  /** Ends whatever runs, at once. Safe where nothing runs. */
  async end(): Promise<void> {
    const [init, outer] = [this.init(), this.outer()];
    if (init) kill(init);
    if (outer) {
      await eventually(
        () => {
          if (existsSync(`/proc/${outer}`) && !zombie(outer)) throw new Error(`machine ${this.letter} does not end`);
        },
        { withinMs: 5_000 },
      ).catch(() => kill(outer));
    }
    rmSync(this.pidFile, { force: true });
    this.nspawn = undefined;
  }

  /** Shuts down in order, as an operator or a provider would. */
  async powerOff(withinMs = 60_000): Promise<void> {
    await this.tryExec('systemctl poweroff --no-block');
    await this.until('it is off', () => Promise.resolve(!this.init()), withinMs);
    await this.end();
  }

  /** Restarts in order; returns when its systemd has started anew. The container ends, and leaves the restart to us. */
  async reboot(withinMs = 90_000): Promise<void> {
    await this.tryExec('systemctl reboot --no-block');
    await this.until('it is down', () => Promise.resolve(!this.init()), withinMs);
    await this.end();
    await this.powerOn();
  }

  get on(): boolean {
    return this.init() !== null;
  }

  /** Runs shell on the machine as root, without the network; fails where it does. */
  async exec(script: string, options: { readonly input?: string; readonly timeoutMs?: number } = {}): Promise<string> {
    const done = await this.tryExec(script, options);
    if (done.status !== 0)
      throw new Error(
        `on machine ${this.letter}: ${script.slice(0, 120)} ended with ${done.status}: ${complaint(done, 5)}`,
      );
    return done.stdout;
  }

  async tryExec(script: string, { input = '', timeoutMs = 60_000 } = {}): Promise<Finished> {
    const init = this.init();
    if (!init) return { status: null, stdout: '', stderr: 'the machine is off' };
    const args = [
      '-t',
      String(init),
      '-m',
      '-u',
      '-i',
      '-n',
      '-p',
      '-C',
      '--root',
      '--wd=/',
      'env',
      '-C',
      '/',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'LC_ALL=C.UTF-8',
      'bash',
      '-c',
      script,
    ];
    return run('nsenter', args, { input, timeoutMs });
  }

  /** A signal for the main process of a unit. */
  async signal(unit: string, signal: 'KILL' | 'STOP' | 'CONT' | 'TERM'): Promise<void> {
    await this.exec(`kill -${signal} $(systemctl show -P MainPID ${unit})`);
  }

  /** Every process of the machine stands still, as under a hypervisor that pauses it. */
  async freeze(): Promise<void> {
    await must('bash', ['-euc', this.inGroup('echo 1 >cgroup.freeze')]);
  }

  async thaw(): Promise<void> {
    await must('bash', ['-euc', this.inGroup('echo 0 >cgroup.freeze')]);
  }

  /** Runs in a view of the machine's cgroup. */
  private inGroup(script: string): string {
    return `exec unshare --mount --propagation private bash -euc 'umount -l /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; cd /sys/fs/cgroup/${this.name}; ${script}'`;
  }

  /** Waits for something of this machine; the failure shows the end of its journal. */
  async until(what: string, look: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
    try {
      await eventually(
        async () => {
          if (!(await look())) throw new Error('not yet');
        },
        { withinMs, everyMs: 100 },
      );
    } catch {
      const journal = await this.tryExec('journalctl -b --no-pager -n 25 2>/dev/null');
      const console_ = existsSync(join(this.folder, 'console.log'))
        ? readFileSync(join(this.folder, 'console.log'), 'utf8').slice(-1500)
        : '';
      throw new Error(
        `machine ${this.letter}: waited ${withinMs / 1000} s until ${what}\n${journal.stdout || console_}`,
      );
    }
  }

  private get pidFile(): string {
    return join(this.folder, 'nspawn.pid');
  }

  private outer(): number | null {
    const pid = this.nspawn?.pid ?? (existsSync(this.pidFile) ? Number(readFileSync(this.pidFile, 'utf8')) : null);
    return pid && ours(pid, this.name) ? pid : null;
  }

  /** The machine's first process, as the host sees it. */
  private init(): number | null {
    const outer = this.outer();
    if (!outer) return null;
    try {
      const child = readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim().split(' ').at(-1);
      if (!child) return null;
      const name = readFileSync(`/proc/${child}/comm`, 'utf8').trim();
      return name === 'systemd' && !zombie(Number(child)) ? Number(child) : null;
    } catch {
      return null;
    }
  }
}

/** Whether a process is the container of this machine: its number may belong to another by now. */
function ours(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name) && !zombie(pid);
  } catch {
    return false;
  }
}

function zombie(pid: number): boolean {
  try {
    return (
      / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/\(.*\)/, '')) ||
      readFileSync(`/proc/${pid}/cmdline`).length === 0
    );
  } catch {
    return true;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended meanwhile
  }
}
