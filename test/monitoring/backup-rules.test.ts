import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../../constructs/local/run';
import { backupRules, renderBackupRules } from '../../constructs/monitoring/backup-rules';
import { tools } from '../support/tools';
import { nodesPlan, richest, smallest } from '../node/plans';

/** The alerting rules of the backups, in which Prometheus itself says when they fire. */
const plan = nodesPlan({ ...richest, backup: { ...richest.backup, continuous: true, drill: 'daily' } });
const labels = 'tier="orders-prod",destination="b2:orders-b2",node="b"';
const weekly = 'cachetier_backup_last_success_timestamp_seconds';

/** Series of every healthy bucket: each was just backed up, and shipping goes on. */
const healthy = [
  ...plan.backup.destinations.map(({ id }) => ({
    series: `${weekly}{tier="orders-prod",destination="${id}",node="b"}`,
    values: '0+60x5000',
  })),
  {
    series: 'cachetier_backup_shipped_timestamp_seconds{tier="orders-prod",destination="r2:orders-r2",node="b"}',
    values: '0+60x5000',
  },
  { series: `cachetier_drill_last_success_timestamp_seconds{${labels}}`, values: '0+60x5000' },
];

async function firing(
  series: readonly { series: string; values: string }[],
  alert: string,
  at: string,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-rules-'));
  // Weeks in steps of five minutes, the longest for which Prometheus takes a series for present.
  const minutes = at.endsWith('h') ? 5 : 1;
  const stepped = series.map((one) => ({ ...one, values: one.values.replace('0+60x', `0+${60 * minutes}x`) }));
  try {
    writeFileSync(join(folder, 'rules.yml'), renderBackupRules(plan));
    const test = {
      rule_files: ['rules.yml'],
      evaluation_interval: `${minutes}m`,
      tests: [
        {
          interval: `${minutes}m`,
          input_series: stepped,
          alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }],
        },
      ],
    };
    writeFileSync(join(folder, 'test.yml'), stringify(test));
    const { file, env } = await tools();
    const done = await run(file('promtool'), ['test', 'rules', join(folder, 'test.yml')], { env });
    const said = done.stdout + done.stderr;
    if (done.status !== 0 && !said.includes('got:')) throw new Error(said);
    return [...(said.split('got:')[1] ?? '').matchAll(/Labels:\{([^}]*)\}/g)].map(([, found = '']) => found);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function but(series: string, values: string): readonly { series: string; values: string }[] {
  return [...healthy.filter((one) => one.series !== series), { series, values }];
}

const shipped = healthy.at(-2)?.series ?? '';
const drilled = healthy.at(-1)?.series ?? '';

test.each([
  [
    'CachetierBackupFailed',
    [...healthy, { series: `cachetier_backup_problem{${labels},cause="bucket-full"}`, values: '1x600' }],
    '1m',
  ],
  ['CachetierBackupTooOld', but(`${weekly}{${labels}}`, '0x5000'), '345h'],
  ['CachetierBackupTooOld', healthy.filter(({ series }) => series !== `${weekly}{${labels}}`), '20m'],
  [
    'CachetierDrillFailed',
    [...healthy, { series: `cachetier_drill_problem{${labels},cause="altered"}`, values: '1x600' }],
    '1m',
  ],
  ['CachetierDrillTooOld', but(drilled, '0x5000'), '60h'],
  ['CachetierShippingLate', but(shipped, '0x100'), '5m'],
  ['CachetierShippingLate', healthy.filter(({ series }) => series !== shipped), '5m'],
])('%s fires for what it is for', async (alert, series, at) => {
  expect(await firing(series, alert, at)).toEqual([expect.stringContaining(`alertname="${alert}"`)]);
});

test.each(backupRules(plan).map(({ alert }) => alert))('%s is silent while all is well', async (alert) => {
  for (const at of ['20m', '30h']) expect(await firing(healthy, alert, at)).toEqual([]);
});

test('a node that once failed raises nothing after another has taken over', async () => {
  const old = { series: `cachetier_backup_problem{${labels},cause="unreachable"}`, values: '1x5 stale' };
  expect(await firing([...healthy, old], 'CachetierBackupFailed', '20m')).toEqual([]);
});

test('a tier without buckets has no rules', () => {
  expect(backupRules(nodesPlan(smallest))).toEqual([]);
  expect(renderBackupRules(nodesPlan(smallest))).toBe('groups: []\n');
});
