import { stringify } from 'yaml';
import { renderAlertmanager } from './alertmanager';
import { renderRules } from './prometheus-rules';
import {
  renderFileDiscovery,
  renderHetznerDiscovery,
  renderScrapeConfig,
  renderTargetFiles,
  type ScrapedPlan,
  scrapeJobs,
} from './scrape';

export { renderAlertmanager } from './alertmanager';
export { type AlertingRule, alertingRules, prometheusSignals, recordOf, renderRules } from './prometheus-rules';
export { isScraped, renderScrapeConfig, type ScrapedPlan, type ScrapeJob, scrapeJobs } from './scrape';
export type { Severity, Signal, Threshold, Unit } from './signal';
export { signalsOf } from './signals';

/** Path of the rules of a tier, beside `prometheus.yml`. */
export function rulesPath(plan: ScrapedPlan): string {
  return `rules/cachetier-${plan.target.primaryName}.yml`;
}

/** What a Prometheus with an Alertmanager beside it reads, by path below one folder. */
export function renderPrometheus(plan: ScrapedPlan): Readonly<Record<string, string>> {
  return {
    'prometheus.yml': stringify({
      global: { scrape_interval: '15s', evaluation_interval: '15s' },
      rule_files: [rulesPath(plan)],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9093'] }] }] },
      scrape_configs: scrapeJobs(plan),
    }),
    [rulesPath(plan)]: renderRules(plan),
  };
}

/**
 * Everything that a Prometheus, an Alertmanager and a Grafana need of a tier, by path below one folder.
 *
 * `prometheus.yml` is whole; the files `scrape-*.yml` are other ways to find the nodes, for one that runs already.
 */
export function renderMonitoring(plan: ScrapedPlan): Readonly<Record<string, string>> {
  const { renderDashboard } = require('./grafana') as typeof import('./grafana');
  return {
    ...renderPrometheus(plan),
    'scrape-static.yml': renderScrapeConfig(plan),
    'scrape-file-sd.yml': renderFileDiscovery(plan),
    ...renderTargetFiles(plan),
    'scrape-hetzner-sd.yml': renderHetznerDiscovery(plan),
    'alertmanager.yml': renderAlertmanager(plan),
    'grafana-dashboard.json': renderDashboard(plan),
  };
}
