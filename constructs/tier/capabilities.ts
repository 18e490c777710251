import type { BackupSchedule, Durability, EvictionPolicy, TargetKind } from './config';

/** A statement about a target, with where it comes from. */
export interface Cell<T> {
  readonly value: T;
  /** Vendor page, package or dated trial. */
  readonly source: string;
}

/** One engine version on one target. */
export interface EngineVersion {
  /** Family of the parameter group, or null where there is none. */
  readonly family: string | null;
  /** Image whose distribution packages the version, or null where the service runs it. */
  readonly image: 'debian-13' | 'ubuntu-26.04' | null;
  /** The strongest durability of this version on this target. */
  readonly durability: Durability;
  readonly source: string;
}

/** What a target can do: data, one row for each target, so that no case is forgotten. */
export interface TargetCapabilities {
  readonly engineVersions: Readonly<Record<string, EngineVersion>>;
  readonly defaultVersion: { readonly value: string; readonly because: string };
  readonly evictionPolicy: Cell<EvictionPolicy | 'free'>;
  readonly shards: Cell<'one' | 'many' | 'managed'>;
  readonly replicas: {
    readonly min: number;
    readonly max: number;
    readonly default: number;
    readonly because: string;
    readonly source: string;
  };
  /** Whether clients must speak the cluster protocol. */
  readonly clusterMode: Cell<'always' | 'optional' | 'never'>;
  readonly sentinel: boolean;
  readonly keyspaceEvents: Cell<boolean>;
  readonly backupSchedules: Cell<readonly BackupSchedule[]>;
  readonly backupDestinations: Cell<boolean>;
  /** Days that snapshots can be kept, or null where we keep backups ourselves. */
  readonly retentionDays: Cell<{ readonly min: number; readonly max: number } | null>;
  /** Shortest backup window in minutes, or null where only its start counts. */
  readonly backupWindowMinutes: Cell<number | null>;
  /** Shortest maintenance window in minutes, or null where the target has none. */
  readonly maintenanceWindowMinutes: Cell<number | null>;
  readonly prometheus: Cell<boolean>;
  /** Zones (hosts at Hetzner) that nodes can be spread over. */
  readonly zones: number;
  /** Share of a node's memory that data may take; the rest is for fork, buffers and fragmentation. */
  readonly dataShare: Cell<number>;
  readonly ports: readonly number[];
  readonly atRestEncryption: 'service' | 'none';
  /** Where the statements above that are no cells come from. */
  readonly sources: Readonly<Record<'sentinel' | 'zones' | 'ports' | 'atRestEncryption', string>>;
  readonly onRemoval: { readonly default: 'retain' | 'snapshot'; readonly because: string };
}

const elasticacheVersions = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html, November 2026';
const memorydbVersions = 'docs.aws.amazon.com/memorydb/latest/devguide/engine-versions.html, November 2026';
const durabilityPage = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.Limitations.html, November 2026';
const serverlessSettings =
  'docs.aws.amazon.com/AmazonElastiCache/latest/dg/RedisConfiguration.html (serverless), November 2026';
const nodeSettings = 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, November 2026';
const memorydbSettings = 'docs.aws.amazon.com/memorydb/latest/devguide/parametergroups.html, November 2026';
const debian = 'packages.debian.org/trixie/valkey-server 8.1.1, apt metadata of 2026-11-20';
const ubuntu = 'packages.ubuntu.com/resolute/valkey-server 9.0.6, apt metadata of 2026-11-20';
const own = 'rendered by constructs/node; valkey.io/topics';
const valkeyConf = 'valkey.conf of the version';

/** ElastiCache nodes have no AOF since 2.8.22; Durability came with Valkey 9.0. */
const node = (family: string, durability: Durability): EngineVersion => ({
  family,
  image: null,
  durability,
  source: durability === 'synchronous' ? `${elasticacheVersions}; ${durabilityPage}` : elasticacheVersions,
});

const serverless: EngineVersion = {
  family: null,
  image: null,
  durability: 'snapshot',
  source: `${elasticacheVersions}: only the major version is chosen; CacheEngine of @aws-cdk/aws-elasticache-alpha 2.275`,
};

const memorydb: EngineVersion = {
  family: 'memorydb_valkey7',
  image: null,
  durability: 'synchronous',
  source: memorydbVersions,
};

const run = (image: 'debian-13' | 'ubuntu-26.04' | null, source: string): EngineVersion => ({
  family: null,
  image,
  durability: 'always',
  source,
});

