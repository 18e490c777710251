import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { renderMonitoring } from '../../constructs/monitoring';
import { dashboardQueries } from '../../constructs/monitoring/grafana';
import { alertingRules, prometheusSignals } from '../../constructs/monitoring/prometheus-rules';
import { renderHetznerDiscovery, scrapeJobs } from '../../constructs/monitoring/scrape';
import { run } from '../../constructs/local/run';
import { nodesPlan, richest, smallest } from '../node/plans';
import { sectionsOf } from '../readme/markdown';
import { tools, type ToolName } from '../support/tools';
import { plan } from './healthy';

/** What the tools of Prometheus and Alertmanager say of the files that a tier gives them. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cachetier-monitoring-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function checked(program: ToolName, ...args: string[]): Promise<{ status: number | null; said: string }> {
  const { file, env } = await tools();
  const done = await run(file(program), args, { env });
  return { status: done.status, said: done.stdout + done.stderr };
}

const notified = nodesPlan({ ...richest, monitoring: { ...richest.monitoring, notify: { email: 'ops@example.com' } } });

describe.each([
  ['the smallest tier', nodesPlan(smallest)],
  ['the richest tier', plan],
  ['a tier that tells by mail', notified],
] as const)('%s', (_name, each) => {
  test('promtool takes every file, each way of finding the nodes among them', async () => {
    for (const [path, content] of Object.entries(renderMonitoring(each))) write(path, content);
    for (const name of ['prometheus.yml', 'scrape-static.yml', 'scrape-file-sd.yml']) {
      expect(await checked('promtool', 'check', 'config', join(folder, name))).toMatchObject({ status: 0 });
    }
    const token = write('token', 'a-token-of-a-test');
    const hetzner = write('hetzner.yml', renderHetznerDiscovery(each, token));
    expect(await checked('promtool', 'check', 'config', hetzner)).toMatchObject({ status: 0 });
  });

  test('amtool takes the settings of Alertmanager, and routes each severity to its receiver', async () => {
    const file = write('alertmanager.yml', renderMonitoring(each)['alertmanager.yml'] ?? '');
    expect(await checked('amtool', 'check-config', file)).toMatchObject({ status: 0 });
    const { primaryName } = each.target;
    for (const severity of ['page', 'ticket']) {
      const route = [
        'config',
        'routes',
        'test',
        `--config.file=${file}`,
        `tier=${primaryName}`,
        `severity=${severity}`,
      ];
      expect((await checked('amtool', ...route)).said.split('\n')[0]).toBe(`${primaryName}-${severity}`);
    }
  });
});

test('promtool tells a configuration that is none', async () => {
  const file = write('prometheus.yml', stringify({ scrape_configs: [{ job: 'x' }] }));
  expect((await checked('promtool', 'check', 'config', file)).status).not.toBe(0);
});

test('each way of finding the nodes gives the same targets with the same labels', () => {
  const files = renderMonitoring(plan);
  const fixed = scrapeJobs(plan);
  for (const { job_name: job, static_configs: targets } of fixed) {
    expect(JSON.parse(files[`targets/${job}.json`] ?? '')).toEqual(targets);
  }
  const { scrape_configs: found } = parse(files['scrape-hetzner-sd.yml'] ?? '') as {
    scrape_configs: { job_name: string; relabel_configs: Relabel[] }[];
  };
  for (const { job_name: job, relabel_configs: rules } of found) {
    const servers = plan.target.nodes.map(({ name }) => relabelled(name, rules));
    const wanted = fixed.find(({ job_name: name }) => name === job)?.static_configs ?? [];
    expect(servers).toEqual(wanted.map(({ targets: [address], labels }) => ({ __address__: address, ...labels })));
    expect(relabelled('another-server', rules)).toBeNull();
  }
});

interface Relabel {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly action?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** What Prometheus makes of a server by these rules: a regular expression matches as a whole. */
function relabelled(server: string, rules: readonly Relabel[]): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const { source_labels: from, regex = '.*', action, target_label: label = '', replacement = '' } of rules) {
    const matches = from === undefined || new RegExp(`^(?:${regex})$`).test(server);
    if (action === 'keep' && !matches) return null;
    if (action === undefined && matches) labels[label] = replacement;
  }
  return labels;
}

test('the dashboard has a panel for each signal, and asks for what is recorded', () => {
  const text = renderMonitoring(plan)['grafana-dashboard.json'] ?? '';
  const { panels, uid } = JSON.parse(text) as {
    uid: string;
    panels: {
      title: string;
      description: string;
      targets: { expr: string }[];
      gridPos: { x: number; y: number };
      type: string;
    }[];
  };
  expect(uid).toBe('cachetier-orders-prod');
  const signals = prometheusSignals(plan);
  expect(panels.map(({ title }) => title)).toEqual(['Alerts that are raised', ...signals.map(({ title }) => title)]);
  expect(panels.map(({ targets }) => targets[0]?.expr)).toEqual(dashboardQueries(plan).map(({ expr }) => expr));
  expect(new Set(panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)).size).toBe(panels.length);
  for (const { expr } of dashboardQueries(plan)) expect(expr).toContain('tier="orders-prod"');
});

test('every alert has a section in its runbook', () => {
  const missing = alertingRules(plan).filter(({ annotations }) => {
    const [file = '', anchor = ''] = annotations.runbook.split('#');
    return !sectionsOf(file).includes(anchor);
  });
  expect(missing.map(({ alert }) => alert)).toEqual([]);
});
