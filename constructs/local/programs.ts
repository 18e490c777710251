import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** The file that a command name stands for, or null where `PATH` has none. */
export function findOnPath(name: string, path = process.env['PATH'] ?? ''): string | null {
  return (
    path
      .split(':')
      .filter(Boolean)
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
