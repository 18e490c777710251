import type { Command } from 'commander';
import { targetKinds } from '../../constructs/tier/capabilities';
import { check } from '../../constructs/tier/check';
import { loadConfig } from '../load';
import { type CommonOptions, planFile, withCommonOptions } from '../options';
import { CliError, exitCodes, fail, say, sayJson } from '../output';
import { comparisonRows, planText } from '../plan-text';

interface PlanCommandOptions extends CommonOptions {
  readonly all?: boolean;
}

/** `cachetier plan FILE` */
export function registerPlan(program: Command): void {
  withCommonOptions(program.command('plan'))
    .argument('<file>', 'config in TypeScript, YAML or JSON')
    .option('-a, --all', 'compare the same config on every target')
    .summary('say what a config becomes, what it gives and what it costs')
    .description(
      'Says what a config becomes on its target: topology, size, defaults with reasons, gaps, names and price.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cachetier plan examples/cache.ts\n  cachetier plan examples/cache.ts --all\n  cachetier plan examples/cache.ts --target memorydb --json',
    )
    .action((file: string, options: PlanCommandOptions) => {
      try {
        if (options.all) compare(file, options);
        else show(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

function show(file: string, options: PlanCommandOptions): void {
  const plan = planFile(file, options);
  if (options.json) sayJson(plan);
  else for (const line of planText(plan)) say(line);
}

function compare(file: string, options: PlanCommandOptions): void {
  if (options.target !== undefined) throw new CliError(2, '--all looks at every target; leave out --target');
  const input = loadConfig(file);
  const results = targetKinds.map((kind) => ({ kind, ...check(input, { kind }) }));
  process.exitCode = results.some((result) => result.plan) ? exitCodes.fine : exitCodes.refused;
  if (options.json) {
    sayJson(results);
    return;
  }
  const rows = results.map(({ kind, plan, issues }) => {
    const errors = issues.filter((issue) => issue.severity === 'error').map((issue) => issue.code);
    return [kind, plan, [...new Set(errors)].join(', ')] as const;
  });
  for (const line of comparisonRows(rows)) say(line);
}
