import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { targetKinds } from '../../constructs/tier/capabilities';
import { moveProblem, moveRunbook, planMove } from '../../constructs/tier/move';
import { didYouMean } from '../../constructs/tier/nearest';
import { pc } from '../colours';
import { planFile } from '../options';
import { CliError, fail, say, sayJson } from '../output';

interface MoveOptions {
  readonly config: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `cachetier move FROM TO --config FILE` */
export function registerMove(program: Command): void {
  program
    .command('move')
    .argument('<from>', 'target that the tier is on')
    .argument('<to>', 'target that it moves to')
    .requiredOption('-c, --config <file>', 'config of the tier in TypeScript, YAML or JSON')
    .option('-o, --out <path>', 'write the runbook to a file; it must not exist')
    .option('--json', 'print JSON for machines')
    .summary('write the runbook of a move from one target to another')
    .description(
      'Writes the steps with their commands, how long applications are stopped, and what is not moved. ' +
        'What needs no console of a cloud are commands of this program: backup, restore --export, restore --rdb.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cachetier move elasticache hetzner --config examples/cache.ts' +
        '\n  cachetier move hetzner memorydb --config examples/cache.ts --out move.md' +
        '\n\nExit codes: 0 written, 1 the config is refused on one of the two, 2 wrong use or a pair that cannot be moved.',
    )
    .action((from: string, to: string, options: MoveOptions) => {
      try {
        run(from, to, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

function run(from: string, to: string, { config, out, json }: MoveOptions): void {
  for (const kind of [from, to])
    if (!targetKinds.some((known) => known === kind))
      throw new CliError(2, `got "${kind}", needed one of ${targetKinds.join(', ')}${didYouMean(kind, targetKinds)}`);
  const plans = { from: planFile(config, { target: from }), to: planFile(config, { target: to }) };
  const problem = moveProblem(plans);
  if (problem !== null) throw new CliError(2, problem);
  const move = planMove({ ...plans, file: config });
  if (json) return sayJson(move);
  const text = moveRunbook(move);
  if (out === undefined) return say(text.trimEnd());
  if (existsSync(out)) throw new CliError(2, `--out: ${out} exists already; nothing was written`);
  writeFileSync(out, text);
  say(`${pc.green('ok')}  ${out}: ${move.steps.length} steps; ${move.downtime}`);
}
