/** What every unit of ours gives up. */
const common = `UMask=0077
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
`;

/** Sees no process but its own, nothing of the kernel's state, and cannot set the clock. */
const unseeing = `ProtectClock=yes
ProtectProc=invisible
ProcSubset=pid
`;

/** It may still read our settings, and reach the servers of the tier. */
export const hardened = `${common}${unseeing}PrivateTmp=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
IPAddressDeny=169.254.169.254
`;

/** For a unit of the early boot, which talks to the kernel and to nobody on the network. */
export const early = `${common}${unseeing}IPAddressDeny=any
`;

/**
 * For an exporter that reads the state of the machine: it must see \`/proc\` as it is, the mounts of the first process,
 * and whether the clock is in sync (\`adjtimex\` also sets it, for which it lacks the capability).
 */
export const seeing = `${common}PrivateTmp=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
SystemCallFilter=adjtimex clock_adjtime
`;
