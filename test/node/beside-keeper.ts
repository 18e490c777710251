import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import { backupPrograms, keeperFiles } from '../../constructs/node';
import { tools } from '../support/tools';

const commands: Readonly<Record<string, string>> = {
  'cachetier-node': 'command.py',
  'cachetier-backup': 'backup_command.py',
};

/**
 * What a Python program prints as JSON that can import the modules of the keeper and the backup, and the programs of
 * operators as `command` and `backup_command`.
 *
 * @param main - the program; `given` comes as JSON on its standard input
 */
export async function besideKeeper(main: string, given: unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-keeper-'));
  try {
    for (const { path, content } of [...keeperFiles, ...backupPrograms]) {
      const name = path.split('/').at(-1) ?? '';
      writeFileSync(join(folder, commands[name] ?? name), content);
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
