import { besideKeeper } from '../node/beside-keeper';
import { wordsOf } from './markdown';

const main = `import json, sys
import command, backup_command
programs = {"cachetier-node": command.arguments, "cachetier-backup": backup_command.arguments}
sys.stderr = open("/dev/null", "w")
refused = []
for line in json.load(sys.stdin):
    try:
        programs[line[0]]().parse_args(line[1:])
    except SystemExit:
        refused.append(line)
print(json.dumps(refused))
`;

/** The commands that the real programs on a node do not accept; none of them runs. */
export async function refusedByNode(commands: readonly string[]): Promise<readonly string[]> {
  const refused = await besideKeeper(main, commands.map(wordsOf));
  return (refused as readonly string[][]).map((words) => words.join(' '));
}
