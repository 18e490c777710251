import { pem, renderConfigFiles } from '../config-files';
import { type Directives, renderDirectives } from '../conf';
import type { NodeFile } from '../files';
import type { NodePlacement } from '../placement';
import { hasSentinel, type NodesTierPlan } from '../plan';
import type { NodeSecrets } from '../secrets';
import { valkeySettings } from '../valkey-conf';
import { renderBackupFiles } from './backup';
import { renderExporterFiles } from './exporters';
import { firewallFile, renderFirewall } from './firewall';
import { renderCredentials, renderNodeEnv } from './node-env';
import {
  backupUser,
  caFile,
  metricsFolder,
  rootFile,
  rootScript,
  rootSecret,
  scriptFolder,
  settingsFolder,
} from './paths';
import { keeperFiles } from './keeper';
import { libScript } from './scripts/lib';
import { liveScript } from './scripts/live';
import { sentinelStartedScript } from './scripts/sentinel-started';
import { settleScript } from './scripts/settle';
import { sysctlConf } from './sysctl';
import { drainUnit, keeperUnit, sentinelDropIn, valkeyDropIn } from './units';

/**
 * Every file that the deploy step brings to a machine: those of `renderConfigFiles`, and what the machine needs around
 * them. User data brings the rest.
 *
 * @throws Error when the placement or the secrets lack something, naming it
 */
export function renderMachineFiles(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): readonly NodeFile[] {
  const all = [
    ...renderConfigFiles(plan, letter, placement, secrets),
    rootFile(caFile, pem(secrets.caCertificate)),
    rootFile(`${settingsFolder}/node.env`, renderNodeEnv(plan, letter, placement)),
    rootSecret(`${settingsFolder}/credentials`, renderCredentials(secrets)),
    rootFile(`${settingsFolder}/valkey-settings`, renderDirectives(liveSettings(plan))),
    rootFile(`${settingsFolder}/sentinel-settings`, sentinelSettings(plan)),
    rootFile(firewallFile, renderFirewall(plan, letter, placement)),
    rootFile('/etc/sysctl.d/60-cachetier.conf', sysctlConf),
    rootFile('/etc/sysusers.d/cachetier.conf', `u ${backupUser} - "Cachetier backups" /var/lib/cachetier-backup\n`),
    rootFile(
      '/etc/tmpfiles.d/cachetier.conf',
      `d ${metricsFolder} 0755 ${backupUser} ${backupUser}\nd /run/cachetier 0755 root root\n`,
    ),
    rootScript(`${scriptFolder}/lib.sh`, libScript),
    rootScript(`${scriptFolder}/live`, liveScript),
    rootScript(`${scriptFolder}/sentinel-started`, sentinelStartedScript),
    rootScript(`${scriptFolder}/settle`, settleScript),
    ...keeperFiles,
    rootFile('/etc/systemd/system/valkey-server.service.d/cachetier.conf', valkeyDropIn),
    rootFile('/etc/systemd/system/valkey-sentinel.service.d/cachetier.conf', sentinelDropIn),
    rootFile('/etc/systemd/system/cachetier-keeper.service', keeperUnit),
    rootFile('/etc/systemd/system/cachetier-drain.service', drainUnit),
    ...renderExporterFiles(plan, letter, placement, secrets),
    ...renderBackupFiles(plan, letter, placement, secrets),
  ];
  return hasSentinel(plan) ? all : all.filter(({ path }) => !path.includes('sentinel'));
}

/** What a running Valkey is given. Its priority is the keeper's: a node that was never in sync must not be chosen. */
function liveSettings(plan: NodesTierPlan): Directives {
  return new Map([...valkeySettings(plan)].filter(([name]) => name !== 'replica-priority'));
}

/** What a running Sentinel may be told by SENTINEL SET. */
function sentinelSettings({ target: { sentinel } }: NodesTierPlan): string {
  return renderDirectives(
    new Map([
      ['quorum', String(sentinel.quorum)],
      ['down-after-milliseconds', String(sentinel.downAfterMs)],
      ['failover-timeout', String(sentinel.failoverTimeoutMs)],
      ['parallel-syncs', '1'],
    ]),
  );
}
