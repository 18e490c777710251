import { stringify } from 'yaml';
import { exportersOf } from '../tier/exporters';
import type { CacheTierPlan, HetznerPlan, LocalPlan } from '../tier/plan';
import { jobOf } from './signal';

/** A plan of a tier whose nodes we run. */
export type ScrapedPlan = CacheTierPlan & { readonly target: HetznerPlan | LocalPlan };

/** Targets of Prometheus with their labels, as a static list or a file of `file_sd_configs` has them. */
export interface ScrapeTargets {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** One job of Prometheus with a target for each node. */
export interface ScrapeJob {
  readonly job_name: string;
  readonly static_configs: readonly ScrapeTargets[];
}

/** Where the exporter of a node listens. */
export type ExporterAddress = (letter: string, exporter: string) => string;

/** Whether exporters run on the nodes of a plan. */
export function isScraped(plan: CacheTierPlan): plan is ScrapedPlan {
  return plan.target.kind === 'hetzner' || plan.target.kind === 'local';
}

/**
 * Jobs of Prometheus for the exporters of a tier: one for each kind, so that a rule can tell Valkey from Sentinel.
 *
 * @param at - where an exporter listens; the private address of the node and its usual port where it is not given
 */
export function scrapeJobs(plan: ScrapedPlan, at: ExporterAddress = usualAddress(plan)): readonly ScrapeJob[] {
  return exporters(plan).map(([exporter]) => ({
    job_name: jobOf(plan, exporter),
    static_configs: targetsOf(plan, exporter, at),
  }));
}

/** The `scrape_configs` part of a `prometheus.yml`, also fit for a file named under `scrape_config_files`. */
export function renderScrapeConfig(plan: ScrapedPlan): string {
  return stringify({ scrape_configs: scrapeJobs(plan) });
}

/** Where Prometheus looks for the files of `renderTargetFiles`, beside its own. */
const TARGETS_FOLDER = 'targets';

/** The same by `file_sd_configs`: Prometheus reads the lists of targets again whenever they change. */
export function renderFileDiscovery(plan: ScrapedPlan): string {
  const jobs = exporters(plan).map(([exporter]) => ({
    job_name: jobOf(plan, exporter),
    file_sd_configs: [{ files: [`${TARGETS_FOLDER}/${jobOf(plan, exporter)}.json`] }],
  }));
  return stringify({ scrape_configs: jobs });
}

/** The lists of targets for `renderFileDiscovery`, by path beside it. */
export function renderTargetFiles(plan: ScrapedPlan): Readonly<Record<string, string>> {
  const at = usualAddress(plan);
  return Object.fromEntries(
    exporters(plan).map(([exporter]) => [
      `${TARGETS_FOLDER}/${jobOf(plan, exporter)}.json`,
      `${JSON.stringify(targetsOf(plan, exporter, at), null, 2)}\n`,
    ]),
  );
}

/**
 * The same by `hetzner_sd_configs`: the servers of the tier as Hetzner lists them, each at the private address that it
 * keeps for life. A server that is gone is no target any more; one that is replaced is the same target again.
 *
 * @param tokenFile - file with a read-only token of the project, on the machine of Prometheus
 */
export function renderHetznerDiscovery(plan: ScrapedPlan, tokenFile = '/etc/prometheus/hcloud.token'): string {
  const jobs = exporters(plan).map(([exporter, port]) => ({
    job_name: jobOf(plan, exporter),
    hetzner_sd_configs: [{ role: 'hcloud', authorization: { credentials_file: tokenFile }, port }],
    relabel_configs: [
      {
        source_labels: ['__meta_hetzner_server_name'],
        regex: plan.target.nodes.map(({ name }) => name).join('|'),
        action: 'keep',
      },
      ...plan.target.nodes.flatMap(({ name, letter, address }) => [
        named(name, '__address__', `${address}:${port}`),
        named(name, 'node', letter),
      ]),
      ...Object.entries(tierLabels(plan)).map(([label, value]) => ({ target_label: label, replacement: value })),
    ],
  }));
  return stringify({ scrape_configs: jobs }, { aliasDuplicateObjects: false });
}

function named(server: string, label: string, value: string): object {
  return { source_labels: ['__meta_hetzner_server_name'], regex: server, target_label: label, replacement: value };
}

function targetsOf(plan: ScrapedPlan, exporter: string, at: ExporterAddress): readonly ScrapeTargets[] {
  return plan.target.nodes.map(({ letter }) => ({
    targets: [at(letter, exporter)],
    labels: { ...tierLabels(plan), node: letter },
  }));
}

function tierLabels(plan: ScrapedPlan): Readonly<Record<string, string>> {
  return { tier: plan.target.primaryName, ...(plan.stage === null ? {} : { stage: plan.stage }) };
}

/** Processes on one machine have no machine of their own to measure. */
function exporters(plan: ScrapedPlan): readonly (readonly [string, number])[] {
  return Object.entries(exportersOf(plan.topology)).filter(([name]) => plan.kind !== 'local' || name !== 'node');
}

function usualAddress(plan: ScrapedPlan): ExporterAddress {
  const ports = exportersOf(plan.topology);
  return (letter, exporter) =>
    `${plan.target.nodes.find((node) => node.letter === letter)?.address ?? ''}:${ports[exporter] ?? ''}`;
}
