import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';

/** Jest's global teardown: removes the folder for temporary files that `setup.ts` made. */
export default function teardown(): void {
  if (basename(tmpdir()).startsWith('cachetier-run-')) rmSync(tmpdir(), { recursive: true, force: true });
}
