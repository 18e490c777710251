import type { Command } from 'commander';
import { pc } from '../colours';
import { up, type UpResult } from '../../constructs/local';
import { planFile } from '../options';
import { fail, issueLines, say, sayJson } from '../output';
import { interruptible, withProgress } from '../progress';
import { outputsText } from '../tier-text';
import type { TierOptions } from '../tiers';

interface UpOptions extends TierOptions {
  readonly observe?: boolean;
}

/** `cachetier up FILE` */
export function registerUp(program: Command): void {
  program
    .command('up')
    .argument('<file>', 'config in TypeScript, YAML or JSON')
    .option('--dir <folder>', 'folder of the tier (default: $XDG_STATE_HOME/cachetier/<name>)')
    .option(
      '--observe',
      'measure it as well: an exporter beside each server, and a Prometheus with the rules of the tier',
    )
    .option('--json', 'print JSON for machines')
    .summary('run the tier on this machine')
    .description(
      'Runs the tier as processes on this machine, whatever its target is: the files of the nodes, on loopback ports, with TLS, users and Sentinels. ' +
        'Repeated, it starts only what is down and applies what has changed.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cachetier up examples/cache.ts\n  cachetier up examples/cache.ts --dir ./tier\n  cachetier up examples/cache.ts --observe',
    )
    .action(async (file: string, options: UpOptions) => {
      try {
        await run(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

async function run(file: string, options: UpOptions): Promise<void> {
  const plan = planFile(file, { target: 'local' });
  if (!options.json) for (const line of issueLines(plan.warnings)) say(line);
  const result = await interruptible((signal) =>
    withProgress(`bringing up ${plan.name}`, { silent: options.json }, (onProgress) =>
      up(plan, { folder: options.dir, observe: options.observe ?? false, onProgress, signal }),
    ),
  );
  if (options.json) {
    const { outputs, created, started, applied, needsRestart, observation, runtime } = result;
    sayJson({
      folder: result.tier.layout.folder,
      created,
      started,
      applied,
      needsRestart,
      runtime,
      observation,
      outputs,
    });
    return;
  }
  for (const line of [...summary(result), ...observed(result), '', ...outputsText(result.outputs)]) say(line);
}

/** What was done, in a line or a few. */
function summary({ tier, created, started, applied, needsRestart, runtime }: UpResult): readonly string[] {
  const [wanted, has] = [tier.plan.engine.version, runtime?.version ?? ''];
  const name = pc.bold(tier.plan.target.primaryName);
  return [
    started.length === 0
      ? `${pc.green('ok')}  ${name} was up already`
      : `${pc.green('ok')}  ${name} ${created ? 'made' : 'is up again'}, ${started.length} processes started`,
    ...(runtime ? [`    Valkey ${has} (${runtime.kind}: ${runtime.image ?? runtime.program})`] : []),
    ...(runtime && !has.startsWith(`${wanted}.`) && has !== wanted
      ? [`${pc.yellow('note')}  the plan has Valkey ${wanted}, this machine runs ${has}`]
      : []),
    ...(applied.length > 0 ? [`    applied while running: ${applied.join(', ')}`] : []),
    ...(needsRestart.length > 0
      ? [`${pc.yellow('note')}  takes effect after down and up: ${needsRestart.join(', ')}`]
      : []),
  ];
}

/** Where to look at it. */
function observed({ observation }: UpResult): readonly string[] {
  if (!observation) return [];
  return [
    `${pc.green('ok')}  measured by ${observation.exporters.length} exporters and Prometheus`,
    `    Prometheus  ${pc.bold(observation.prometheus)}`,
    `    alerts      ${observation.prometheus}/alerts`,
    `    dashboard   ${observation.dashboard} (import it into Grafana)`,
  ];
}
