import type { MonitoringServerPlan } from '../../tier';
import type { NodeFile } from '../files';
import type { NodesTierPlan } from '../plan';
import { admitting, firewallFile } from './firewall';
import { rootFile, rootScript, scriptFolder } from './paths';
import { monitoringSettleScript } from './scripts/monitoring-settle';
import { type MachineKind, userDataOf, type UserDataOptions } from './user-data';

/** Ports of the monitoring server: Prometheus on its private address, Alertmanager for itself alone. */
export const monitoringPorts = { prometheus: 9090, alertmanager: 9093 } as const;

const monitoringMachine: MachineKind = {
  packages: ['nftables', 'prometheus', 'prometheus-alertmanager'],
  held: ['prometheus', 'prometheus-alertmanager', 'prometheus-node-exporter'],
  pinned: [],
  program: 'prometheus',
  tunnels: true,
};

/** User data of the monitoring server; the same promises as that of a node. */
export function renderMonitoringUserData(
  plan: NodesTierPlan,
  { address }: MonitoringServerPlan,
  options: UserDataOptions,
): string {
  return userDataOf(plan, address, monitoringMachine, options);
}

/** What the monitoring server is told, beside its machine: what the renderers of `constructs/monitoring` give. */
export interface MonitoringSettings {
  /** By path below `/etc/prometheus`, `prometheus.yml` and its rules. */
  readonly prometheus: Readonly<Record<string, string>>;
  /** Settings of Alertmanager. */
  readonly alertmanager: string;
  /** Password for the mail relay, or null. */
  readonly smtpPassword: string | null;
}

/** File that holds the password for the mail relay; Alertmanager reads it itself. */
export const smtpPasswordFile = '/etc/prometheus/smtp-password';

/** Every file that the deploy step brings to the monitoring server. */
export function renderMonitoringServerFiles(
  plan: NodesTierPlan,
  { address }: MonitoringServerPlan,
  { prometheus, alertmanager, smtpPassword }: MonitoringSettings,
): readonly NodeFile[] {
  return [
    rootFile(firewallFile, renderFirewall(plan, address)),
    rootFile('/etc/cachetier/monitoring.env', `ADDRESS='${address}'\n`),
    ...Object.entries(prometheus).map(([path, content]) => rootFile(`/etc/prometheus/${path}`, content)),
    { ...rootFile('/etc/prometheus/alertmanager.yml', alertmanager), mode: '0640', group: 'prometheus', secret: true },
    ...(smtpPassword === null
      ? []
      : [{ ...rootFile(smtpPasswordFile, smtpPassword), mode: '0640', group: 'prometheus', secret: true }]),
    rootFile('/etc/default/prometheus', `ARGS="${argumentsOf(address).join(' ')}"\n`),
    rootFile(
      '/etc/default/prometheus-alertmanager',
      // One Alertmanager has no peers to talk to.
      `ARGS="--web.listen-address=127.0.0.1:${monitoringPorts.alertmanager} --cluster.listen-address="\n`,
    ),
    rootFile('/etc/systemd/system/prometheus.service.d/cachetier.conf', dropIn),
    rootFile('/etc/systemd/system/prometheus-alertmanager.service.d/cachetier.conf', dropIn),
    rootScript(`${scriptFolder}/settle`, monitoringSettleScript),
  ];
}

/** Who looks by a tunnel comes by SSH; a Prometheus of the config may take the series over. */
function renderFirewall(plan: NodesTierPlan, address: string): string {
  const others = plan.monitoring.prometheusFrom.filter((from) => from !== `${address}/32`);
  return admitting(plan, [{ name: 'prometheus', from: others, to: address, port: monitoringPorts.prometheus }]);
}

function argumentsOf(address: string): readonly string[] {
  return [
    `--web.listen-address=${address}:${monitoringPorts.prometheus}`,
    '--storage.tsdb.retention.time=60d',
    // The disk of the smallest server type has 40 GB.
    '--storage.tsdb.retention.size=20GB',
  ];
}

const dropIn = `[Unit]
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2
`;
