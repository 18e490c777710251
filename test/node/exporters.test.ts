import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../../constructs/local/run';
import { renderScrapeConfig } from '../../constructs/monitoring/scrape';
import { exporterPorts } from '../../constructs/tier/exporters';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { tools } from '../support/tools';
import { writeBelow } from './disk';
import { Loopback } from './loopback';
import { nodesPlan, richest, smallest } from './plans';

test('both exporters log in with the rendered settings and refuse nothing that they ask', async () => {
  const tier = await Loopback.create(nodesPlan(smallest, 'local'));
  const children: ChildProcess[] = [];
  try {
    tier.write('a');
    await tier.start('a', 'valkey');
    await tier.start('a', 'sentinel');
    for (const [name, expected] of [
      ['valkey', /^redis_up 1$/m],
      ['sentinel', /^redis_sentinel_masters 1$/m],
    ] as const) {
      const port = await freePort();
      const { file, env } = await tools();
      const settings = { ...environment(tier, name), REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}` };
      children.push(spawn(file('prometheus-redis-exporter'), [], { env: { ...env, ...settings }, stdio: 'ignore' }));
      const metrics = await eventually(async () => {
        const answer = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        expect(answer).toMatch(expected);
        return answer;
      });
      expect(metrics).toMatch(/^redis_exporter_last_scrape_error\{err=""\} 0$/m);
    }
    expect(await tier.ask('a', 'valkey', 'ACL', 'LOG')).not.toContain('cachetier-exporter');
    expect(await tier.ask('a', 'sentinel', 'ACL', 'LOG')).not.toContain('cachetier-exporter');
  } finally {
    children.forEach((child) => child.kill('SIGKILL'));
    await tier.remove();
  }
});

test.each([smallest, richest])('Prometheus accepts the scrape configuration', async (config) => {
  const root = writeBelow([{ path: '/prometheus.yml', mode: '0644', content: renderScrapeConfig(nodesPlan(config)) }]);
  const { file, env } = await tools();
  const done = await run(file('promtool'), ['check', 'config', join(root, 'prometheus.yml')], { env });
  rmSync(root, { recursive: true });
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('SUCCESS') });
});

test('each node is a target of each exporter, told apart by labels', () => {
  const { scrape_configs: jobs } = parse(renderScrapeConfig(nodesPlan(richest))) as {
    scrape_configs: { job_name: string; static_configs: { targets: string[]; labels: Record<string, string> }[] }[];
  };
  expect(jobs.map(({ job_name: name }) => name)).toEqual([
    'cachetier-orders-prod-node',
    'cachetier-orders-prod-valkey',
    'cachetier-orders-prod-sentinel',
  ]);
  expect(jobs[1]?.static_configs).toEqual(
    ['a', 'b', 'c'].map((node, index) => ({
      targets: [`10.20.1.${11 + index}:${exporterPorts.valkey}`],
      labels: { tier: 'orders-prod', stage: 'prod', node },
    })),
  );
});

function environment(tier: Loopback, name: string): Record<string, string> {
  const text = readFileSync(join(tier.folder('a'), `machine/etc/cachetier/${name}-exporter.env`), 'utf8');
  const lines = [...text.matchAll(/^(\w+)=(.*)$/gm)];
  const settings = Object.fromEntries(lines.map(([, key = '', value = '']) => [key, value]));
  const passwords = join(tier.folder('a'), `machine/etc/cachetier/${name}-exporter.passwords`);
  return {
    ...settings,
    REDIS_PASSWORD_FILE: passwords,
    REDIS_EXPORTER_TLS_CA_CERT_FILE: join(tier.placement('a').folders.tls, 'ca.crt'),
  };
}