/** What each target can do. */
export const capabilities = {
  elasticache: {
    engineVersions: {
      '7.2': node('valkey7', 'snapshot'),
      '8.0': node('valkey8', 'snapshot'),
      '8.1': node('valkey8', 'snapshot'),
      '8.2': node('valkey8', 'snapshot'),
      '9.0': node('valkey9', 'synchronous'),
      '9.1': node('valkey9', 'synchronous'),
    },
    defaultVersion: {
      value: '9.0',
      because: 'the oldest line with durability, out of its first months; November 2026',
    },
    evictionPolicy: { value: 'free', source: nodeSettings },
    shards: {
      value: 'many',
      source: 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html',
    },
    replicas: {
      min: 0,
      max: 5,
      default: 1,
      because: 'the least that fails over to another zone',
      source: 'AWS::ElastiCache::ReplicationGroup ReplicasPerNodeGroup, aws-cdk-lib 2.276.0',
    },
    clusterMode: { value: 'optional', source: 'ReplicationGroup ClusterMode, aws-cdk-lib 2.276.0' },
    sentinel: false,
    keyspaceEvents: { value: true, source: nodeSettings },
    backupSchedules: { value: ['none', 'daily'], source: 'SnapshotWindow is daily, aws-cdk-lib 2.276.0' },
    backupDestinations: { value: false, source: 'snapshots stay with the service' },
    retentionDays: {
      value: { min: 0, max: 35 },
      source: 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html',
    },
    backupWindowMinutes: {
      value: 60,
      source: 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html',
    },
    maintenanceWindowMinutes: {
      value: 60,
      source: 'docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html',
    },
    prometheus: { value: false, source: 'nodes run no exporter; metrics are in CloudWatch' },
    zones: 3,
    dataShare: {
      value: 0.75,
      source:
        'reserved-memory-percent 25, docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html',
    },
    ports: [6379],
    atRestEncryption: 'service',
    sources: {
      sentinel: 'the service fails over by itself, dg/AutoFailover',
      zones: 'AWS Regions have three zones or more; two in us-west-1',
      ports: 'default of ReplicationGroup Port, aws-cdk-lib 2.276.0',
      atRestEncryption: 'ReplicationGroup AtRestEncryptionEnabled, which the tier always sets',
    },
    onRemoval: { default: 'snapshot', because: 'removing a resource must not lose its data' },
  },
  'elasticache-serverless': {
    engineVersions: {
      '7.2': serverless,
      '8.0': serverless,
      '8.1': serverless,
      '8.2': serverless,
      '9.0': serverless,
      '9.1': serverless,
    },
    defaultVersion: { value: '8.1', because: 'a major version past its first year; November 2026' },
    evictionPolicy: { value: 'volatile-lru', source: serverlessSettings },
    shards: { value: 'managed', source: serverlessSettings },
    replicas: { min: 0, max: 5, default: 1, because: 'the service keeps its own replicas', source: serverlessSettings },
    clusterMode: { value: 'always', source: serverlessSettings },
    sentinel: false,
    keyspaceEvents: { value: false, source: serverlessSettings },
    backupSchedules: { value: ['none', 'daily'], source: 'DailySnapshotTime, aws-cdk-lib 2.276.0' },
    backupDestinations: { value: false, source: 'snapshots stay with the service' },
    retentionDays: { value: { min: 0, max: 35 }, source: 'SnapshotRetentionLimit, aws-cdk-lib 2.276.0' },
    backupWindowMinutes: { value: null, source: 'DailySnapshotTime has no end, aws-cdk-lib 2.276.0' },
    maintenanceWindowMinutes: { value: null, source: 'the service patches without a window' },
    prometheus: { value: false, source: 'no INFO and no exporter; metrics are in CloudWatch' },
    zones: 3,
    dataShare: { value: 1, source: 'storage is metered as used' },
    ports: [6379, 6380],
    atRestEncryption: 'service',
    sources: {
      sentinel: serverlessSettings,
      zones: 'always Multi-AZ, dg/WhatIs.corecomponents',
      ports: '6379 writes and 6380 reads, dg/serverless security groups',
      atRestEncryption: 'always on, dg/at-rest-encryption',
    },
    onRemoval: { default: 'snapshot', because: 'removing a resource must not lose its data' },
  },
  memorydb: {
    engineVersions: { '7.2': memorydb, '7.3': memorydb },
    defaultVersion: { value: '7.3', because: 'the newest Valkey that MemoryDB runs; November 2026' },
    evictionPolicy: { value: 'free', source: memorydbSettings },
    shards: { value: 'many', source: 'docs.aws.amazon.com/memorydb/latest/devguide/clusters.html' },
    replicas: {
      min: 0,
      max: 5,
      default: 1,
      because: 'the least that fails over to another zone',
      source: 'AWS::MemoryDB::Cluster NumReplicasPerShard, aws-cdk-lib 2.276.0',
    },
    clusterMode: { value: 'always', source: 'docs.aws.amazon.com/memorydb/latest/devguide/clusters.html' },
    sentinel: false,
    keyspaceEvents: { value: true, source: memorydbSettings },
    backupSchedules: { value: ['none', 'daily'], source: 'SnapshotWindow is daily, aws-cdk-lib 2.276.0' },
    backupDestinations: { value: false, source: 'snapshots stay with the service' },
    retentionDays: {
      value: { min: 0, max: 35 },
      source: 'docs.aws.amazon.com/memorydb/latest/devguide/snapshots-automatic.html',
    },
    backupWindowMinutes: {
      value: 60,
      source: 'docs.aws.amazon.com/memorydb/latest/devguide/snapshots-automatic.html',
    },
    maintenanceWindowMinutes: {
      value: 60,
      source: 'docs.aws.amazon.com/memorydb/latest/devguide/maintenance-window.html',
    },
    prometheus: { value: false, source: 'nodes run no exporter; metrics are in CloudWatch' },
    zones: 3,
    dataShare: { value: 0.75, source: `${memorydbSettings}: reserved memory 25 percent` },
    ports: [6379],
    atRestEncryption: 'service',
    sources: {
      sentinel: 'the service fails over by itself, devguide/autofailover',
      zones: 'AWS Regions have three zones or more; two in us-west-1',
      ports: 'default of Cluster Port, aws-cdk-lib 2.276.0',
      atRestEncryption: 'always on, devguide/at-rest-encryption',
    },
    onRemoval: { default: 'snapshot', because: 'removing a resource must not lose its data' },
  },
  hetzner: {
    engineVersions: { '8.1': run('debian-13', debian), '9.0': run('ubuntu-26.04', ubuntu) },
    defaultVersion: {
      value: '9.0',
      because: 'Ubuntu 26.04 packages 9.0.6, the first version with the fix for transactions lost on AOF replay',
    },
    evictionPolicy: { value: 'free', source: own },
    shards: { value: 'one', source: own },
    replicas: {
      // One node without Sentinel is there too, as a gap that the config accepts.
      min: 0,
      max: 4,
      default: 2,
      because: 'three Sentinels are the fewest that outvote a lost one',
      source: 'valkey.io/topics/sentinel',
    },
    clusterMode: { value: 'never', source: own },
    sentinel: true,
    keyspaceEvents: { value: true, source: valkeyConf },
    backupSchedules: { value: ['none', 'hourly', 'daily', 'weekly'], source: own },
    backupDestinations: { value: true, source: own },
    retentionDays: { value: null, source: own },
    backupWindowMinutes: { value: 1, source: own },
    maintenanceWindowMinutes: { value: null, source: 'nothing restarts a node by itself' },
    prometheus: { value: true, source: own },
    zones: 5,
    dataShare: { value: 0.6, source: 'fork, fragmentation and buffers leave 60 percent of memory to data' },
    ports: [6379, 26379],
    atRestEncryption: 'none',
    sources: {
      sentinel: own,
      zones: 'a placement group holds ten servers; five are the most that vote',
      ports: own,
      atRestEncryption: 'disks of cloud servers are not encrypted by the vendor',
    },
    onRemoval: { default: 'retain', because: 'servers are protected from deletion, and their disks with them' },
  },
  local: {
    engineVersions: {
      '7.2': run(null, 'packages.ubuntu.com/noble/valkey-server 7.2.14, apt metadata of 2026-11-20'),
      '8.0': run(null, 'packages.debian.org/bookworm-backports/valkey-server 8.0.1, apt metadata of 2026-11-20'),
      '8.1': run('debian-13', debian),
      '9.0': run('ubuntu-26.04', ubuntu),
      '9.1': run(null, 'packages.debian.org/sid/valkey-server 9.1.2, apt metadata of 2026-11-20'),
    },
    defaultVersion: { value: '8.1', because: 'what is fetched where no Valkey is found on PATH' },
    evictionPolicy: { value: 'free', source: own },
    shards: { value: 'one', source: own },
    replicas: {
      // One node without Sentinel is there too, as a gap that the config accepts.
      min: 0,
      max: 4,
      default: 2,
      because: 'three Sentinels are the fewest that outvote a lost one',
      source: 'valkey.io/topics/sentinel',
    },
    clusterMode: { value: 'never', source: own },
    sentinel: true,
    keyspaceEvents: { value: true, source: valkeyConf },
    backupSchedules: { value: ['none'], source: 'no timer runs on this machine' },
    backupDestinations: { value: false, source: 'no timer runs on this machine' },
    retentionDays: { value: null, source: own },
    backupWindowMinutes: { value: null, source: own },
    maintenanceWindowMinutes: { value: null, source: 'nothing restarts a process by itself' },
    prometheus: { value: false, source: 'no exporter runs on this machine' },
    zones: 1,
    dataShare: { value: 0.6, source: 'fork, fragmentation and buffers leave 60 percent of memory to data' },
    ports: [],
    atRestEncryption: 'none',
    sources: {
      sentinel: own,
      zones: 'one machine',
      ports: 'free ports, or those of target.port',
      atRestEncryption: 'files lie on the disk of this machine as it is',
    },
    onRemoval: { default: 'retain', because: 'the files stay until they are deleted by name' },
  },
} as const satisfies Record<TargetKind, TargetCapabilities>;

/** Every kind of target. */
export const targetKinds = Object.keys(capabilities) as readonly TargetKind[];

/** Capabilities of a kind, in the same shape for every one. */
export function capabilitiesOf(kind: TargetKind): TargetCapabilities {
  return capabilities[kind];
}
