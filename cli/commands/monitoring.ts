import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { pc } from '../colours';
import { isScraped, renderMonitoring } from '../../constructs/monitoring';
import { type OutOptions, put, refuseFilled } from '../files';
import { type CommonOptions, planFile, withCommonOptions } from '../options';
import { CliError, fail, say, sayJson } from '../output';

interface MonitoringOptions extends CommonOptions, OutOptions {}

/** `cachetier monitoring FILE --out DIR` */
export function registerMonitoring(program: Command): void {
  withCommonOptions(program.command('monitoring'))
    .argument('<file>', 'config in TypeScript, YAML or JSON')
    .requiredOption('-o, --out <folder>', 'folder to write to; it must be empty')
    .option('-f, --force', 'write into a folder that is not empty')
    .summary('write what Prometheus, Alertmanager and Grafana need of a tier')
    .description(
      'Writes the scrape configuration (static, by files, by Hetzner), the recording and alerting rules, the settings of ' +
        'Alertmanager and the dashboard of Grafana for a tier on servers of our own. On AWS the stack has alarms and a dashboard itself.',
    )
    .addHelpText('after', '\nExample:\n  cachetier monitoring examples/job-queue.ts --out ./monitoring')
    .action((file: string, options: MonitoringOptions) => {
      try {
        run(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

function run(file: string, options: MonitoringOptions): void {
  const plan = planFile(file, options);
  if (!isScraped(plan) || plan.kind === 'local') {
    const instead =
      plan.kind === 'local' ? 'cachetier up FILE --observe measures it' : 'its stack has alarms and a dashboard';
    throw new CliError(2, `${plan.kind} has no machines to scrape: ${instead}; add --target hetzner`);
  }
  const out = resolve(options.out);
  refuseFilled(out, options);
  const files = Object.entries(renderMonitoring(plan)).map(([path, content]) => put(join(out, path), content, '0644'));
  if (options.json) sayJson({ out, files });
  else {
    say(`${pc.green('ok')}  ${files.length} files for ${plan.name} in ${options.out}`);
    if (plan.monitoring.prometheusFrom.length === 0) {
      say(
        `${pc.yellow('note')}  no Prometheus reaches the exporters yet: name its address in monitoring.prometheus.from`,
      );
    }
  }
}
