import { join } from 'node:path';
import { stringify } from 'yaml';
import { renderRules, rulesPath, type ScrapedPlan, scrapeJobs } from '../../monitoring';
import { exporterSettings, renderExporterPasswords } from '../../node';
import { writePrivately } from '../disk';
import { type LocalTier, type Role, rolesOf } from '../tier';

/** One exporter of a tier on this machine. */
export interface Exporter {
  readonly letter: string;
  readonly role: Role;
  readonly port: number;
}

/** Folder of everything that measures a tier. */
export function observeFolder(tier: Pick<LocalTier, 'layout'>): string {
  return join(tier.layout.folder, 'observe');
}

/** The exporters of a tier and their ports: of each node one for Valkey and one for Sentinel. */
export function exportersOn(tier: LocalTier, ports: readonly number[]): readonly Exporter[] {
  const servers = Object.keys(tier.nodes).flatMap((letter) => rolesOf(tier.plan).map((role) => ({ letter, role })));
  return servers.map((server, index) => ({ ...server, port: ports[index] ?? 0 }));
}

/** How often a tier on this machine is looked at: shorter than elsewhere, as somebody is watching. */
const EVERY = '5s';

/** Writes what Prometheus and the exporters read; the password of the exporters into a file of mode 0600. */
export function writeObserveFiles(tier: LocalTier, exporters: readonly Exporter[]): void {
  const folder = observeFolder(tier);
  const plan: ScrapedPlan = tier.plan;
  const { renderDashboard } = require('../../monitoring/grafana') as typeof import('../../monitoring/grafana');
  const at = (letter: string, exporter: string): string =>
    `127.0.0.1:${exporters.find((one) => one.letter === letter && one.role === exporter)?.port ?? 0}`;
  const settings = {
    global: { scrape_interval: EVERY, evaluation_interval: EVERY },
    rule_files: [rulesPath(plan)],
    scrape_configs: scrapeJobs(plan, at),
  };
  writePrivately(join(folder, 'prometheus.yml'), stringify(settings));
  writePrivately(join(folder, rulesPath(plan)), renderRules(plan));
  writePrivately(join(folder, 'grafana-dashboard.json'), renderDashboard(plan));
  const servers = exporters.map((one) => addressOf(tier, one));
  writePrivately(join(folder, 'passwords.json'), renderExporterPasswords(servers, tier.secrets.internal.exporter));
}

/** What an exporter is told by its environment; no secret is in it. */
export function exporterEnvironment(tier: LocalTier, exporter: Exporter): Record<string, string> {
  return {
    ...exporterSettings(addressOf(tier, exporter), `127.0.0.1:${exporter.port}`, tier.layout.ca),
    REDIS_PASSWORD_FILE: join(observeFolder(tier), 'passwords.json'),
  };
}

function addressOf(tier: LocalTier, { letter, role }: Exporter): string {
  const node = tier.nodes[letter];
  return `127.0.0.1:${(role === 'valkey' ? node?.valkeyPort : node?.sentinelPort) ?? 0}`;
}
