import { prometheusSignals } from '../../constructs/monitoring/prometheus-rules';
import type { ScrapedPlan } from '../../constructs/monitoring/scrape';

/** Published only while there is a problem; the rules take their absence for none. */
const onlyInTrouble = new Set(['cachetier_backup_problem', 'cachetier_drill_problem']);

/** Every metric of an exporter that the signals of a tier are made of. */
export function metricsUsed(plan: ScrapedPlan): readonly string[] {
  const all = prometheusSignals(plan).flatMap(({ prometheus }) =>
    [...prometheus.expr.matchAll(/\b(?:redis|node|cachetier)_\w+(?=\{)/g)].map(([name]) => name),
  );
  return [...new Set(all)].filter((name) => !onlyInTrouble.has(name)).sort();
}
