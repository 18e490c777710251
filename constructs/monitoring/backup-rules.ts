import { stringify } from 'yaml';
import type { BackupDestinationPlan } from '../tier/plan';
import type { ScrapedPlan } from './scrape';

/** One alerting rule of Prometheus. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'page' | 'ticket' };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const runbook = 'docs/runbooks/backups.md';

const HOUR = 3600;
const periods = { hourly: HOUR, daily: 24 * HOUR, weekly: 7 * 24 * HOUR } as const;

/** A backup that takes long is not missing yet. */
const GRACE = 2 * HOUR;

/**
 * Alerts about the backups of a tier. A failed attempt is for the day's work; a bucket whose newest backup is older than
 * two of its periods, a restore that does not work, and shipping that stands still wake somebody.
 *
 * Any node may have made the newest backup, so it is the newest of what all nodes know that counts.
 */
export function backupRules(plan: ScrapedPlan): readonly AlertingRule[] {
  const { destinations, continuous, drill } = plan.backup;
  if (destinations.length === 0) return [];
  const ofTier = `tier="${plan.target.primaryName}"`;
  const failed = (what: string): string =>
    `max by (tier, destination, cause) (cachetier_${what}_problem{${ofTier}}) > 0`;
  return [
    rule(
      'ticket',
      'CachetierBackupFailed',
      failed('backup'),
      'a backup to {{ $labels.destination }} failed: {{ $labels.cause }}',
    ),
    ...destinations.map((to) => tooOld(ofTier, to)),
    ...(drill === 'none'
      ? []
      : [
          rule(
            'page',
            'CachetierDrillFailed',
            failed('drill'),
            'the newest backup in {{ $labels.destination }} was not restored: {{ $labels.cause }}',
          ),
          rule(
            'ticket',
            'CachetierDrillTooOld',
            `time() - max by (tier, destination) (cachetier_drill_last_success_timestamp_seconds{${ofTier}}) > ${2 * periods[drill] + GRACE}`,
            'no backup of {{ $labels.destination }} was restored for {{ $value | humanizeDuration }}',
          ),
        ]),
    ...(continuous
      ? [
          {
            ...rule(
              'page',
              'CachetierShippingLate',
              `(time() - max by (tier, destination) (cachetier_backup_shipped_timestamp_seconds{${ofTier}}) > 120) or absent(cachetier_backup_shipped_timestamp_seconds{${ofTier}})`,
              'append-only files are not shipped: what is written now is on the nodes alone',
            ),
            for: '1m',
          },
        ]
      : []),
  ];
}

function tooOld(ofTier: string, { id, schedule }: BackupDestinationPlan): AlertingRule {
  const newest = `max by (tier, destination) (cachetier_backup_last_success_timestamp_seconds{${ofTier},destination="${id}"})`;
  return {
    ...rule(
      'page',
      'CachetierBackupTooOld',
      `time() - ${newest} > ${2 * periods[schedule] + GRACE} or absent(cachetier_backup_last_success_timestamp_seconds{${ofTier},destination="${id}"})`,
      `${id} has had no new ${schedule} backup for too long`,
    ),
    // A tier that is new, or a Prometheus that is, has none for a moment.
    for: '15m',
  };
}

function rule(severity: 'page' | 'ticket', alert: string, expr: string, summary: string): AlertingRule {
  return {
    alert,
    expr,
    labels: { severity },
    annotations: { summary, runbook: `${runbook}#${alert.toLowerCase()}` },
  };
}

/** The rules as a file that `rule_files` of a `prometheus.yml` may name. */
export function renderBackupRules(plan: ScrapedPlan): string {
  const rules = backupRules(plan);
  return stringify({
    groups: rules.length === 0 ? [] : [{ name: `cachetier-${plan.target.primaryName}-backups`, rules }],
  });
}
