import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import { keeperFiles } from '../../constructs/node/machine/keeper';
import { tools } from '../support/tools';

/**
 * What a Python program prints as JSON that can import the modules of the keeper, and `command`, which is the program of
 * operators.
 *
 * @param main - the program; `given` comes as JSON on its standard input
 */
export async function besideKeeper(main: string, given: unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-keeper-'));
  try {
    for (const { path, content } of keeperFiles) {
      const name = path.split('/').at(-1) ?? '';
      writeFileSync(join(folder, name === 'cachetier-node' ? 'command.py' : name), content);
    }
    writeFileSync(join(folder, 'main.py'), main);
    const { file, env } = await tools();
    const input = JSON.stringify(given);
    const done = await run(file('python3'), ['-B', join(folder, 'main.py')], { env, input, timeoutMs: 60_000 });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout) as unknown;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
