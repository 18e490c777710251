import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../../constructs/local/run';
import { alertingRules, prometheusSignals, recordOf, renderRules } from '../../constructs/monitoring/prometheus-rules';
import { hetznerPlans, nodesPlan, smallest } from '../node/plans';
import { tools } from '../support/tools';
import { type Fault, faults } from './faults';
import { healthy, plan } from './healthy';

/** What promtool says of the tests: nothing, or what differs. */
async function complaints(rules: string, tests: readonly object[], every = '30s'): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), rules);
    const file = { rule_files: ['rules.yml'], evaluation_interval: every, tests };
    writeFileSync(join(folder, 'test.yml'), stringify(file, { aliasDuplicateObjects: false }));
    const { file: program, env } = await tools();
    const args = ['test', 'rules', join(folder, 'test.yml')];
    const done = await run(program('promtool'), args, { env, timeoutMs: 240_000 });
    return done.status === 0 ? '' : done.stdout + done.stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function testOf(name: string, { series, raised, at = '25m' }: Fault): object {
  const exp_samples = raised.map((alert) => {
    const [alertname, severity] = alert.split('/');
    return { labels: `{alertname="${alertname}", severity="${severity}"}`, value: 1 };
  });
  return {
    name,
    interval: '15s',
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    promql_expr_test: [
      { expr: 'group by (alertname, severity) (ALERTS{alertstate="firing"})', eval_time: at, exp_samples },
    ],
  };
}

test('each fault raises its alert, and nothing else', async () => {
  const tests = Object.entries(faults).map(([name, fault]) => testOf(name, fault));
  expect(await complaints(renderRules(plan), tests)).toBe('');
}, 300_000);

test('a bucket that never got a backup is as old as time', async () => {
  const destinations = plan.backup.destinations.map(({ id }) => id);
  const promql_expr_test = [
    {
      expr: 'group by (destination) (ALERTS{alertname="CachetierBackupTooOld",alertstate="firing"})',
      eval_time: '400h',
      exp_samples: destinations.map((id) => ({ labels: `{destination="${id}"}`, value: 1 })),
    },
  ];
  expect(await complaints(renderRules(plan), [{ interval: '1h', input_series: [], promql_expr_test }], '1h')).toBe('');
});

test('promtool tells a fault that raises something else', async () => {
  const tests = [testOf('all is well', { series: healthy, raised: ['CachetierNodeDown/page'] })];
  expect(await complaints(renderRules(plan), tests)).toContain('CachetierNodeDown');
});

test('every alerting rule has a fault that raises it, and is silent while all is well', () => {
  const rules = new Set(alertingRules(plan).map(({ alert, labels }) => `${alert}/${labels.severity}`));
  const raised = new Set(Object.values(faults).flatMap((fault) => fault.raised));
  expect([...raised].sort()).toEqual([...rules].sort());
  expect(faults['all is well']?.raised).toEqual([]);
});

test('every signal has values in a healthy tier', async () => {
  const promql_expr_test = prometheusSignals(plan).map((signal) => ({
    expr: `sgn(count(${recordOf(signal)}))`,
    eval_time: '25m',
    exp_samples: [{ labels: '{}', value: 1 }],
  }));
  const tests = [{ ...testOf('values', { series: healthy, raised: [] }), promql_expr_test }];
  expect(await complaints(renderRules(plan), tests)).toBe('');
});

test.each([
  ...hetznerPlans,
  [
    'one node',
    nodesPlan({ ...smallest, availability: { replicas: 0 }, accept: [{ gap: 'failover', because: 'a test' }] }),
  ] as const,
  ['processes on one machine', nodesPlan(smallest, 'local')] as const,
])('promtool takes the rules of %s', async (_name, each) => {
  expect(await complaints(renderRules(each), [])).toBe('');
});
