import type { TargetKind } from '../config';

/**
 * Settings of `valkey.conf` that a config may name, with their values and where they can be set.
 *
 * Sources: valkey.conf of 7.2, 8.1 and 9.0 for names and ranges; for the services the pages of their parameter groups,
 * docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html and
 * docs.aws.amazon.com/memorydb/latest/devguide/parametergroups.html, read 2026-11-20.
 */
export interface Setting {
  readonly name: string;
  readonly value: SettingValue;
  /** Version that brought it, or null where every supported version has it. */
  readonly since: string | null;
  /** Managed targets whose parameter group has it; nodes we run take every setting. */
  readonly managed: readonly ('elasticache' | 'memorydb')[];
}

/** What a setting takes. */
export type SettingValue =
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'bytes'; readonly min: number; readonly max: number }
  | { readonly type: 'yes-no' }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'text'; readonly pattern: RegExp; readonly form: string };

const LARGEST = 2 ** 53 - 1;
const INT32 = 2 ** 31 - 1;

const both = ['elasticache', 'memorydb'] as const;
const nodesOnly = [] as const;

function integer(min: number, max: number): SettingValue {
  return { type: 'integer', min, max };
}

const size = (min = 0, max = LARGEST): SettingValue => ({ type: 'bytes', min, max });
const yesNo: SettingValue = { type: 'yes-no' };

function setting(
  name: string,
  value: SettingValue,
  managed: readonly ('elasticache' | 'memorydb')[] = nodesOnly,
  since: string | null = null,
): Setting {
  return { name, value, managed, since };
}

/** Every setting that a config may name. */
export const settings: readonly Setting[] = [
  setting('active-defrag-cycle-max', integer(1, 99), both),
  setting('active-defrag-cycle-min', integer(1, 99), both),
  setting('active-defrag-ignore-bytes', size(1), both),
  setting('active-defrag-max-scan-fields', integer(1, LARGEST), both),
  setting('active-defrag-threshold-lower', integer(0, 1000), both),
  setting('active-defrag-threshold-upper', integer(0, 1000), both),
  setting('active-expire-effort', integer(1, 10), both),
  setting('activedefrag', yesNo, both),
  setting('activerehashing', yesNo, both),
  setting('auto-aof-rewrite-min-size', size()),
  setting('auto-aof-rewrite-percentage', integer(0, INT32)),
  setting('client-output-buffer-limit', {
    type: 'text',
    pattern: /^((normal|replica|slave|pubsub) \d+(b|kb|mb|gb)? \d+(b|kb|mb|gb)? \d+ ?)+$/i,
    form: '"replica 512mb 256mb 120"',
  }),
  setting('client-query-buffer-limit', size(2 ** 20, LARGEST)),
  setting('databases', integer(1, 10_000), ['elasticache']),
  setting('dual-channel-replication-enabled', yesNo, nodesOnly, '8.0'),
  setting('hash-max-listpack-entries', integer(0, LARGEST), both),
  setting('hash-max-listpack-value', integer(0, LARGEST), both),
  setting('hll-sparse-max-bytes', integer(0, LARGEST), both),
  setting('hz', integer(1, 500)),
  setting('io-threads', integer(1, 256)),
  setting('latency-monitor-threshold', integer(0, LARGEST)),
  setting('latency-tracking', yesNo, both),
  setting('lazyfree-lazy-eviction', yesNo, both),
  setting('lazyfree-lazy-expire', yesNo, both),
  setting('lazyfree-lazy-server-del', yesNo, both),
  setting('lazyfree-lazy-user-del', yesNo, both),
  setting('lfu-decay-time', integer(0, INT32), both),
  setting('lfu-log-factor', integer(0, INT32), both),
  setting('list-compress-depth', integer(0, INT32), both),
  setting('list-max-listpack-size', integer(-5, INT32), both),
  setting('lua-time-limit', integer(0, LARGEST)),
  setting('maxclients', integer(1, 1_000_000)),
  setting('maxmemory', size(2 ** 20, LARGEST)),
  setting(
    'maxmemory-clients',
    {
      type: 'text',
      pattern: /^(\d+(b|k|kb|m|mb|g|gb)?|100%|[1-9]?\d%)$/i,
      form: '"5%" or "512mb"',
    },
    both,
  ),
  setting('maxmemory-samples', integer(1, 64), both),
  setting('min-replicas-max-lag', integer(0, INT32), ['elasticache']),
  setting('min-replicas-to-write', integer(0, 10), ['elasticache']),
  setting('no-appendfsync-on-rewrite', yesNo),
  setting('notify-keyspace-events', { type: 'text', pattern: /^[AKEg$lshzxetdnm]*$/, form: '"Ex"' }, both),
  setting('proto-max-bulk-len', size(2 ** 20, LARGEST)),
  setting('repl-backlog-size', size(2 ** 14, LARGEST), ['elasticache']),
  setting('repl-backlog-ttl', integer(0, LARGEST), ['elasticache']),
  setting('repl-diskless-sync', yesNo),
  setting('repl-diskless-sync-delay', integer(0, INT32)),
  setting('repl-timeout', integer(1, INT32), ['elasticache']),
  setting('save', {
    type: 'text',
    pattern: /^(|(\d+ \d+)( \d+ \d+)*)$/,
    form: '"900 1 300 10", or "" for none',
  }),
  setting('set-max-intset-entries', integer(0, LARGEST), both),
  setting('set-max-listpack-entries', integer(0, LARGEST), both),
  setting('set-max-listpack-value', integer(0, LARGEST), both),
  setting('slowlog-log-slower-than', integer(-1, LARGEST), both),
  setting('slowlog-max-len', integer(0, LARGEST), both),
  setting('stream-node-max-bytes', size(), both),
  setting('stream-node-max-entries', integer(0, LARGEST), both),
  setting('tcp-keepalive', integer(0, INT32), both),
  setting('timeout', integer(0, INT32), both),
  setting('tracking-table-max-keys', integer(0, LARGEST), both),
  setting('zset-max-listpack-entries', integer(0, LARGEST), both),
  setting('zset-max-listpack-value', integer(0, LARGEST), both),
];

