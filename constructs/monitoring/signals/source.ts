import type { CacheTierPlan } from '../../tier/plan';
import type { CloudWatchKind } from '../cloudwatch';
import { isScraped } from '../scrape';
import { type CloudWatchSource, jobsOf, type PrometheusSource } from '../signal';

/** The source of a signal on the service of the plan, or null where it is on another, or on nodes of ours. */
export function onService(
  plan: CacheTierPlan,
  sources: Partial<Record<CloudWatchKind, CloudWatchSource>>,
): CloudWatchSource | null {
  return sources[plan.kind as CloudWatchKind] ?? null;
}

/** An expression over the exporters of the plan's nodes, or null on a service, which has none. */
export function metricsOf(
  plan: CacheTierPlan,
  by: readonly string[],
  expr: (jobs: ReturnType<typeof jobsOf>) => string,
): PrometheusSource | null {
  return isScraped(plan) ? { by, expr: expr(jobsOf(plan)) } : null;
}
