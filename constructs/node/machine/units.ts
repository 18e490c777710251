import { firewallFile } from './firewall';
import { early, hardened } from './hardening';
import { keeperFolder, metricsFolder, nodeCommand, scriptFolder, settingsFolder, stateFolder } from './paths';

/** A replica of nobody that cannot be chosen; on the command line it overrides what the file says. */
export const heldArguments = ['--replicaof', '127.0.0.1', '1', '--replica-priority', '0'] as const;

/** Waits for the private address at each boot; what binds it comes after. */
export function addressUnit(address: string): string {
  return `[Unit]
Description=Private address of this node
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${scriptFolder}/wait-address ${address}
TimeoutStartSec=infinity
CapabilityBoundingSet=
PrivateTmp=yes
RestrictAddressFamilies=AF_NETLINK AF_UNIX
${early}
[Install]
WantedBy=multi-user.target
`;
}

/**
 * Loads the rules before any interface is up. It gets no private /tmp: that would make it wait for the clean-up of the
 * folders for temporary files.
 */
export const firewallUnit = `[Unit]
Description=Firewall of this node
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${firewallFile}
ExecReload=/usr/sbin/nft -f ${firewallFile}
CapabilityBoundingSet=CAP_NET_ADMIN
RestrictAddressFamilies=AF_NETLINK
${early}
[Install]
WantedBy=sysinit.target
`;

/** What only the deploy step brings: without it nothing of ours has settings to run with. */
const configured = `${settingsFolder}/node.env`;

/**
 * What the units of both packages need otherwise. They name a PID file, which servers that notify systemd do not write,
 * and the start would wait for it in vain; and what they rewrite would be open to their group.
 */
const bothServers = `PIDFile=
UMask=0077
TimeoutStopSec=25
OOMScoreAdjust=-900
`;

/**
 * Additions to the package's unit of Valkey.
 *
 * It always starts held: a replica of nobody, with priority 0, whatever role its file names. It can then be looked at,
 * and neither chosen nor written to, until the keeper lifts it. The package stops Valkey without a limit of time and
 * starts it within 90 s, which loading a large AOF exceeds.
 */
export const valkeyDropIn = `[Unit]
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service cachetier-keeper.service
ConditionPathExists=${configured}
StartLimitIntervalSec=0

[Service]
ExecStart=
ExecStart=/usr/bin/valkey-server /etc/valkey/valkey.conf --supervised systemd --daemonize no ${heldArguments.join(' ')}
TimeoutStartSec=infinity
${bothServers}`;

/** Additions to the package's unit of Sentinel; the \`+\` runs the script outside of the unit's \`NoExecPaths=/\`. */
export const sentinelDropIn = `[Unit]
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service
ConditionPathExists=${configured}
StartLimitIntervalSec=0

[Service]
ExecStartPost=-+${scriptFolder}/sentinel-started
${bothServers}`;

/**
 * The keeper runs as root, to restart a Sentinel and to link files of Valkey aside; the capabilities are those of root
 * for files, and no other.
 */
export const keeperUnit = `[Unit]
Description=Keeper of the role of this node
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service
ConditionPathExists=${configured}
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 -B -s ${keeperFolder}/keeper.py
Restart=always
RestartSec=1
OOMScoreAdjust=-900
MemoryMax=256M
RuntimeDirectory=cachetier
RuntimeDirectoryPreserve=yes
CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_FOWNER
ReadWritePaths=-/var/lib/valkey -${stateFolder} -${metricsFolder}
${hardened}
[Install]
WantedBy=multi-user.target
`;

/**
 * Before Valkey stops (for a reboot, an upgrade of the package, a deletion of the server), the primary hands over. It
 * comes after all that the handover needs, so it is stopped before any of it. On a full disk not even this can start,
 * hence the restart: without it the next stop would find nothing to hand over with.
 */
export const drainUnit = `[Unit]
Description=Handover before Valkey stops
After=valkey-server.service valkey-sentinel.service cachetier-keeper.service
After=cachetier-address.service cachetier-firewall.service network.target
PartOf=valkey-server.service
ConditionPathExists=${configured}
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/true
Restart=on-failure
RestartSec=5
ExecStop=${nodeCommand} drain --stopping
TimeoutStopSec=40
RuntimeDirectory=cachetier
RuntimeDirectoryPreserve=yes
CapabilityBoundingSet=
${hardened}
[Install]
WantedBy=valkey-server.service multi-user.target
`;
