import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MachineError } from '../errors';

/** Folders of programs in an unpacked package tree. */
const programFolders = ['usr/bin', 'usr/sbin', 'bin', 'sbin'];

/**
 * Writes a shell wrapper for each of the programs of an unpacked package tree, in its folder `wrappers`.
 *
 * The programs need a newer C library than the system's may be, so each is started by the loader of its own tree. The
 * wrapper replaces itself, so a process keeps the number that its starter knows, and the name it was called by.
 *
 * @param root - the tree; it may be moved afterwards
 * @throws MachineError when the tree lacks a program or a loader
 */
export function writeWrappers(root: string, programs: readonly string[]): void {
  const triplet = readdirSync(join(root, 'usr/lib')).find(
    (name) => findLoader(join(root, 'usr/lib', name)) !== undefined,
  );
  if (!triplet) throw new MachineError(`the packages in ${root} hold no dynamic loader`);
  const loader = `usr/lib/${triplet}/${findLoader(join(root, 'usr/lib', triplet))}`;
  const libraries = [`usr/lib/${triplet}`, `usr/lib/${triplet}/systemd`, `lib/${triplet}`, 'usr/lib'];
  const path = libraries
    .filter((folder) => existsSync(join(root, folder)))
    .map((folder) => `$root/${folder}`)
    .join(':');
  mkdirSync(join(root, 'wrappers'), { recursive: true });
  for (const name of programs) {
    const folder = programFolders.find((each) => existsSync(join(root, each, name)));
    if (!folder) throw new MachineError(`the packages in ${root} hold no program ${name}`);
    const wrapper = join(root, 'wrappers', name);
    writeFileSync(wrapper, render(`${folder}/${name}`, loader, path, isElf(join(root, folder, name))));
    chmodSync(wrapper, 0o755);
  }
}

/** Only ELF files are for the loader; a script would be refused by it. */
function render(program: string, loader: string, path: string, elf: boolean): string {
  const root = 'root=$(cd "$(dirname "$0")/.." && pwd)';
  if (!elf) return `#!/bin/sh\n${root}\nexec "$root/${program}" "$@"\n`;
  return `#!/bin/sh\n${root}\nexec "$root/${loader}" --library-path "${path}" --argv0 "$0" "$root/${program}" "$@"\n`;
}

function findLoader(folder: string): string | undefined {
  try {
    return readdirSync(folder).find((name) => /^ld-linux.*\.so\.\d+$|^ld64\.so\.\d+$/.test(name));
  } catch {
    return undefined;
  }
}

function isElf(path: string): boolean {
  return readFileSync(path)
    .subarray(0, 4)
    .equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
}
