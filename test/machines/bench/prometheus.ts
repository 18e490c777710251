import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { renderScrapeConfig } from '../../../constructs/monitoring/scrape';
import { eventually } from '../../support/eventually';
import { tools } from '../../support/tools';
import type { Bench } from './bench';

/** One alert that is raised. */
export type Alert = Readonly<Record<string, string>>;

/** A real Prometheus on the monitoring host of the lab, with the scrape configuration and the rules of a tier. */
export class Prometheus {
  private constructor(
    private readonly bench: Bench,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(bench: Bench, rules: string): Promise<Prometheus> {
    const { file } = await tools();
    const folder = mkdtempSync(join(tmpdir(), 'cachetier-prometheus-'));
    const { scrape_configs } = parse(renderScrapeConfig(bench.plan)) as { scrape_configs: readonly object[] };
    const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
    writeFileSync(join(folder, 'rules.yml'), rules);
    writeFileSync(join(folder, 'prometheus.yml'), stringify({ global, rule_files: ['rules.yml'], scrape_configs }));
    const [program, ...args] = bench.network.within('prometheus', [
      file('prometheus'),
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:9090',
    ]);
    const child = spawn(program, args, { stdio: 'ignore' });
    const prometheus = new Prometheus(bench, folder, child);
    await eventually(() => prometheus.query('up == 1'), { withinMs: 30_000, everyMs: 200 });
    return prometheus;
  }

  /** Series that an expression finds now, as labels with the value under `value`. */
  async query(expression: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const { result } = (await this.ask(`query?query=${encodeURIComponent(expression)}`)) as {
      result: readonly { metric: Record<string, string>; value: readonly [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ ...metric, value: value[1] }));
  }

  /** Alerts that are raised now. */
  async alerts(): Promise<readonly Alert[]> {
    const { alerts } = (await this.ask('alerts')) as { alerts: readonly { state: string; labels: Alert }[] };
    return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
  }

  stop(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(path: string): Promise<unknown> {
    const script = `fetch('http://127.0.0.1:9090/api/v1/${path}').then((answer) => answer.text()).then(console.log)`;
    const done = await this.bench.on('prometheus', [process.execPath, '-e', script]);
    const answer = JSON.parse(done.stdout) as { status: string; data: unknown };
    if (answer.status !== 'success') throw new Error(done.stdout);
    return answer.data;
  }
}
