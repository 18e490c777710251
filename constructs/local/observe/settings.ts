import { join } from 'node:path';
import { stringify } from 'yaml';
import { renderMonitoring, type ScrapedPlan, scrapeJobs } from '../../monitoring';
import { internalLogins } from '../../node';
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
  const files = renderMonitoring(plan);
  const rules = Object.keys(files).filter((path) => path.startsWith('rules/'));
  const at = (letter: string, exporter: string): string =>
    `127.0.0.1:${exporters.find((one) => one.letter === letter && one.role === exporter)?.port ?? 0}`;
  const settings = {
    global: { scrape_interval: EVERY, evaluation_interval: EVERY },
    rule_files: rules,
    scrape_configs: scrapeJobs(plan, at),
  };
  writePrivately(join(folder, 'prometheus.yml'), stringify(settings));
  for (const path of [...rules, 'grafana-dashboard.json']) writePrivately(join(folder, path), files[path] ?? '');
  const logins = exporters.map((one) => [loginOf(addressOf(tier, one)), tier.secrets.internal.exporter]);
  writePrivately(join(folder, 'passwords.json'), `${JSON.stringify(Object.fromEntries(logins))}\n`);
}

/** What an exporter is told by its environment; no secret is in it. */
export function exporterEnvironment(tier: LocalTier, exporter: Exporter): Record<string, string> {
  return {
    REDIS_ADDR: `rediss://${addressOf(tier, exporter)}`,
    REDIS_USER: internalLogins.exporter,
    REDIS_PASSWORD_FILE: join(observeFolder(tier), 'passwords.json'),
    REDIS_EXPORTER_TLS_CA_CERT_FILE: tier.layout.ca,
    REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${exporter.port}`,
    REDIS_EXPORTER_REDIS_ONLY_METRICS: 'true',
  };
}

function addressOf(tier: LocalTier, { letter, role }: Exporter): string {
  const node = tier.nodes[letter];
  return `127.0.0.1:${(role === 'valkey' ? node?.valkeyPort : node?.sentinelPort) ?? 0}`;
}

/** The exporter's own form, by address and login. */
function loginOf(address: string): string {
  return `rediss://${internalLogins.exporter}@${address}`;
}
