import { stringify } from 'yaml';
import { exportersOf } from '../tier/exporters';
import type { CacheTierPlan, HetznerPlan, LocalPlan } from '../tier/plan';

/** A plan of a tier whose nodes we run. */
export type ScrapedPlan = CacheTierPlan & { readonly target: HetznerPlan | LocalPlan };

/** One job of Prometheus with a target for each node. */
export interface ScrapeJob {
  readonly job_name: string;
  readonly static_configs: readonly {
    readonly targets: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** Whether exporters run on the nodes of a plan. */
export function isScraped(plan: CacheTierPlan): plan is ScrapedPlan {
  return plan.target.kind === 'hetzner' || plan.target.kind === 'local';
}

/** Jobs of Prometheus for the exporters of a tier: one for each kind, so that a rule can tell Valkey from Sentinel. */
export function scrapeJobs(plan: ScrapedPlan): readonly ScrapeJob[] {
  const stage: Record<string, string> = plan.stage === null ? {} : { stage: plan.stage };
  return Object.entries(exportersOf(plan.topology)).map(([exporter, port]) => ({
    job_name: `cachetier-${plan.target.primaryName}-${exporter}`,
    static_configs: plan.target.nodes.map(({ letter, address }) => ({
      targets: [`${address}:${port}`],
      labels: { tier: plan.target.primaryName, ...stage, node: letter },
    })),
  }));
}

/** The `scrape_configs` part of a `prometheus.yml`, also fit for a file named under `scrape_config_files`. */
export function renderScrapeConfig(plan: ScrapedPlan): string {
  return stringify({ scrape_configs: scrapeJobs(plan) });
}
