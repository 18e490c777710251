import { olderThan } from '../versions';
import { amount, bufferLimits, events, INT32, integer, oneOf, type SettingValue, yesNo } from './setting-values';

/**
 * A setting of `valkey.conf` that a config may name.
 *
 * Sources: `CONFIG GET *` and the ranges of 8.0.1, 8.1.1 and 9.1.2 as Debian packages them, tried at both ends on
 * 2026-11-20; valkey.conf and config.c of 7.2 and 9.0.
 */
export interface Setting {
  readonly name: string;
  readonly value: SettingValue;
  /** First version that has it, or null where every supported one does. */
  readonly since: string | null;
  /** Last version that has it, or null where the newest one does. */
  readonly until: string | null;
}

function setting(
  name: string,
  value: SettingValue,
  { since = null, until = null }: { since?: string; until?: string } | { since?: null; until?: null } = {},
): Setting {
  return { name, value, since, until };
}

const since80 = { since: '8.0' };
const since81 = { since: '8.1' };
const until80 = { until: '8.0' };

/** Every setting that a config may name. */
export const settings: readonly Setting[] = [
  setting('acllog-max-len', integer()),
  setting('active-defrag-cycle-max', integer(1, 99)),
  setting('active-defrag-cycle-min', integer(1, 99)),
  setting('active-defrag-cycle-us', integer(0, 100_000), since81),
  setting('active-defrag-ignore-bytes', amount(1)),
  setting('active-defrag-max-scan-fields', integer(1)),
  setting('active-defrag-threshold-lower', integer(0, 1000)),
  setting('active-defrag-threshold-upper', integer(0, 1000)),
  setting('active-expire-effort', integer(1, 10)),
  setting('activedefrag', yesNo),
  setting('activerehashing', yesNo),
  setting('aof-rewrite-incremental-fsync', yesNo),
  setting('auto-aof-rewrite-min-size', amount()),
  setting('auto-aof-rewrite-percentage', integer(0, INT32)),
  setting('busy-reply-threshold', integer()),
  setting('client-output-buffer-limit', bufferLimits('replica', 'slave', 'normal', 'pubsub')),
  setting('client-query-buffer-limit', amount(2 ** 20)),
  setting('commandlog-execution-slower-than', integer(-1), since81),
  setting('commandlog-large-reply-max-len', integer(), since81),
  setting('commandlog-large-request-max-len', integer(), since81),
  setting('commandlog-reply-larger-than', integer(-1), since81),
  setting('commandlog-request-larger-than', integer(-1), since81),
  setting('commandlog-slow-execution-max-len', integer(), since81),
  setting('databases', integer(1, INT32)),
  setting('disable-thp', yesNo),
  setting('dual-channel-replication-enabled', yesNo, since80),
  setting('dynamic-hz', yesNo, until80),
  setting('extended-redis-compatibility', yesNo, since80),
  setting('hash-max-listpack-entries', integer()),
  setting('hash-max-listpack-value', amount()),
  setting('hll-sparse-max-bytes', amount()),
  setting('hz', integer(1, 500)),
  setting('io-threads', integer(1, 128), until80),
  setting('io-threads', integer(1, 256), since81),
  setting('io-threads-do-reads', yesNo, until80),
  setting('jemalloc-bg-thread', yesNo),
  setting('latency-monitor-threshold', integer()),
  setting('latency-tracking', yesNo),
  setting('lazyfree-lazy-eviction', yesNo),
  setting('lazyfree-lazy-expire', yesNo),
  setting('lazyfree-lazy-server-del', yesNo),
  setting('lazyfree-lazy-user-del', yesNo),
  setting('lazyfree-lazy-user-flush', yesNo),
  setting('lfu-decay-time', integer(0, INT32)),
  setting('lfu-log-factor', integer(0, INT32)),
  setting('list-compress-depth', integer(0, INT32)),
  setting('list-max-listpack-size', integer(-5, INT32)),
  setting('loglevel', oneOf('debug', 'verbose', 'notice', 'warning', 'nothing')),
  setting('max-new-connections-per-cycle', integer(1, 1000), since80),
  setting('max-new-tls-connections-per-cycle', integer(1, 1000), since80),
  setting('maxclients', integer(1, 1_000_000)),
  setting('maxmemory', amount(2 ** 20)),
  setting('maxmemory-clients', {
    type: 'text',
    pattern: /^(\d+(b|k|kb|m|mb|g|gb)?|100%|[1-9]?\d%)$/i,
    form: '"5%" or "512mb"',
  }),
  setting('maxmemory-eviction-tenacity', integer(0, 100)),
  setting('maxmemory-samples', integer(1, 64)),
  setting('min-replicas-max-lag', integer(0, INT32)),
  setting('min-replicas-to-write', integer(0, INT32)),
  setting('no-appendfsync-on-rewrite', yesNo),
  setting('notify-keyspace-events', events('AKEg$lshzxetdnm')),
  setting('proto-max-bulk-len', amount(2 ** 20)),
  setting('rdb-save-incremental-fsync', yesNo),
  setting('rdbchecksum', yesNo),
  setting('rdbcompression', yesNo),
  setting('repl-backlog-size', amount(2 ** 14)),
  setting('repl-backlog-ttl', integer()),
  setting('repl-disable-tcp-nodelay', yesNo),
  setting('repl-diskless-load', oneOf('disabled', 'on-empty-db', 'swapdb')),
  setting('repl-diskless-sync', yesNo),
  setting('repl-diskless-sync-delay', integer(0, INT32)),
  setting('repl-diskless-sync-max-replicas', integer(0, INT32)),
  setting('repl-ping-replica-period', integer(1, INT32)),
  setting('repl-timeout', integer(1, INT32)),
  setting('replica-ignore-maxmemory', yesNo),
  setting('replica-lazy-flush', yesNo),
  setting('replica-serve-stale-data', yesNo),
  setting('save', {
    type: 'text',
    pattern: /^(|[1-9]\d* \d+( [1-9]\d* \d+)*)$/,
    form: '"900 1 300 10", or "" for none',
  }),
  setting('set-max-intset-entries', integer()),
  setting('set-max-listpack-entries', integer()),
  setting('set-max-listpack-value', integer()),
  setting('shutdown-timeout', integer(0, INT32)),
  setting('slowlog-log-slower-than', integer(-1)),
  setting('slowlog-max-len', integer()),
  setting('stop-writes-on-bgsave-error', yesNo),
  setting('stream-node-max-bytes', amount()),
  setting('stream-node-max-entries', integer()),
  setting('tcp-backlog', integer(0, INT32)),
  setting('tcp-keepalive', integer(0, INT32)),
  setting('timeout', integer(0, INT32)),
  setting('tracking-table-max-keys', integer()),
  setting('zset-max-listpack-entries', integer()),
  setting('zset-max-listpack-value', amount()),
];

/** A setting by name, with its range in a version where it changed, or undefined where we do not know it. */
export function settingNamed(name: string, version: string): Setting | undefined {
  const named = settings.filter((one) => one.name === name);
  return named.find((one) => inVersion(one, version)) ?? named[0];
}

/** Whether a version of the engine has a setting. */
export function inVersion({ since, until }: Setting, version: string): boolean {
  return !(since !== null && olderThan(version, since)) && !(until !== null && olderThan(until, version));
}
