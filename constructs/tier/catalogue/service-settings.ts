import type { TargetKind } from '../config';
import { olderThan } from '../versions';
import { amount, bufferLimits, events, integer, type SettingValue, yesNo } from './setting-values';

/**
 * What a managed service makes of a setting: a parameter with a range of its own, a value that it fixes, or nothing.
 *
 * Sources, read 2026-11-20: for ElastiCache AmazonElastiCache/latest/dg/ParameterGroups.Engine (families valkey7, valkey8
 * and valkey9); for MemoryDB memorydb/latest/devguide/parametergroups.redis and the output of `describe-parameters` in
 * the AWS CLI; for Serverless AmazonElastiCache/latest/dg/RedisConfiguration. What they do not list counts as absent.
 */
export type ServiceSetting =
  | { readonly kind: 'free'; readonly value: SettingValue }
  | { readonly kind: 'fixed'; readonly to: string }
  | { readonly kind: 'absent' };

/** A parameter: its range, and the versions that have it. */
interface Parameter {
  readonly value: SettingValue;
  readonly since?: string;
  /** First version that no longer has it. */
  readonly before?: string;
}

/** Letters of keyspace events that both services document; others are refused by them. */
const keyspaceEvents = events('AKEg$lshzxe');

/** A client that waits is cut off after 20 s at the earliest. */
const timeout = integer(20, 2 ** 31 - 1, 0);

const shared: Readonly<Record<string, Parameter>> = {
  'acllog-max-len': { value: integer(1, 10_000) },
  'active-defrag-cycle-max': { value: integer(1, 75) },
  'active-defrag-cycle-min': { value: integer(1, 75) },
  'active-defrag-ignore-bytes': { value: amount(10_485_760, 104_857_600) },
  'active-defrag-max-scan-fields': { value: integer(1, 1_000_000) },
  'active-defrag-threshold-lower': { value: integer(1, 100) },
  'active-defrag-threshold-upper': { value: integer(1, 100) },
  'active-expire-effort': { value: integer(1, 10) },
  activedefrag: { value: yesNo },
  'client-output-buffer-limit': { value: bufferLimits('normal', 'pubsub') },
  'hash-max-listpack-entries': { value: integer() },
  'hash-max-listpack-value': { value: amount() },
  'hll-sparse-max-bytes': { value: amount(1, 16_000) },
  'latency-tracking': { value: yesNo },
  'lazyfree-lazy-eviction': { value: yesNo, before: '8.0' },
  'lazyfree-lazy-expire': { value: yesNo, before: '8.0' },
  'lazyfree-lazy-server-del': { value: yesNo, before: '8.0' },
  'lazyfree-lazy-user-del': { value: yesNo, before: '8.0' },
  'lfu-decay-time': { value: integer() },
  'lfu-log-factor': { value: integer(1) },
  'list-compress-depth': { value: integer() },
  'maxmemory-samples': { value: integer(1, 64) },
  'notify-keyspace-events': { value: keyspaceEvents },
  'set-max-intset-entries': { value: integer() },
  'slowlog-log-slower-than': { value: integer(-1) },
  'slowlog-max-len': { value: integer() },
  'stream-node-max-bytes': { value: amount() },
  'stream-node-max-entries': { value: integer() },
  'tcp-keepalive': { value: integer() },
  timeout: { value: timeout },
  'tracking-table-max-keys': { value: integer(1, 100_000_000) },
  'zset-max-listpack-entries': { value: integer() },
  'zset-max-listpack-value': { value: amount() },
};

const parameters: Readonly<Record<'elasticache' | 'memorydb', Readonly<Record<string, Parameter>>>> = {
  elasticache: {
    ...shared,
    'client-query-buffer-limit': { value: amount(2 ** 20, 2 ** 30) },
    'commandlog-large-reply-max-len': { value: integer(0, 1024), since: '8.1' },
    'commandlog-large-request-max-len': { value: integer(0, 1024), since: '8.1' },
    'commandlog-reply-larger-than': { value: integer(), since: '8.1' },
    'commandlog-request-larger-than': { value: integer(), since: '8.1' },
    databases: { value: integer(1, 10_000) },
    'extended-redis-compatibility': { value: yesNo, since: '8.0' },
    'min-replicas-max-lag': { value: integer() },
    'min-replicas-to-write': { value: integer() },
    'proto-max-bulk-len': { value: amount(2 ** 20, 2 ** 29) },
    'repl-backlog-size': { value: amount(2 ** 14) },
    'repl-backlog-ttl': { value: integer() },
  },
  memorydb: shared,
};

const fixed: Readonly<Record<'elasticache' | 'elasticache-serverless' | 'memorydb', Readonly<Record<string, string>>>> =
  {
    elasticache: {
      activerehashing: 'yes',
      'busy-reply-threshold': '5000',
      maxclients: '65000',
      'repl-timeout': '60',
      'replica-ignore-maxmemory': 'yes',
      'replica-lazy-flush': 'yes',
    },
    'elasticache-serverless': {
      'busy-reply-threshold': '5000',
      'client-query-buffer-limit': '1gb',
      maxclients: '65000',
      'notify-keyspace-events': '',
    },
    memorydb: { activerehashing: 'yes', maxclients: '65000' },
  };

/** What a managed service makes of a setting in a version of the engine; null on targets whose nodes we run. */
export function serviceSetting(kind: TargetKind, name: string, version: string): ServiceSetting | null {
  if (kind === 'hetzner' || kind === 'local') return null;
  const to = Object.hasOwn(fixed[kind], name) ? fixed[kind][name] : undefined;
  if (to !== undefined) return { kind: 'fixed', to };
  if (kind === 'elasticache-serverless') return { kind: 'absent' };
  const one = Object.hasOwn(parameters[kind], name) ? parameters[kind][name] : undefined;
  const there =
    one !== undefined &&
    !(one.since !== undefined && olderThan(version, one.since)) &&
    !(one.before !== undefined && !olderThan(version, one.before));
  return there ? { kind: 'free', value: one.value } : { kind: 'absent' };
}
