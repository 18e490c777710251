import type { Command } from 'commander';
import { openSsh, takeBackup } from '../../constructs/rollout';
import { readAccess } from '../access';
import { pc } from '../colours';
import { CliError, fail, say, sayJson } from '../output';
import { withProgress } from '../progress';

interface BackupOptions {
  readonly json?: boolean;
}

/** `cachetier backup FILE` */
export function registerBackup(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'how the nodes are reached, as JSON: the output "rollout" of the stack; - for standard input')
    .option('--json', 'print JSON for machines')
    .summary('take a backup now, to every bucket')
    .description('Takes a backup to every bucket of the tier, due or not, from a synced replica.')
    .addHelpText(
      'after',
      '\nExample:\n  pulumi stack output rollout --show-secrets --json | cachetier backup -' +
        '\n\nExit codes: 0 every bucket has it, 2 wrong use, 3 a bucket has not, or no node could take it.',
    )
    .action(async (file: string, options: BackupOptions) => {
      try {
        await run(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

async function run(file: string, options: BackupOptions): Promise<void> {
  const access = readAccess(file);
  const nodes = openSsh(access);
  try {
    const { letter, lines, problem } = await withProgress(
      `backup of ${access.tier}`,
      { silent: options.json },
      (report) => takeBackup(nodes, report),
    );
    if (problem !== null) throw new CliError(3, problem);
    if (options.json) sayJson({ ok: true, letter, lines });
    else for (const line of lines) say(`${pc.green('ok')}  ${line}`);
  } finally {
    nodes.close();
  }
}
