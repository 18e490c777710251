import type {
  BackupSchedule,
  Cidr,
  DailyWindow,
  Durability,
  EvictionPolicy,
  GapName,
  TargetKind,
  WeeklyWindow,
  Workload,
} from './config';
import type { Issue } from './issue';

/**
 * Everything decided, nothing optional, plain JSON: what a target only has to draw.
 *
 * It holds no secret, no SDK type and no clock, so it can be printed, compared and committed.
 */
export interface CacheTierPlan {
  /** Format of this document. */
  readonly format: 'cachetier.plan/1';
  /** Name of the tier. */
  readonly name: string;
  /** Stage, or null. */
  readonly stage: string | null;
  /**
   * What tells this tier from another of the same name: the path of the construct, or name and stage where nothing
   * else was given. Every derived name carries a short hash of it.
   */
  readonly identity: string;
  readonly kind: TargetKind;
  readonly workloads: readonly Workload[];
  readonly engine: EnginePlan;
  readonly evictionPolicy: EvictionPolicy;
  readonly durability: { readonly asked: Durability; readonly given: Durability };
  readonly topology: TopologyPlan;
  readonly sizing: SizingPlan;
  readonly traffic: TrafficPlan;
  readonly backup: BackupPlan;
  readonly maintenanceWindow: WeeklyWindow | null;
  readonly access: AccessPlan;
  readonly monitoring: MonitoringPlan;
  readonly transitEncryption: 'required';
  /** `service` where the service encrypts at rest, `none` on disks that we do not encrypt. */
  readonly atRestEncryption: 'service' | 'none';
  readonly onRemoval: 'retain' | 'snapshot' | 'destroy';
  /** Every physical name that the target needs, by what it names (`stack`, `userGroup`, …). */
  readonly names: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** How clients reach it, before addresses are known. */
  readonly endpointMode: 'standalone' | 'cluster' | 'sentinel';
  readonly ports: readonly number[];
  /** Defaults that were taken, each with its reason. */
  readonly defaults: readonly DefaultTaken[];
  /** What the target gives, in words. */
  readonly gives: readonly string[];
  /** Asked for and not given, each accepted by the config. */
  readonly gaps: readonly Gap[];
  /** What this target does not have by its nature, whether asked for or not. */
  readonly limits: readonly Limit[];
  /** Warnings and advice of the rules; errors never reach a plan. */
  readonly warnings: readonly Issue[];
  readonly price: PricePlan;
  /** What this kind of target draws. */
  readonly target: TargetPlan;
}

export interface EnginePlan {
  readonly name: 'valkey';
  /** `major.minor`. */
  readonly version: string;
  /** Effective settings that Cachetier sets, by their name in `valkey.conf`, values as text. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopologyPlan {
  /** Shards, or null where the service manages them. */
  readonly shards: number | null;
  /** Replicas of each shard, or null where the service manages them. */
  readonly replicasPerShard: number | null;
  /** All nodes, or null where the service manages them. */
  readonly nodes: number | null;
  /** Whether clients must speak the cluster protocol. */
  readonly clusterMode: boolean;
  /** Zones (hosts at Hetzner) that the nodes of a shard are spread over. */
  readonly zones: number;
  /** Sentinels that must agree that the primary is down; 0 where no Sentinel runs. */
  readonly sentinelQuorum: number;
}

export interface SizingPlan {
  readonly datasetBytes: number;
  /** Memory of one node, or null where the service manages it. */
  readonly nodeMemoryBytes: number | null;
  /** What `maxmemory` is on one node, or null where the service manages it. */
  readonly maxmemoryBytes: number | null;
  /** Dataset on one shard as a share of `maxmemory`, 0 to 1, or null where the service manages it. */
  readonly utilisation: number | null;
}

export interface TrafficPlan {
  readonly peakOpsPerSecond: number | null;
  readonly averageOpsPerSecond: number | null;
  readonly connections: number;
}

