import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from './output';

/** Where a command writes files to. */
export interface OutOptions {
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Refuses to write among files that are there.
 *
 * @throws CliError when the folder is a file, or is not empty and nothing forces it
 */
export function refuseFilled(out: string, options: OutOptions): void {
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory()) throw new CliError(2, `--out: ${options.out} is a file; name a folder`);
  if (!options.force && readdirSync(out).length > 0)
    throw new CliError(2, `--out: ${options.out} is not empty; name another folder, or add --force`);
}

/** Writes a file with its folders, and gives back its path. */
export function put(path: string, content: string, mode: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const bits = Number.parseInt(mode, 8);
  writeFileSync(path, content, { mode: bits });
  // The umask takes bits away from a new file, and an old one keeps its own.
  chmodSync(path, bits);
  return path;
}
