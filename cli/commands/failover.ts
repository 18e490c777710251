import type { Command } from 'commander';
import { pc } from '../colours';
import { failover, readTier } from '../../constructs/local';
import { fail, say, sayJson } from '../output';
import { withProgress } from '../progress';
import { findTier, type TierOptions } from '../tiers';

/** `cachetier failover [TIER]` */
export function registerFailover(program: Command): void {
  program
    .command('failover')
    .argument('[tier]', 'config file, or name of the tier with its stage (default: the only tier)')
    .option('--dir <folder>', 'folder of the tier')
    .option('--json', 'print JSON for machines')
    .summary('hand the role of primary to a replica, losing nothing')
    .description(
      'Pauses writes, waits until every replica has them, and hands the role of primary over: no acknowledged write is lost.',
    )
    .addHelpText('after', '\nExamples:\n  cachetier failover\n  cachetier failover orders')
    .action(async (named: string | undefined, options: TierOptions) => {
      try {
        const tier = readTier(findTier(named, options));
        const done = await withProgress('failover', { silent: options.json }, (report) => failover(tier, report));
        if (options.json) sayJson(done);
        else
          say(
            `${pc.green('ok')}  ${done.to} is primary after ${done.from}; writes waited ${(done.pausedMs / 1000).toFixed(1)} s`,
          );
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}
