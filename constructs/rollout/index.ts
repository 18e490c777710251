/**
 * The step that takes changes to running nodes, one at a time. Needs no Pulumi: the component runs it after every
 * change, and an operator may run it by hand.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs';
import { parseAccess } from './access';
import { openSsh } from './ssh';
import { rollOut } from './walk';

export { type NodeAccess, parseAccess, type RolloutAccess } from './access';
export { type BackupResult, takeBackup } from './backing-up';
export { conclude, restore, RestoreStopped, type RestoreWord } from './restoring';
export { openSsh, type SshNodes } from './ssh';
export {
  type Answer,
  type Nodes,
  type NodeState,
  type PendingChange,
  rollOut,
  type RolloutResult,
  RolloutStopped,
} from './walk';

/**
 * What the Pulumi component runs: reads the access to the nodes from standard input, rolls out, and ends the process
 * with 1 where it stopped. Prints no secret.
 */
export async function main(): Promise<void> {
  let nodes: ReturnType<typeof openSsh> | undefined;
  try {
    nodes = openSsh(parseAccess(readFileSync(0, 'utf8')));
    const { taken } = await rollOut(nodes, (line) => process.stdout.write(`${line}\n`));
    process.stdout.write(taken.length === 0 ? 'nothing waited\n' : `changes are on ${taken.join(', ')}\n`);
  } catch (error) {
    process.stderr.write(`rollout stopped: ${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    nodes?.close();
  }
}