export interface BackupPlan {
  readonly schedule: BackupSchedule;
  readonly window: DailyWindow;
  readonly keep: { readonly daily: number; readonly weekly: number };
  /** Days that a managed service keeps its snapshots; 0 without backups and where we keep them ourselves. */
  readonly retentionDays: number;
  readonly destinations: readonly BackupDestinationPlan[];
  /** Whether append-only files are shipped to the first destination. */
  readonly continuous: boolean;
  readonly drill: 'daily' | 'weekly' | 'none';
  /** Public keys that can read the backups, beside the tier's own. */
  readonly recipients: readonly string[];
  /** What new servers begin with; null is nothing. */
  readonly restoreFrom: RestorePlan | null;
  /** What a new cache of a service begins with; null is nothing. */
  readonly seed: SeedPlan | null;
}

/** One of the two. */
export interface SeedPlan {
  readonly rdb: { readonly bucket: string; readonly key: string } | null;
  readonly snapshot: string | null;
}

export interface RestorePlan {
  /** Id of the destination. */
  readonly bucket: string;
  /** Name that the objects of the tier begin with. */
  readonly tier: string;
  /** Null is the newest. */
  readonly backup: string | null;
  /** Second to restore to; null is as far as the backup goes. */
  readonly at: string | null;
}

export interface BackupDestinationPlan {
  /** Identifies the destination among those of the tier: provider and bucket. Bucket keys are given by this name. */
  readonly id: string;
  readonly provider: 'r2' | 'b2' | 's3';
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly schedule: 'hourly' | 'daily' | 'weekly';
  readonly keep: { readonly daily: number; readonly weekly: number };
  /** Where the bucket is made with the tier; null where it exists. */
  readonly create: { readonly accountId: string; readonly jurisdiction: string } | null;
}

export interface AccessPlan {
  readonly clients: readonly Cidr[];
  readonly admin: readonly Cidr[];
  readonly users: readonly UserPlan[];
}

export interface UserPlan {
  /** Name in the config. */
  readonly name: string;
  /** User name that clients log in with; the same on every target. */
  readonly login: string;
  readonly keys: string;
  readonly channels: string;
  readonly can: 'read-only' | 'read-write';
  /** ACL rules after `on` and the password: keys, channels and commands. */
  readonly rules: string;
}

export interface MonitoringPlan {
  readonly prometheusFrom: readonly Cidr[];
  /** Who is told of alarms by mail, or null. */
  readonly notifyEmail: string | null;
}

export interface DefaultTaken {
  /** Path in the config. */
  readonly path: string;
  readonly value: string | number | boolean | null | readonly string[];
  readonly because: string;
}

export interface Gap {
  readonly gap: GapName;
  /** Path of what was asked. */
  readonly path: string;
  readonly asked: string;
  readonly given: string;
  readonly reason: string;
  /** Why the config accepts it. */
  readonly accepted: string;
}

export interface Limit {
  /** What is limited, in a word or two. */
  readonly limit: string;
  readonly reason: string;
}

export interface PricePlan {
  readonly currency: 'USD' | 'EUR';
  /** Region or location that the price is for. */
  readonly place: string;
  readonly items: readonly PriceItem[];
  /** Sum of the items, or null when one of them is unknown. */
  readonly monthly: number | null;
  /** Why there is no total, or null. */
  readonly because: string | null;
}

export interface PriceItem {
  readonly what: string;
  readonly quantity: number;
  /** Price of one for a month, or null when it is not known. */
  readonly unitMonthly: number | null;
  readonly monthly: number | null;
  /** Source and date of the price, or why there is none. */
  readonly source: string;
}

export type TargetPlan = ReplicationGroupPlan | ServerlessPlan | MemoryDbPlan | HetznerPlan | LocalPlan;

interface AwsTargetPlan {
  readonly region: string | null;
  readonly account: string | null;
  readonly vpcId: string | null;
  /** Availability zones of a VPC that is made for the tier. */
  readonly zones: number;
}

