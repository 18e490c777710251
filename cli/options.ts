import type { Command } from 'commander';
import { targetKinds } from '../constructs/tier/capabilities';
import { check } from '../constructs/tier/check';
import type { TargetKind } from '../constructs/tier/config';
import { ConfigError } from '../constructs/tier/issue';
import type { CacheTierPlan } from '../constructs/tier/plan';
import { didYouMean } from '../constructs/tier/nearest';
import { loadConfig } from './load';
import { CliError } from './output';

/** Options that most commands share. */
export interface CommonOptions {
  readonly target?: string;
  readonly json?: boolean;
}

/** Adds `--target` and `--json`. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('-t, --target <kind>', `look at the same config on another target: ${targetKinds.join(', ')}`)
    .option('--json', 'print JSON for machines');
}

/** The kind that `--target` names. */
export function targetOption(options: CommonOptions): { readonly kind?: TargetKind } {
  if (options.target === undefined) return {};
  const kind = targetKinds.find((known) => known === options.target);
  if (!kind) {
    throw new CliError(
      2,
      `--target: got "${options.target}", needs one of ${targetKinds.join(', ')}${didYouMean(options.target, targetKinds)}`,
    );
  }
  return { kind };
}

/** The plan of a config file. */
export function planFile(file: string, options: CommonOptions): CacheTierPlan {
  const result = check(loadConfig(file), targetOption(options));
  if (!result.plan) throw new ConfigError(result.issues);
  return result.plan;
}
