import type { Command } from 'commander';
import { readTier, status } from '../../constructs/local';
import { exitCodes, fail, say, sayJson } from '../output';
import { statusText } from '../tier-text';
import { findTier, type TierOptions } from '../tiers';

/** `cachetier status [TIER]` */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .argument('[tier]', 'config file, or name of the tier with its stage (default: the only tier)')
    .option('--dir <folder>', 'folder of the tier')
    .option('--json', 'print JSON for machines')
    .summary('show roles, lag, Sentinels and memory of a tier on this machine')
    .description(
      'Shows roles, lag, memory and what the Sentinels say of a tier on this machine. Ends with 3 where it is not whole.',
    )
    .addHelpText('after', '\nExamples:\n  cachetier status\n  cachetier status orders --json')
    .action(async (named: string | undefined, options: TierOptions) => {
      try {
        const now = await status(readTier(findTier(named, options)));
        process.exitCode = now.healthy ? exitCodes.fine : exitCodes.failed;
        if (options.json) sayJson(now);
        else for (const line of statusText(now)) say(line);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}