export interface ReplicationGroupPlan extends AwsTargetPlan {
  readonly kind: 'elasticache';
  readonly nodeType: string;
  readonly engineVersion: string;
  readonly parameterGroupFamily: string;
  /** Values of the own parameter group. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The protocol that clients must speak. */
  readonly clusterMode: 'enabled' | 'disabled';
  readonly shards: number;
  readonly replicasPerShard: number;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  /** `sync` keeps acknowledged writes through a failover (Valkey 9 and newer). */
  readonly durability: 'sync' | 'disabled';
  readonly snapshotWindow: DailyWindow;
  readonly snapshotRetentionDays: number;
  readonly maintenanceWindow: WeeklyWindow;
}

export interface ServerlessPlan extends AwsTargetPlan {
  readonly kind: 'elasticache-serverless';
  readonly majorEngineVersion: string;
  readonly maxDataStorageGiB: number;
  /** Null is no limit. */
  readonly maxEcpuPerSecond: number | null;
  /** Start of the daily snapshot, `HH:MM`, or null without backups. */
  readonly dailySnapshotTime: string | null;
  readonly snapshotRetentionDays: number;
}

export interface MemoryDbPlan extends AwsTargetPlan {
  readonly kind: 'memorydb';
  readonly nodeType: string;
  readonly engineVersion: string;
  readonly parameterGroupFamily: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly shards: number;
  readonly replicasPerShard: number;
  readonly snapshotWindow: DailyWindow;
  readonly snapshotRetentionDays: number;
  readonly maintenanceWindow: WeeklyWindow;
}

/** What every target has whose nodes we run: `constructs/node` renders its files from this. */
export interface NodesPlan {
  readonly nodes: readonly NodePlan[];
  /** Node that becomes the first primary, by the deploy step's word and only once. */
  readonly firstPrimary: string;
  /** Name that Sentinel knows the primary by. */
  readonly primaryName: string;
  readonly sentinel: SentinelPlan;
  /** `appendonly` and `appendfsync`; null is no append-only file. */
  readonly appendFsync: 'everysec' | 'always' | null;
  /** `save` rules in the form `900 1`; empty is no automatic RDB. */
  readonly saveRules: readonly string[];
  readonly maxmemoryBytes: number;
  /** Replicas that must be connected before a write is taken; 0 takes writes alone. */
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLagSeconds: number;
  readonly replBacklogBytes: number;
  /** Settings of the config, by name, after Cachetier's own. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface NodePlan {
  /** `a`, `b`, `c`…; a name, never a role. */
  readonly letter: string;
  /** Host name. */
  readonly name: string;
  /** Private address that the node keeps for life. */
  readonly address: string;
}

export interface SentinelPlan {
  /** 0 on one node alone, where no Sentinel runs. */
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
}

export interface HetznerPlan extends NodesPlan {
  readonly kind: 'hetzner';
  readonly location: string;
  readonly networkZone: string;
  readonly networkRange: Cidr;
  readonly subnetRange: Cidr;
  readonly serverType: string;
  readonly architecture: 'x86' | 'arm';
  readonly image: 'debian-13' | 'ubuntu-26.04';
  readonly sshKeys: readonly string[];
  /** Whether servers are spread over hosts by a placement group. */
  readonly spread: boolean;
  /** A server with Prometheus and Alertmanager, or null. */
  readonly monitoringServer: MonitoringServerPlan | null;
}

export interface MonitoringServerPlan {
  /** Host name. */
  readonly name: string;
  /** Private address that it keeps for life. */
  readonly address: string;
  readonly serverType: string;
  /** What takes its mails, or null. */
  readonly smtp: { readonly relay: string; readonly from: string; readonly login: string | null } | null;
}

export interface LocalPlan extends NodesPlan {
  readonly kind: 'local';
  /** First port, or null for free ones. */
  readonly port: number | null;
}
