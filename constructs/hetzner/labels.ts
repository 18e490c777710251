import type { CacheTierPlan } from '../tier/plan';

/** Tags as labels: a label key has no colon at Hetzner. */
export function labelsOf(plan: CacheTierPlan, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const labels = Object.entries(plan.tags).map(([key, value]) => [key.replaceAll(':', '-'), value]);
  return { ...(Object.fromEntries(labels) as Record<string, string>), ...extra };
}
