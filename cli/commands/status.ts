import type { Command } from 'commander';
import { type LocalTier, readTier, status } from '../../constructs/local';
import { pc } from '../colours';
import { exitCodes, fail, say, sayJson } from '../output';
import { statusText } from '../tier-text';
import { findTier, type TierOptions } from '../tiers';
import { watch } from '../watch';

interface StatusOptions extends TierOptions {
  readonly watch?: boolean;
}

/** `cachetier status [TIER]` */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .argument('[tier]', 'config file, or name of the tier with its stage (default: the only tier)')
    .option('--dir <folder>', 'folder of the tier')
    .option('-w, --watch', 'show it anew each second, until interrupted')
    .option('--json', 'print JSON for machines; with --watch a line each second')
    .summary('show roles, lag, Sentinels and memory of a tier on this machine')
    .description(
      'Shows roles, lag, memory and what the Sentinels say of a tier on this machine. Ends with 3 where it is not whole.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cachetier status\n  cachetier status orders --json\n  cachetier status --watch',
    )
    .action(async (named: string | undefined, options: StatusOptions) => {
      try {
        const tier = readTier(findTier(named, options));
        if (options.watch) return await watchTier(tier, options);
        const now = await status(tier);
        process.exitCode = now.healthy ? exitCodes.fine : exitCodes.failed;
        if (options.json) sayJson(now);
        else for (const line of statusText(now)) say(line);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

/** The tier as it is each second; the exit code is that of the last look. */
function watchTier(tier: LocalTier, { json }: StatusOptions): Promise<void> {
  return watch(async () => {
    const now = await status(tier);
    const at = new Date().toISOString();
    process.exitCode = now.healthy ? exitCodes.fine : exitCodes.failed;
    return json ? [JSON.stringify({ at, ...now })] : [pc.dim(`${at}  ends with Ctrl-C`), ...statusText(now), ''];
  });
}
