import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MachineError } from '../errors';
import { cacheFolder } from '../folders';
import { withLock } from '../lock';
import { findOnPath } from '../programs';
import { complaint, run } from '../run';
import { download, type OnProgress } from './apt';
import { findArchive, type Archive } from './release';
import { writeWrappers } from './wrappers';

/** What is fetched. */
export interface Packages {
  readonly packages: readonly string[];
  /** Programs of the packages, and of what they need, to be run from the tree. */
  readonly programs: readonly string[];
}

/** How packages are fetched. */
export interface FetchOptions {
  /** @default - `$XDG_CACHE_HOME/cachetier` */
  readonly cache?: string;
  /** @default - the archive of this system's distribution */
  readonly archive?: Archive;
  /** @default - nothing is reported */
  readonly onProgress?: OnProgress;
}

/** Unpacked packages. */
export interface PackageTree {
  /** The tree, laid out as on a system: `usr/bin`, `usr/lib`… */
  readonly root: string;
  /** Folder with a wrapper for each of the programs; it may be put on `PATH`. */
  readonly bin: string;
}

/** How long another process may fetch the same before this one gives up. */
const WAIT_MS = 15 * 60_000;

/** Programs of the system that fetching needs. */
const needed = ['apt-get', 'dpkg', 'dpkg-deb'];

/**
 * Unpacks packages of the system's own distribution into the cache folder, without root and without touching the rest
 * of the system. Debian's come from Debian 13, which is the first to package Valkey; they run on an older one by their
 * own loader.
 *
 * What is there already is used as it is; to have a newer one, remove the folder. A tree appears whole or not at all,
 * two at once wait for each other, and an interrupted download goes on where it was.
 *
 * @throws MachineError when the system has no apt or its distribution is not known, when apt fails, or when another
 * process keeps fetching for 15 minutes
 */
export async function fetchPackages(packages: Packages, options: FetchOptions = {}): Promise<PackageTree> {
  const archive = options.archive ?? findArchive();
  if ('missing' in archive) throw new MachineError(archive.missing);
  const folder = join(options.cache ?? cacheFolder(), 'packages');
  const architecture = await architectureOf();
  const tree = treeAt(join(folder, nameOf(archive, architecture, packages)));
  if (existsSync(tree.root)) return tree;
  const onProgress = options.onProgress ?? (() => undefined);
  const lock = {
    what: `the package cache ${folder}`,
    waitMs: WAIT_MS,
    onWait: (pid: number) => onProgress(`waiting for process ${pid}, which fetches packages`),
  };
  return withLock(join(folder, 'lock'), lock, async () => {
    if (!existsSync(tree.root)) await build(archive, architecture, packages, tree.root, onProgress);
    return tree;
  });
}

async function build(
  archive: Archive,
  architecture: string,
  packages: Packages,
  target: string,
  onProgress: OnProgress,
): Promise<void> {
  const temporary = `${target}.unpacking`;
  const state = `${target}.apt`;
  rmSync(temporary, { recursive: true, force: true });
  const files = await download(archive, architecture, packages.packages, state, onProgress);
  mkdirSync(temporary, { recursive: true, mode: 0o755 });
  for (const [index, file] of files.entries()) {
    onProgress(`unpacking ${index + 1} of ${files.length} packages`);
    const done = await run('dpkg-deb', ['-x', file, temporary]);
    if (done.status !== 0) throw new MachineError(`${basename(file)} cannot be unpacked: ${complaint(done)}`);
  }
  writeFileSync(
    join(temporary, 'packages.txt'),
    `${files
      .map((file) => basename(file))
      .sort()
      .join('\n')}\n`,
  );
  await dropPrivileges(temporary);
  writeWrappers(temporary, packages.programs);
  renameSync(temporary, target);
  rmSync(state, { recursive: true, force: true });
}

/** Unpacked as root, programs like `su` would be a privileged copy that no security update reaches. */
async function dropPrivileges(tree: string): Promise<void> {
  const done = await run('chmod', ['-R', 'ug-s', tree]);
  if (done.status !== 0) throw new MachineError(`chmod failed in ${tree}: ${complaint(done)}`);
}

/** A tree's name tells suite and architecture at a glance; the hash tells what was fetched. */
function nameOf(archive: Archive, architecture: string, packages: Packages): string {
  const hash = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 8);
  return `${archive.suite}-${architecture}-${hash}`;
}

function treeAt(root: string): PackageTree {
  return { root, bin: join(root, 'wrappers') };
}

async function architectureOf(): Promise<string> {
  const missing = needed.filter((program) => findOnPath(program) === null);
  if (missing.length > 0) throw new MachineError(`${missing.join(', ')} not found on PATH`);
  const done = await run('dpkg', ['--print-architecture']);
  if (done.status !== 0) throw new MachineError(`dpkg does not tell the architecture: ${complaint(done)}`);
  return done.stdout.trim();
}
