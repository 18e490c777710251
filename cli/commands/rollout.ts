import type { Command } from 'commander';
import { openSsh, type PendingChange, rollOut, type RolloutAccess, RolloutStopped } from '../../constructs/rollout';
import { readAccess } from '../access';
import { pc } from '../colours';
import { exitCodes, fail, say, sayJson } from '../output';
import { withProgress } from '../progress';

interface RolloutOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `cachetier rollout FILE` */
export function registerRollout(program: Command): void {
  program
    .command('rollout')
    .argument('<file>', 'how the nodes are reached, as JSON: the output "rollout" of the stack; - for standard input')
    .option('--dry-run', 'say what waits on which node, and touch nothing')
    .option('--json', 'print JSON for machines')
    .summary('take changes that wait to running nodes, one at a time')
    .description(
      'Takes what waits on the nodes (settings that need a restart, new passwords): replicas first, the primary last, behind a handover. ' +
        'Touches nothing while a node is away. Stops at a node that does not come back; run again, it goes on from there.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  pulumi stack output rollout --show-secrets --json | cachetier rollout -\n  cachetier rollout nodes.json --dry-run' +
        '\n\nExit codes: 0 every node has its changes, 1 it stopped, 2 wrong use.',
    )
    .action(async (file: string, options: RolloutOptions) => {
      try {
        await run(readAccess(file), options);
      } catch (cause) {
        if (!(cause instanceof RolloutStopped)) return fail(cause, options.json);
        process.exitCode = exitCodes.refused;
        const { letter, taken, message } = cause;
        if (options.json) sayJson({ ok: false, letter, taken, message });
        else process.stderr.write(`${pc.red('stopped')}  ${message}\n`);
      }
    });
}

async function run(access: RolloutAccess, options: RolloutOptions): Promise<void> {
  const nodes = openSsh(access);
  try {
    const result = await withProgress(`rollout of ${access.tier}`, { silent: options.json }, (report) =>
      rollOut(nodes, report, options.dryRun),
    );
    if (options.json) return sayJson({ ok: true, ...result });
    if (options.dryRun) {
      for (const [letter, pending] of Object.entries(result.pending)) say(`node ${letter}: ${describe(pending)}`);
    } else if (result.taken.length === 0) say(`${pc.green('ok')}  nothing waited`);
    else say(`${pc.green('ok')}  changes are on ${result.taken.join(', ')}`);
  } finally {
    nodes.close();
  }
}

function describe(pending: readonly PendingChange[]): string {
  if (pending.length === 0) return 'nothing waits';
  return pending
    .map((change) =>
      change.what === 'passwords'
        ? 'new passwords wait'
        : `${change.name}: ${change.running} -> ${change.wanted}, by a restart`,
    )
    .join('; ');
}
