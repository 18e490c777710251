import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MachineError } from './errors';
import { identify, isRunning, type ProcessIdentity } from './processes';

interface Owner extends ProcessIdentity {
  readonly token: string;
}

/** How a lock is waited for. */
export interface LockOptions {
  /** What the lock protects, for the message. */
  readonly what: string;
  /** How long to wait for another process, in milliseconds. */
  readonly waitMs: number;
  /** Called once when another process holds it. */
  readonly onWait?: (pid: number) => void;
}

/**
 * Runs a task while holding a lock file, which a process that died leaves for the next one to take over.
 *
 * @param path - the lock file; its folder is made
 * @throws MachineError when another process still holds it after the time
 */
export async function withLock<T>(path: string, options: LockOptions, task: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const token = await acquire(path, options);
  try {
    return await task();
  } finally {
    if (readOwner(path)?.token === token) rmSync(path, { force: true });
  }
}

async function acquire(path: string, { what, waitMs, onWait }: LockOptions): Promise<string> {
  const owner = { ...self(), token: randomBytes(12).toString('hex') };
  const deadline = Date.now() + waitMs;
  for (let waited = false; ; waited = true) {
    if (take(path, owner)) return owner.token;
    const holder = readOwner(path);
    if (holder && !isRunning(holder)) breakLock(path, holder);
    else if (Date.now() >= deadline)
      throw new MachineError(`${what} is in use by process ${holder?.pid ?? '?'}; try again when it has ended`);
    else {
      if (holder && !waited) onWait?.(holder.pid);
      await delay(100);
    }
  }
}

/** `link` either makes the whole file or fails, so nobody reads half an owner. */
function take(path: string, owner: Owner): boolean {
  const own = `${path}.${owner.token}`;
  writeFileSync(own, JSON.stringify(owner), { mode: 0o600 });
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Only the maker of the breaking file may remove the dead owner's lock, and only if it is still that owner's. */
function breakLock(path: string, dead: Owner): void {
  const breaking = `${path}.${dead.token}.break`;
  try {
    closeSync(openSync(breaking, 'wx', 0o600));
  } catch {
    return;
  }
  if (readOwner(path)?.token === dead.token) rmSync(path, { force: true });
  rmSync(breaking, { force: true });
}

function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return null;
  }
}

function self(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, started: 'unknown' };
}
