import { hardened as hardenedForAll } from '../hardening';
import { backupCommand, backupFolder, backupUser, metricsFolder } from '../paths';

/** Programs in Go raise their limit of open files as they start, and so does Valkey: refused, they are killed. */
const hardened = `${hardenedForAll}SystemCallFilter=setrlimit prlimit64
SystemCallErrorNumber=EPERM
`;

/** Systemd reads the keys as root and shows them to this unit alone. AWS_CA_BUNDLE, set for another tool, stops rclone 1.60. */
const common = `User=${backupUser}
LoadCredential=backup.json:/etc/cachetier/backup.json
UnsetEnvironment=AWS_CA_BUNDLE
StateDirectory=cachetier-backup
StateDirectoryMode=0700
ReadWritePaths=${metricsFolder}
Nice=10
IOSchedulingClass=idle
`;

/** The backups that are due. A server that is read twice as fast would slow its clients down: it comes last everywhere. */
export const backupUnit = `[Unit]
Description=Backups of the tier
After=network-online.target valkey-server.service
Wants=network-online.target

[Service]
Type=oneshot
${common}RuntimeDirectory=cachetier-backup
RuntimeDirectoryMode=0700
ExecStart=${backupCommand} tick
TimeoutStartSec=6h
CapabilityBoundingSet=
${hardened}`;

/** Often, as a look costs nothing: what a look finds missing is made up for, whatever the reason was. */
export const backupTimer = `[Unit]
Description=Looks whether a backup of the tier is due

[Timer]
OnBootSec=1min
OnCalendar=*:0/5
AccuracySec=1s
Unit=cachetier-backup.service

[Install]
WantedBy=timers.target
`;

/** The throw-away Valkey is the first to go when memory is short, long before the one that serves. */
export function drillUnit(schedule: 'daily' | 'weekly'): string {
  return `[Unit]
Description=Restores the newest backups of the tier, to prove them
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
${common}RuntimeDirectory=cachetier-drill
RuntimeDirectoryMode=0700
ExecStart=${backupCommand} drill --due ${schedule}
TimeoutStartSec=6h
OOMScoreAdjust=1000
CPUWeight=10
CapabilityBoundingSet=
${hardened}# How much memory is available.
ProcSubset=all
`;
}

/** After the backups, which it restores. */
export const drillTimer = `[Unit]
Description=Looks whether a drill of the backups is due

[Timer]
OnCalendar=*:17
AccuracySec=1s
Unit=cachetier-drill.service

[Install]
WantedBy=timers.target
`;

/** It may read the files of Valkey, which belong to another account, and write none. */
export const shipUnit = `[Unit]
Description=Ships the append-only files of the tier
After=network-online.target valkey-server.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
${common}RuntimeDirectory=cachetier-ship
RuntimeDirectoryMode=0700
ExecStart=/usr/bin/python3 -B -s ${backupFolder}/ship.py
Restart=always
RestartSec=5
MemoryMax=512M
AmbientCapabilities=CAP_DAC_READ_SEARCH
CapabilityBoundingSet=CAP_DAC_READ_SEARCH
${hardened}
[Install]
WantedBy=multi-user.target
`;
