/** Settings that Cachetier sets itself, each with what to use instead. */
export const ownSettings: Readonly<Record<string, string>> = {
  'maxmemory-policy': 'use the field evictionPolicy',
  appendonly: 'use the field durability',
  appendfsync: 'use the field durability',
  'aof-use-rdb-preamble': 'the append-only file starts with an RDB, so that a restart is fast',
  'aof-load-truncated': 'a file cut off by a power failure is loaded up to the cut',
  'cluster-enabled': 'use availability.shards',
  port: 'the ports of a tier are fixed',
  'tls-port': 'the ports of a tier are fixed',
  bind: 'use access.clients',
  'protected-mode': 'use access.clients',
  unixsocket: 'clients come over TLS',
  requirepass: 'use access.users',
  user: 'use access.users',
  aclfile: 'use access.users',
  'acl-pubsub-default': 'use access.users',
  masterauth: 'replication logs in by itself',
  primaryauth: 'replication logs in by itself',
  masteruser: 'replication logs in by itself',
  primaryuser: 'replication logs in by itself',
  replicaof: 'use availability.replicas',
  slaveof: 'use availability.replicas',
  'replica-read-only': 'a replica that takes writes loses them',
  'replica-priority': 'Sentinel chooses among equals',
  'replica-announced': 'Sentinel must know every node',
  'replica-announce-ip': 'addresses are fixed by the plan',
  'replica-announce-port': 'addresses are fixed by the plan',
  dir: 'folders are fixed by the plan',
  dbfilename: 'folders are fixed by the plan',
  appenddirname: 'folders are fixed by the plan',
  appendfilename: 'folders are fixed by the plan',
  logfile: 'folders are fixed by the plan',
  pidfile: 'folders are fixed by the plan',
  include: 'name the settings themselves',
  loadmodule: 'modules are not part of a tier; for search, JSON and time series use Redis 8 or Redis Cloud',
  'rename-command': 'dangerous commands are closed by ACL',
  'rename-commands': 'dangerous commands are closed by ACL',
  'enable-debug-command': 'dangerous commands are closed by ACL',
  'enable-module-command': 'dangerous commands are closed by ACL',
  'enable-protected-configs': 'dangerous commands are closed by ACL',
  daemonize: 'processes are run by systemd',
  supervised: 'processes are run by systemd',
  'reserved-memory': 'the share of memory for data is part of the sizing',
  'reserved-memory-percent': 'the share of memory for data is part of the sizing',
};

/** What to use instead of a setting that Cachetier sets itself, or undefined where it does not. */
export function ownedInstead(name: string): string | undefined {
  if (name.startsWith('tls-')) return 'every connection is TLS, with certificates of the tier';
  if (name.startsWith('sentinel')) return 'Sentinel is set up by the plan';
  if (name.startsWith('cluster-')) return 'use availability.shards';
  return Object.hasOwn(ownSettings, name) ? ownSettings[name] : undefined;
}

/** Older names that the engine still knows, each with its name of today. */
export const renamedSettings: Readonly<Record<string, string>> = {
  'hash-max-ziplist-entries': 'hash-max-listpack-entries',
  'hash-max-ziplist-value': 'hash-max-listpack-value',
  'list-max-ziplist-size': 'list-max-listpack-size',
  'zset-max-ziplist-entries': 'zset-max-listpack-entries',
  'zset-max-ziplist-value': 'zset-max-listpack-value',
  'lua-time-limit': 'busy-reply-threshold',
  'min-slaves-to-write': 'min-replicas-to-write',
  'min-slaves-max-lag': 'min-replicas-max-lag',
  'repl-ping-slave-period': 'repl-ping-replica-period',
  'slave-lazy-flush': 'replica-lazy-flush',
  'slave-serve-stale-data': 'replica-serve-stale-data',
  'slave-ignore-maxmemory': 'replica-ignore-maxmemory',
};