/** Settings that Cachetier sets itself, each with what to use instead. */
export const ownSettings: Readonly<Record<string, string>> = {
  'maxmemory-policy': 'use the field evictionPolicy',
  appendonly: 'use the field durability',
  appendfsync: 'use the field durability',
  'cluster-enabled': 'use availability.shards',
  port: 'the ports of a tier are fixed',
  'tls-port': 'the ports of a tier are fixed',
  bind: 'use access.clients',
  'protected-mode': 'use access.clients',
  requirepass: 'use access.users',
  user: 'use access.users',
  aclfile: 'use access.users',
  masterauth: 'replication logs in by itself',
  primaryauth: 'replication logs in by itself',
  masteruser: 'replication logs in by itself',
  primaryuser: 'replication logs in by itself',
  replicaof: 'use availability.replicas',
  slaveof: 'use availability.replicas',
  'replica-priority': 'Sentinel chooses among equals',
  'replica-announce-ip': 'addresses are fixed by the plan',
  'replica-announce-port': 'addresses are fixed by the plan',
  dir: 'folders are fixed by the plan',
  dbfilename: 'folders are fixed by the plan',
  appenddirname: 'folders are fixed by the plan',
  logfile: 'folders are fixed by the plan',
  pidfile: 'folders are fixed by the plan',
  include: 'name the settings themselves',
  loadmodule: 'modules are not part of a tier',
  'rename-command': 'dangerous commands are closed by ACL',
  'enable-debug-command': 'dangerous commands are closed by ACL',
  'enable-module-command': 'dangerous commands are closed by ACL',
  daemonize: 'processes are run by systemd',
  supervised: 'processes are run by systemd',
  'reserved-memory-percent': 'the share of memory for data is part of the sizing',
};

/** What Serverless fixes for every cache. Source: AmazonElastiCache/latest/dg/RedisConfiguration, November 2026. */
export const serverlessFixed: Readonly<Record<string, string>> = {
  maxclients: '65000',
  'lua-time-limit': '5000',
  'notify-keyspace-events': '""',
  'client-query-buffer-limit': '1gb',
  'cluster-require-full-coverage': 'no',
};

/** A setting by name, or undefined where we do not know it. */
export function settingNamed(name: string): Setting | undefined {
  return settings.find((one) => one.name === name);
}

/** Whether a target lets a setting be set at all. */
export function settable(one: Setting, kind: TargetKind): boolean {
  switch (kind) {
    case 'hetzner':
    case 'local':
      return true;
    case 'elasticache-serverless':
      return false;
    default:
      return one.managed.includes(kind);
  }
}
