import { jobsOf, page, type Signal, ticket } from '../signal';
import type { ScrapedPlan } from '../scrape';

/** Whether what is in memory reaches the disk. */
export function persistenceSignals(plan: ScrapedPlan): readonly Signal[] {
  const { valkey } = jobsOf(plan);
  const { appendFsync, saveRules } = plan.target;
  const common = { cloudWatch: null, runbook: 'persistence.md' };
  const fullDisk = [{ alert: 'CachetierDiskFull', on: ['tier', 'node'] }];
  const append: Signal = {
    ...common,
    name: 'append-only-file',
    title: 'Append-only file is written',
    meaning:
      'Whether the last write and the last rewrite of the append-only file went well. Where not, the primary soon refuses writes.',
    unit: 'yes-or-no',
    alert: 'CachetierAppendOnlyFileFailing',
    summary: 'node {{ $labels.node }} of {{ $labels.tier }} cannot write its append-only file',
    thresholds: [page('below', 1, 30)],
    prometheus: {
      by: ['tier', 'node'],
      expr: `min by (tier, node) (redis_aof_last_write_status{${valkey}} * redis_aof_last_bgrewrite_status{${valkey}})`,
      explainedBy: fullDisk,
    },
  };
  const save: Signal = {
    ...common,
    name: 'save',
    title: 'Last RDB was saved',
    meaning: 'Whether the last save of an RDB went well.',
    unit: 'yes-or-no',
    alert: 'CachetierSaveFailing',
    summary: 'node {{ $labels.node }} of {{ $labels.tier }} could not save its RDB',
    thresholds: [appendFsync === null ? page('below', 1, 60) : ticket('below', 1, 60)],
    prometheus: {
      by: ['tier', 'node'],
      expr: `min by (tier, node) (redis_rdb_last_bgsave_status{${valkey}})`,
      explainedBy: fullDisk,
    },
  };
  return [...(appendFsync === null ? [] : [append]), ...(appendFsync === null && saveRules.length === 0 ? [] : [save])];
}
