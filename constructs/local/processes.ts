import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, and not another one that got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words. */
  readonly started: string;
}

/** The identity of a running process, or null where none has the number. A zombie runs no more. */
export function identify(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return started === null ? null : { pid, started };
}

/** Whether the very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Sends a signal to the very process; one that ended meanwhile is left alone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Boot and clock ticks: field 22 of `/proc/<pid>/stat`, counted after the name, which may hold spaces and brackets. */
function linuxStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (ticks === undefined || state === 'Z' || state === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

function psStart(pid: number): string | null {
  try {
    const said = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    const [state = 'Z', ...started] = said.trim().split(/\s+/);
    return state.startsWith('Z') || started.length === 0 ? null : started.join(' ');
  } catch {
    return null;
  }
}
