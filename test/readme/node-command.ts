import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import { keeperFiles } from '../../constructs/node/machine/keeper';
import { tools } from '../support/tools';
import { wordsOf } from './markdown';

const main = `import json, sys
from command import arguments
sys.stderr = open("/dev/null", "w")
refused = []
for line in json.load(sys.stdin):
    try:
        arguments().parse_args(line[1:])
    except SystemExit:
        refused.append(line)
print(json.dumps(refused))
`;

/** The commands that the real program on a node does not accept; none of them runs. */
export async function refusedByNode(commands: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-command-'));
  try {
    for (const { path, content } of keeperFiles) {
      const name = path.endsWith('/cachetier-node') ? 'command.py' : (path.split('/').at(-1) ?? '');
      writeFileSync(join(folder, name), content);
    }
    writeFileSync(join(folder, 'main.py'), main);
    const { file, env } = await tools();
    const input = JSON.stringify(commands.map(wordsOf));
    const done = await run(file('python3'), ['-B', join(folder, 'main.py')], { env, input, timeoutMs: 60_000 });
    if (done.status !== 0) throw new Error(done.stderr);
    return (JSON.parse(done.stdout) as readonly string[][]).map((words) => words.join(' '));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
