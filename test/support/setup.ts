import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCfnLint } from '../aws/cfn-lint';
import { tools } from './tools';

/**
 * Jest's global setup: fetches the programs that tests run before any test needs them, so that no test's time limit
 * pays for a download, and gives the run a folder of its own for temporary files, which `teardown.ts` removes: CDK
 * leaves one behind for each app.
 */
export default async function setup(): Promise<void> {
  try {
    await tools((message) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kpreparing test tools: ${message}`);
    });
    await installCfnLint();
  } catch (error) {
    throw new Error(`the tests run programs from the packages of Debian or Ubuntu: ${(error as Error).message}`);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const scratch = mkdtempSync(join(tmpdir(), 'cachetier-run-'));
  // As open as the folder it stands for: a test gives up root and goes on in it.
  chmodSync(scratch, 0o1777);
  process.env['TMPDIR'] = scratch;
}
