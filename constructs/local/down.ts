import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './disk';
import { MachineError } from './errors';
import { isAlive, kill, stop } from './launcher';
import { type Layout } from './layout';
import { withLock } from './lock';
import { stopObserving } from './observe';
import { type Role, roles, type Started } from './tier';

/** How a tier is ended. */
export interface DownOptions {
  /** Whether data, secrets and everything else of the tier is removed as well. @default false */
  readonly deleteData?: boolean;
  /** Told each step in a few words. */
  readonly onProgress?: (message: string) => void;
}

/** What `down` did. */
export interface DownResult {
  /** Processes that ran: servers, and what measured them. */
  readonly stopped: number;
  readonly deleted: boolean;
}

/**
 * Stops every server of a tier. Data, config, secrets and ports are kept for the next `up`, unless they are to be
 * deleted; nothing runs afterwards and the notes about processes are gone.
 *
 * It reads only those notes, so that a damaged tier can be ended as well.
 *
 * @throws MachineError when the folder holds no tier, or a process does not end
 */
export async function down(layout: Layout, options: DownOptions = {}): Promise<DownResult> {
  // Looked at before the lock as well, whose folder would be made for nothing.
  if (!looksLikeTier(layout)) throw new MachineError(`no tier in ${layout.folder}`);
  return withLock(layout.lock, { what: `the tier in ${layout.folder}`, waitMs: 120_000 }, async () => {
    if (!looksLikeTier(layout)) throw new MachineError(`no tier in ${layout.folder}`);
    const observers = await stopObserving(layout, options.onProgress);
    // Sentinels first: they would answer the stop of the primary with a failover.
    const sentinels = await stopAll(layout, 'sentinel', options);
    const stopped = observers + sentinels + (await stopAll(layout, 'valkey', options));
    if (options.deleteData) rmSync(layout.folder, { recursive: true, force: true });
    return { stopped, deleted: options.deleteData ?? false };
  });
}

async function stopAll(layout: Layout, role: Role, { onProgress }: DownOptions): Promise<number> {
  const notes = notesOf(layout, role);
  const stops = notes.map(async ({ letter, file, started }) => {
    const alive = await isAlive(started.handle);
    if (alive) {
      onProgress?.(`stopping ${role} ${letter}`);
      await stop(started.handle);
    } else if (started.handle.kind === 'container') await kill(started.handle);
    rmSync(file, { force: true });
    return alive;
  });
  return (await Promise.all(stops)).filter(Boolean).length;
}

function notesOf(layout: Layout, role: Role): { letter: string; file: string; started: Started }[] {
  return readdirSync(layout.folder).flatMap((letter) => {
    const file = join(layout.folder, letter, 'run', `${role}.json`);
    const text = readText(file);
    return text === null ? [] : [{ letter, file, started: parse(file, text) }];
  });
}

/** Never deletes a folder that somebody named by mistake. */
function looksLikeTier(layout: Layout): boolean {
  return (
    existsSync(layout.folder) && (existsSync(layout.tier) || roles.some((role) => notesOf(layout, role).length > 0))
  );
}

function parse(file: string, text: string): Started {
  try {
    return JSON.parse(text) as Started;
  } catch {
    throw new MachineError(`${file} is damaged; end its process by hand and remove the file`);
  }
}
