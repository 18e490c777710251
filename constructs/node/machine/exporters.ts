import { exporterPorts } from '../../tier/exporters';
import { plainPassword } from '../conf';
import type { NodeFile } from '../files';
import { internalLogins } from '../internal-users';
import { addressOf } from '../lookup';
import type { NodePlacement } from '../placement';
import { hasSentinel, type NodesTierPlan } from '../plan';
import type { NodeSecrets } from '../secrets';
import { hardened, seeing } from './hardening';
import { caFile, metricsFolder, rootFile, rootSecret } from './paths';

/**
 * Exporters of a node: settings, logins and units.
 *
 * The distribution's exporter can be asked to scrape any address (`/scrape?target=`) and would send its password there
 * (oliver006/redis_exporter#1106); its units may therefore talk to the node itself and to Prometheus only.
 */
export function renderExporterFiles(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): readonly NodeFile[] {
  const own = addressOf(placement, letter);
  const allowed = [own.address, ...plan.monitoring.prometheusFrom];
  const instances = [
    { name: 'valkey', target: own.valkeyPort, port: exporterPorts.valkey },
    ...(hasSentinel(plan) ? [{ name: 'sentinel', target: own.sentinelPort, port: exporterPorts.sentinel }] : []),
  ];
  return [
    rootFile('/etc/default/prometheus-node-exporter', nodeExporterDefaults(own.address)),
    rootFile('/etc/systemd/system/prometheus-node-exporter.service.d/cachetier.conf', nodeExporterDropIn(allowed)),
    ...instances.flatMap(({ name, target, port }) => [
      rootFile(`/etc/cachetier/${name}-exporter.env`, environment(own.address, target, port)),
      rootSecret(`/etc/cachetier/${name}-exporter.passwords`, passwords(own.address, target, secrets)),
      rootFile(`/etc/systemd/system/cachetier-${name}-exporter.service`, exporterUnit(name, allowed)),
    ]),
  ];
}

/** What a signal or a look at a sick machine needs; the other collectors cost time and bytes at every scrape. */
const collectors = [
  'cpu',
  'diskstats',
  'filesystem',
  'loadavg',
  'meminfo',
  'netdev',
  'pressure',
  'textfile',
  'uname',
  'vmstat',
];

/** Not on a disk. The exporter's own list has overlay as well, which is the root of more than one kind of machine. */
const noDisks =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fuse.*|hugetlbfs|iso9660|mqueue|nsfs|' +
  'proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$';

function nodeExporterDefaults(address: string): string {
  const args = [
    `--web.listen-address=${address}:${exporterPorts.node}`,
    '--web.disable-exporter-metrics',
    '--collector.disable-defaults',
    ...collectors.map((name) => `--collector.${name}`),
    `--collector.filesystem.fs-types-exclude=${noDisks}`,
    `--collector.textfile.directory=${metricsFolder}`,
  ];
  return `ARGS="${args.join(' ')}"\n`;
}

function nodeExporterDropIn(allowed: readonly string[]): string {
  return `[Unit]
After=cachetier-address.service
Wants=cachetier-address.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2
${talksTo(allowed)}${seeing}`;
}

function talksTo(addresses: readonly string[]): string {
  return `IPAddressAllow=${addresses.join(' ')}\nIPAddressDeny=any\n`;
}

/**
 * The exporter's own form, by address and login. systemd reads it as root and hands it on as a credential, so the
 * password is in no argument, in no environment, and in no file that another account can read.
 */
function passwords(address: string, target: number, secrets: NodeSecrets): string {
  return renderExporterPasswords([`${address}:${target}`], plainPassword('exporter', secrets.internal.exporter));
}

/** The file of passwords for servers at these addresses, which an exporter reads itself. */
export function renderExporterPasswords(addresses: readonly string[], password: string): string {
  const logins = addresses.map((address) => [`rediss://${internalLogins.exporter}@${address}`, password]);
  return `${JSON.stringify(Object.fromEntries(logins))}\n`;
}

function environment(address: string, target: number, port: number): string {
  const settings = exporterSettings(`${address}:${target}`, `${address}:${port}`, caFile);
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * What an exporter is told by its environment; no secret is in it.
 *
 * @param server - address and port that it measures
 * @param listen - address and port that it answers at
 * @param ca - file of the CA of the tier
 */
export function exporterSettings(server: string, listen: string, ca: string): Readonly<Record<string, string>> {
  return {
    REDIS_ADDR: `rediss://${server}`,
    REDIS_USER: internalLogins.exporter,
    REDIS_EXPORTER_TLS_CA_CERT_FILE: ca,
    REDIS_EXPORTER_WEB_LISTEN_ADDRESS: listen,
    // Without what the exporter knows of itself.
    REDIS_EXPORTER_REDIS_ONLY_METRICS: 'true',
  };
}

function exporterUnit(name: string, allowed: readonly string[]): string {
  return `[Unit]
Description=Metrics of ${name === 'valkey' ? 'Valkey' : 'Sentinel'} for Prometheus
After=cachetier-address.service
Wants=cachetier-address.service
StartLimitIntervalSec=0

[Service]
EnvironmentFile=/etc/cachetier/${name}-exporter.env
LoadCredential=passwords:/etc/cachetier/${name}-exporter.passwords
Environment=REDIS_PASSWORD_FILE=%d/passwords
ExecStart=/usr/bin/prometheus-redis-exporter
Restart=always
RestartSec=2
DynamicUser=yes
CapabilityBoundingSet=
${talksTo(allowed)}${hardened}
[Install]
WantedBy=multi-user.target
`;
}
