import type { Command } from 'commander';
import { pc } from '../colours';
import { check } from '../../constructs/tier/check';
import { loadConfig } from '../load';
import { type CommonOptions, targetOption, withCommonOptions } from '../options';
import { exitCodes, fail, issueLines, say, sayJson } from '../output';

/** `cachetier check FILE` */
export function registerCheck(program: Command): void {
  withCommonOptions(program.command('check'))
    .argument('<file>', 'config in TypeScript, YAML or JSON')
    .summary('look at a config and report every problem at once')
    .description('Looks at a config and reports every problem at once. Needs no cloud account and writes nothing.')
    .addHelpText(
      'after',
      '\nExamples:\n  cachetier check examples/cache.ts\n  cachetier check examples/cache.ts --target memorydb',
    )
    .action((file: string, options: CommonOptions) => {
      try {
        run(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

function run(file: string, options: CommonOptions): void {
  const { issues, plan } = check(loadConfig(file), targetOption(options));
  process.exitCode = plan ? exitCodes.fine : exitCodes.refused;
  if (options.json) {
    sayJson({ ok: plan !== null, target: plan?.kind ?? null, issues });
    return;
  }
  for (const line of issueLines(issues)) say(line);
  if (plan) {
    const accepted =
      plan.gaps.length === 0 ? '' : `, ${plan.gaps.length} accepted gap${plan.gaps.length === 1 ? '' : 's'}`;
    say(`${pc.green('ok')}  ${plan.name} on ${plan.kind}${accepted}`);
  } else {
    const errors = issues.filter((issue) => issue.severity === 'error').length;
    say(`${pc.red('refused')}  ${errors} problem${errors === 1 ? '' : 's'} in ${file}`);
  }
}
