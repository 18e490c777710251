import type { Command } from 'commander';
import { pc } from '../colours';
import { down } from '../../constructs/local';
import { fail, say, sayJson } from '../output';
import { withProgress } from '../progress';
import { findTier, type TierOptions } from '../tiers';

interface DownCommandOptions extends TierOptions {
  readonly deleteData?: boolean;
}

/** `cachetier down [TIER]` */
export function registerDown(program: Command): void {
  program
    .command('down')
    .argument('[tier]', 'config file, or name of the tier with its stage (default: the only tier)')
    .option('--dir <folder>', 'folder of the tier')
    .option('--delete-data', 'remove data, passwords and everything else of the tier as well')
    .option('--json', 'print JSON for machines')
    .summary('stop a tier on this machine')
    .description(
      'Stops every process of a tier on this machine. Data, passwords and ports are kept for the next up, unless --delete-data is given.',
    )
    .addHelpText('after', '\nExamples:\n  cachetier down\n  cachetier down orders --delete-data')
    .action(async (named: string | undefined, options: DownCommandOptions) => {
      try {
        const layout = findTier(named, options);
        const done = await withProgress('stopping', { silent: options.json }, (onProgress) =>
          down(layout, { deleteData: options.deleteData, onProgress }),
        );
        if (options.json) sayJson({ folder: layout.folder, ...done });
        else
          say(
            `${pc.green('ok')}  ${done.stopped} processes stopped; ${done.deleted ? `${layout.folder} is removed` : `${layout.folder} is kept`}`,
          );
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}
