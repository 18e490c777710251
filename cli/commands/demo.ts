import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pc } from '../colours';
import { up, type UpOptions, verify } from '../../constructs/local';
import { targetKinds } from '../../constructs/tier/capabilities';
import { check } from '../../constructs/tier/check';
import { ConfigError } from '../../constructs/tier/issue';
import type { CacheTierPlan } from '../../constructs/tier/plan';
import { loadConfig } from '../load';
import { CliError, fail, issueLines, say } from '../output';
import { comparisonRows, planText } from '../plan-text';
import { interruptible, withProgress } from '../progress';
import { outputsText } from '../tier-text';
import type { TierOptions } from '../tiers';

/** The README's first example, from the package's folder. */
const EXAMPLE = 'examples/cache.ts';

/** `cachetier demo [FILE]`, which is `npm start` */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .argument('[file]', `config in TypeScript, YAML or JSON (default in a checkout: ${EXAMPLE})`)
    .option('--dir <folder>', 'folder of the tier (default: $XDG_STATE_HOME/cachetier/<name>)')
    .summary('the whole path once: check, plan, price, run here, verify')
    .description(
      'Checks, plans and prices a config on every target, runs it on this machine, and verifies it with a real client while its primary is killed.',
    )
    .addHelpText('after', '\nExamples:\n  cachetier demo examples/cache.ts')
    .action(async (file: string | undefined, options: TierOptions) => {
      try {
        await run(file ?? example(), options);
      } catch (cause) {
        fail(cause);
      }
    });
}

async function run(file: string, options: TierOptions): Promise<void> {
  const input = loadConfig(file);
  heading('Check and plan', file);
  const asked = planOrThrow(check(input));
  for (const line of planText(asked)) say(line);
  heading('The same config on every target', 'price of a month');
  for (const line of comparison(input)) say(line);
  const plan = planOrThrow(check(input, { kind: 'local' }));
  heading('On this machine', 'the same files as the nodes, as processes');
  const bringUp = (title: string): ReturnType<typeof up> =>
    interruptible((signal) =>
      withProgress(title, {}, (onProgress) =>
        up(plan, { folder: options.dir, onProgress, signal } satisfies UpOptions),
      ),
    );
  const { tier, runtime, started } = await bringUp(`bringing up ${plan.name}`);
  say(
    `${pc.green('ok')}  ${started.length} processes started${runtime ? `, Valkey ${runtime.version} (${runtime.kind})` : ''}`,
  );
  heading('Verified with a real client', 'and its primary killed');
  await verify(tier, ({ what, detail }) => say(`${pc.green('ok')}  ${what}: ${detail}`));
  const { outputs } = await bringUp('starting the killed node again');
  say(`${pc.green('ok')}  whole again: the killed node is back as a replica`);
  say();
  for (const line of outputsText(outputs)) say(line);
  say();
  const named = options.dir ? `--dir ${options.dir}` : tier.plan.target.primaryName;
  say(`It runs on. Look at it:  npx cachetier status ${named}`);
  say(`End it:                  npx cachetier down ${named} --delete-data`);
}

function heading(title: string, about: string): void {
  say();
  say(`${pc.bold(title)}  ${pc.dim(about)}`);
  say();
}

function planOrThrow({ plan, issues }: ReturnType<typeof check>): CacheTierPlan {
  if (!plan) throw new ConfigError(issues);
  for (const line of issueLines(issues)) say(line);
  return plan;
}

function comparison(input: unknown): readonly string[] {
  return comparisonRows(
    targetKinds.map((kind) => {
      const { plan, issues } = check(input, { kind });
      return [
        kind,
        plan,
        [...new Set(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code))].join(', '),
      ];
    }),
  );
}

/** The example lies beside the compiled program's folder, or beside the source. */
function example(): string {
  const roots = [join(__dirname, '../..'), join(__dirname, '../../..')];
  const found = roots.map((root) => join(root, EXAMPLE)).find((path) => existsSync(path));
  if (!found)
    throw new CliError(
      2,
      'which config? the example comes with the repository, not with the package; give a file: cachetier demo FILE',
    );
  return found;
}
