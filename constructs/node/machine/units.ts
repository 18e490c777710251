import { firewallFile } from './firewall';
import { scriptFolder, stateFolder } from './paths';

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

[Install]
WantedBy=multi-user.target
`;
}

/** Loads the rules before any interface is up. */
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

[Install]
WantedBy=sysinit.target
`;

/** Marks a node that has its place in the tier: only then may Valkey start, and nothing seeds its role again. */
export const joinedMarker = `${stateFolder}/joined`;

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
 * The package stops Valkey without a limit of time and starts it within 90 s, which loading a large AOF exceeds.
 */
export const valkeyDropIn = `[Unit]
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service
ConditionPathExists=${joinedMarker}
StartLimitIntervalSec=0

[Service]
TimeoutStartSec=infinity
${bothServers}`;

/** Additions to the package's unit of Sentinel; the \`+\` runs the script outside of the unit's \`NoExecPaths=/\`. */
export const sentinelDropIn = `[Unit]
After=cachetier-address.service cachetier-firewall.service
Wants=cachetier-address.service
StartLimitIntervalSec=0

[Service]
ExecStartPost=-+${scriptFolder}/sentinel-started
${bothServers}`;

/** Asks the other Sentinels until most of them name a primary, then starts Valkey as its replica; once in a node's life. */
export const joinUnit = `[Unit]
Description=Joining the tier
After=valkey-sentinel.service cachetier-address.service
Wants=cachetier-address.service
ConditionPathExists=!${joinedMarker}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=${scriptFolder}/join
ExecStart=/usr/bin/systemctl enable valkey-server.service
ExecStart=/usr/bin/systemctl start valkey-server.service
ExecStart=${scriptFolder}/live
Restart=on-failure
RestartSec=2
TimeoutStartSec=180

[Install]
WantedBy=multi-user.target
`;
