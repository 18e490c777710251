import type { InternalPasswords } from './secrets';

/** Logins of the users that the nodes need among themselves. Logins of applications end in a hash, so they never clash. */
export const internalLogins = {
  replication: 'cachetier-replication',
  sentinel: 'cachetier-sentinel',
  sentinelAdmin: 'cachetier-sentinel-admin',
  operator: 'cachetier-operator',
  exporter: 'cachetier-exporter',
  backup: 'cachetier-backup',
} as const satisfies Record<keyof InternalPasswords, string>;

/**
 * What each internal user may do in Valkey, after `on` and the password.
 *
 * `sync` is needed beside `psync` by dual-channel replication. Sentinel needs `failover` and `client` to reconfigure a
 * node since Valkey 9.0 (without: failover-abort-slave-timeout), and `config` to make the new role stick on disk.
 */
export const valkeyRules = {
  replication: 'resetchannels -@all +psync +sync +replconf +ping',
  sentinel:
    'resetchannels &__sentinel__:hello -@all +subscribe +publish +failover +script|kill +ping +info +multi +slaveof ' +
    '+config +client +exec',
  operator: '~* &* +@all',
  exporter:
    'resetchannels -@all +ping +info +role +config|get +client|list +client|info +client|setname +client|getname ' +
    '+slowlog|get +slowlog|len +latency|latest +latency|histogram +memory|stats +dbsize +select',
  // `client|list` tells one connection to the primary from the next, `bgrewriteaof` begins the files that are shipped.
  backup: 'resetchannels -@all +psync +sync +replconf +ping +role +info +client|list +bgrewriteaof',
} as const satisfies Record<Exclude<keyof InternalPasswords, 'sentinelAdmin'>, string>;

/** What each internal user may do in Sentinel. */
export const sentinelRules = {
  sentinelAdmin: '~* &* +@all',
  exporter:
    'resetchannels -@all +ping +info +client|setname +client|getname +sentinel|masters +sentinel|master ' +
    '+sentinel|replicas +sentinel|slaves +sentinel|sentinels +sentinel|ckquorum +sentinel|config',
} as const satisfies Partial<Record<keyof InternalPasswords, string>>;

/**
 * What an application may do in Sentinel: find the primary, and hear of a new one. Nothing here changes a setting.
 * ioredis asks for `slaves` and subscribes to `+switch-master`; redis-py asks for `masters`.
 */
export const discoveryRules =
  'resetchannels &+switch-master &+sdown &-sdown &+slave &+reboot &+convert-to-slave -@all ' +
  '+auth +hello +ping +role +command +subscribe +psubscribe +unsubscribe +punsubscribe ' +
  '+client|getname +client|id +client|setname +client|setinfo ' +
  '+sentinel|get-master-addr-by-name +sentinel|master +sentinel|masters +sentinel|myid +sentinel|replicas ' +
  '+sentinel|slaves +sentinel|sentinels';
