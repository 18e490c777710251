import { App } from 'aws-cdk-lib/core';
import { ConfigFileError, loadConfig } from '../cli/load';
import { exitCodes, issueLines } from '../cli/output';
import { check } from '../constructs/tier/check';
import { targetKinds } from '../constructs/tier/capabilities';
import type { CacheTierConfig, TargetKind } from '../constructs/tier/config';
import { ConfigError, type Issue } from '../constructs/tier/issue';
import type { CacheTierPlan } from '../constructs/tier/plan';
import { TierStack } from './tier-stack';

const usage = `usage: cdk synth -c tier=FILE[,FILE...] [-c target=elasticache|elasticache-serverless|memorydb]

  tier    config of a tier, in TypeScript, YAML or JSON; several make several stacks
  target  another target for the same config; its fields come from "targets"`;

/** A config that nothing refuses, and its plan. */
interface Tier {
  readonly file: string;
  readonly config: CacheTierConfig;
  readonly plan: CacheTierPlan;
}

/** The app: one stack for each config. Exit code 1 where a config is refused, 2 for wrong use; then nothing is written. */
function main(): number {
  // Else CDK synthesizes at the end of the process, a refused config too.
  const app = new App({ autoSynth: false });
  const files = list(app.node.tryGetContext('tier'));
  const target: unknown = app.node.tryGetContext('target');
  if (files.length === 0) return wrongUse('which tier?');
  const kind = targetKinds.find((known) => known === target);
  if (target !== undefined && kind === undefined) return wrongUse(`there is no target ${JSON.stringify(target)}`);

  const looked = files.map((file) => look(file, kind));
  const failed = Math.max(...looked.map((one) => ('exitCode' in one ? one.exitCode : exitCodes.fine)));
  if (failed !== exitCodes.fine) return failed;
  const tiers = looked.filter((one): one is Tier => 'plan' in one);
  return reported(() => {
    const names = tiers.map(({ plan }) => plan.names['stack']);
    for (const [index, tier] of tiers.entries()) {
      if (names.indexOf(tier.plan.names['stack']) < index) refuseTwins(tier);
      new TierStack(app, tier.config, tier.plan);
    }
    app.synth();
  });
}

function list(context: unknown): readonly string[] {
  if (typeof context !== 'string') return [];
  return context
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '');
}

function look(file: string, kind: TargetKind | undefined): Tier | { readonly exitCode: number } {
  try {
    const config = loadConfig(file);
    const { issues, plan } = check(config, kind === undefined ? {} : { kind });
    // `check` found a plan in it, so it is a config.
    if (plan) return { file, config: config as CacheTierConfig, plan };
    report(issues, file);
    return { exitCode: exitCodes.refused };
  } catch (cause) {
    if (!(cause instanceof ConfigFileError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    return { exitCode: cause.exitCode };
  }
}

function refuseTwins({ file, plan }: Tier): never {
  const message = `${file} is the second config of the tier "${plan.name}" for ${plan.kind}; give it another name or stage`;
  throw new ConfigError([{ code: 'TierIsNamedOnce', path: 'name', severity: 'error', message }]);
}

/** Says what went wrong, without the stack trace of a program that the reader did not write. */
function reported(run: () => void): number {
  try {
    run();
    return exitCodes.fine;
  } catch (cause) {
    if (cause instanceof ConfigError) report(cause.issues);
    else process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return exitCodes.refused;
  }
}

function report(issues: readonly Issue[], file?: string): void {
  const lines = issueLines(issues);
  process.stderr.write(`${[...(file === undefined ? [] : [file]), ...lines].join('\n')}\n`);
}

function wrongUse(message: string): number {
  process.stderr.write(`${message}\n${usage}\n`);
  return exitCodes.usage;
}

process.exitCode = main();
