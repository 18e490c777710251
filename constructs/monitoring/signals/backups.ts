import type { BackupDestinationPlan } from '../../tier/plan';
import { jobsOf, page, type Signal, type Threshold, ticket } from '../signal';
import type { ScrapedPlan } from '../scrape';

const HOUR = 3600;
const periods = { hourly: HOUR, daily: 24 * HOUR, weekly: 7 * 24 * HOUR } as const;

/** A backup that takes long is not missing yet. */
const GRACE = 2 * HOUR;

/** A tier that is new, or a Prometheus that is, knows of no backup for a moment. */
const FIRST = 900;

/**
 * Whether the buckets have what would bring the data back. A failed attempt is for the day's work; a bucket whose newest
 * backup is older than two of its periods, a restore that does not work, and shipping that stands still wake somebody.
 *
 * Any node may have made the newest backup, so it is the newest of what all nodes know that counts.
 */
export function backupSignals(plan: ScrapedPlan): readonly Signal[] {
  const { destinations, continuous, drill } = plan.backup;
  if (destinations.length === 0) return [];
  const { node } = jobsOf(plan);
  const by = ['tier', 'destination'];
  const common = { cloudWatch: null, runbook: 'backups.md' };
  const ids = destinations.map(({ id }) => id);
  const problems = (what: string): Signal['prometheus'] => ({
    by: [...by, 'cause'],
    expr: `max by (tier, destination, cause) (cachetier_${what}_problem{${node}}) or ${zeroOf(plan)}`,
  });
  return [
    {
      ...common,
      name: 'backup-problem',
      title: 'Backup failed',
      meaning: 'Whether the last attempt of a node to fill a bucket failed, and why.',
      unit: 'yes-or-no',
      alert: 'CachetierBackupFailed',
      summary: 'a backup to {{ $labels.destination }} failed: {{ $labels.cause }}',
      thresholds: [ticket('above', 0, 0)],
      prometheus: problems('backup'),
    },
    {
      ...common,
      name: 'backup-running',
      title: 'Backups are switched on',
      meaning: 'Whether the timers and the service run on the node that see to backups, drills and shipping.',
      unit: 'yes-or-no',
      alert: 'CachetierBackupsStopped',
      summary: 'backups are switched off on node {{ $labels.node }} of {{ $labels.tier }}',
      thresholds: [page('below', 1, 60)],
      prometheus: { by: ['tier', 'node'], expr: `min by (tier, node) (cachetier_unit_active{${node}})` },
    },
    {
      ...common,
      name: 'backup-age',
      title: 'Age of the newest backup',
      meaning:
        'Time since the newest good backup of a bucket was begun. All that came later would be lost with the nodes.',
      unit: 'seconds',
      alert: 'CachetierBackupTooOld',
      summary: '{{ $labels.destination }} has had no new backup for {{ $value | humanizeDuration }}',
      thresholds: destinations.map(tooOld),
      prometheus: {
        by,
        expr: `time() - (max by (tier, destination) (cachetier_backup_last_success_timestamp_seconds{${node}}) or ${never(plan, ids)})`,
      },
    },
    ...(drill === 'none' ? [] : drillSignals(node, periods[drill], problems('drill'))),
    ...(continuous
      ? [
          {
            ...common,
            name: 'shipping-age',
            title: 'Age of what is shipped',
            meaning: 'Time since the last write that is in the bucket. What came later is on the nodes alone.',
            unit: 'seconds',
            alert: 'CachetierShippingLate',
            summary: 'append-only files are not shipped: what is written now is on the nodes alone',
            thresholds: [page('above', 120, 60)],
            prometheus: {
              by,
              expr: `time() - (max by (tier, destination) (cachetier_backup_shipped_timestamp_seconds{${node}}) or ${never(plan, ids.slice(0, 1))})`,
            },
          } as const,
        ]
      : []),
  ];
}

function drillSignals(node: string, period: number, problems: Signal['prometheus']): readonly Signal[] {
  const common = { cloudWatch: null, runbook: 'backups.md' };
  return [
    {
      ...common,
      name: 'drill-problem',
      title: 'Drill failed',
      meaning: 'Whether the newest backup could not be restored, and why.',
      unit: 'yes-or-no',
      alert: 'CachetierDrillFailed',
      summary: 'the newest backup in {{ $labels.destination }} was not restored: {{ $labels.cause }}',
      thresholds: [page('above', 0, 0)],
      prometheus: problems,
    },
    {
      ...common,
      name: 'drill-age',
      title: 'Since a drill restored a backup',
      meaning: 'Time since a backup was last restored to prove that it is one.',
      unit: 'seconds',
      alert: 'CachetierDrillTooOld',
      summary: 'no backup of {{ $labels.destination }} was restored for {{ $value | humanizeDuration }}',
      thresholds: [ticket('above', 2 * period + GRACE, 0)],
      prometheus: {
        by: ['tier', 'destination'],
        expr: `time() - max by (tier, destination) (cachetier_drill_last_success_timestamp_seconds{${node}})`,
      },
    },
  ];
}

function tooOld({ id, schedule }: BackupDestinationPlan): Threshold {
  return { ...page('above', 2 * periods[schedule] + GRACE, FIRST), destination: id };
}

/** Buckets that no node knows a backup of are as old as time itself; absence must not be silence. */
function never(plan: ScrapedPlan, ids: readonly string[]): string {
  return ids.map((id) => `label_replace(${zeroOf(plan)}, "destination", "${id}", "", "")`).join(' or ');
}

function zeroOf(plan: ScrapedPlan): string {
  return `label_replace(vector(0), "tier", "${plan.target.primaryName}", "", "")`;
}
