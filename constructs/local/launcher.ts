import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from './binaries';
import { containerArgs } from './container';
import { MachineError } from './errors';
import { identify, isRunning, signal, type ProcessIdentity } from './processes';
import { complaint, run } from './run';

/** What was started, and how it is found again by a later command. */
export type Handle =
  | ({ readonly kind: 'process' } & ProcessIdentity)
  | { readonly kind: 'container'; readonly engine: string; readonly id: string };

/** A server to start. */
export interface Launch {
  /** Name of the container, and of the server in messages. */
  readonly name: string;
  /** The server's own config file. */
  readonly config: string;
  readonly sentinel: boolean;
  /** Folder that holds everything of the tier. */
  readonly folder: string;
  /** File that takes what is said before the server's own log is open. */
  readonly output: string;
}

/** How long a server may take to stop before it is killed; Valkey itself gives up after 10 s. */
const STOP_MS = 20_000;

/** Starts a server that outlives this process and hears none of its signals. */
export async function launch(runtime: Runtime, asked: Launch): Promise<Handle> {
  return runtime.image === null ? launchProcess(runtime.program, asked) : launchContainer(runtime, asked);
}

/** Whether it still runs. */
export async function isAlive(handle: Handle): Promise<boolean> {
  if (handle.kind === 'process') return isRunning(handle);
  const state = await run(handle.engine, ['inspect', '--format', '{{.State.Running}}', handle.id], {
    timeoutMs: 20_000,
  });
  return state.stdout.trim() === 'true';
}

/** Ends it at once, as a crash would. */
export async function kill(handle: Handle): Promise<void> {
  if (handle.kind === 'container') await run(handle.engine, ['rm', '--force', handle.id], { timeoutMs: 60_000 });
  else {
    signal(handle, 'SIGKILL');
    await ended(handle, 10_000);
  }
}

/**
 * Asks it to stop, again and again, since Valkey drops the request while a new replica writes its first AOF; kills it
 * after 20 s.
 *
 * @throws MachineError when it survives even that
 */
export async function stop(handle: Handle): Promise<void> {
  const deadline = Date.now() + STOP_MS;
  while (handle.kind === 'process' && Date.now() < deadline) {
    signal(handle, 'SIGTERM');
    if (await ended(handle, 1000)) return;
  }
  if (handle.kind === 'container') await run(handle.engine, ['stop', '--time', '20', handle.id], { timeoutMs: 60_000 });
  await kill(handle);
  if (await isAlive(handle))
    throw new MachineError(`${handle.kind === 'process' ? `process ${handle.pid}` : handle.id} does not end`);
}

async function ended(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
  return true;
}

async function launchProcess(program: string, { config, sentinel, folder, output, name }: Launch): Promise<Handle> {
  const args = [config, ...(sentinel ? ['--sentinel'] : [])];
  return { kind: 'process', ...(await launchProgram({ program, args, folder, output, name, env: {} })) };
}

/** A program of this machine to start. */
export interface ProgramLaunch extends Pick<Launch, 'name' | 'folder' | 'output'> {
  readonly program: string;
  readonly args: readonly string[];
  /** What it is told beside the search path and the time zone. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program that outlives this process and hears none of its signals. The shell only narrows the rights of files
 * to come and replaces itself; the environment's secrets are not passed on.
 *
 * @throws MachineError with its last words when it ends at once
 */
export async function launchProgram(asked: ProgramLaunch): Promise<ProcessIdentity> {
  const { program, folder, output, name } = asked;
  const out = openSync(output, 'w', 0o600);
  const args = ['-c', 'umask 077; exec "$0" "$@"', program, ...asked.args];
  const own = { PATH: process.env['PATH'], LC_ALL: 'C', ...(process.env['TZ'] ? { TZ: process.env['TZ'] } : {}) };
  const env = { ...own, ...asked.env };
  const child = spawn('/bin/sh', args, { cwd: folder, detached: true, stdio: ['ignore', out, out], env });
  closeSync(out);
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (!identity) throw new MachineError(`${name} ended at once: ${lastLines(output)}`);
  return identity;
}

/** What a program said last. */
export function lastLines(output: string): string {
  return readFileSync(output, 'utf8').trim().split('\n').slice(-2).join('; ');
}

async function launchContainer(runtime: Runtime, asked: Launch): Promise<Handle> {
  const done = await run(runtime.program, await containerArgs(runtime, asked), { timeoutMs: 10 * 60_000 });
  if (done.status !== 0) throw new MachineError(`${asked.name} did not start: ${complaint(done)}`);
  return { kind: 'container', engine: runtime.program, id: done.stdout.trim() };
}
