import type {
  AcceptedGap,
  BackupSchedule,
  CacheTierConfig,
  Cidr,
  DailyWindow,
  Durability,
  ElastiCacheTarget,
  EvictionPolicy,
  GapName,
  HetznerTarget,
  LocalTarget,
  MemoryDbTarget,
  MonitoringServer,
  ServerlessTarget,
  TargetKind,
  User,
  WeeklyWindow,
  Workload,
} from './config';
import type { Issue } from './issue';
import type { BackupDestinationPlan, DefaultTaken } from './plan';

/** The fields of each kind of target, `kind` apart. */
export interface TargetFields {
  readonly elasticache: Omit<ElastiCacheTarget, 'kind'>;
  readonly 'elasticache-serverless': Omit<ServerlessTarget, 'kind'>;
  readonly memorydb: Omit<MemoryDbTarget, 'kind'>;
  readonly hetzner: Omit<HetznerTarget, 'kind'>;
  readonly local: Omit<LocalTarget, 'kind'>;
}

/** The chosen kind with its fields. */
export type ChosenTarget = {
  readonly [K in TargetKind]: { readonly kind: K; readonly fields: TargetFields[K] };
}[TargetKind];

/**
 * A config with every default taken: what the rules judge and the planner plans.
 *
 * It exists for every config of which a target is known, also where parts of it did not parse: such a part stands at
 * its default, and findings about it are dropped because the report already names it.
 */
export interface ResolvedTier {
  /** The parts of the config that parsed, to see what was asked and what was not. */
  readonly config: Partial<CacheTierConfig>;
  readonly name: string;
  readonly stage: string | null;
  readonly identity: string;
  readonly chosen: ChosenTarget;
  /** Path of the fields of the chosen target: `target`, or `targets.<kind>` under `--target`. */
  readonly targetPath: string;
  readonly workloads: readonly Workload[];
  readonly datasetBytes: number;
  readonly traffic: {
    readonly peakOpsPerSecond: number | null;
    readonly averageOpsPerSecond: number | null;
    readonly connections: number;
  };
  /** `major.minor`; not yet known to be one that the target runs. */
  readonly engineVersion: string;
  /** Settings of the config, values as text as `valkey.conf` has them (`yes`, `no`, numbers). */
  readonly settings: Readonly<Record<string, string>>;
  /** Asked for, or what the workload needs; a target with a fixed policy may give another. */
  readonly evictionPolicy: EvictionPolicy;
  /** Asked for, or what the workload needs. */
  readonly durability: Durability;
  /** Asked for, or the default of the target; not meaningful where the service manages it. */
  readonly replicas: number;
  /** Asked for, or as many as the dataset needs on this target; 1 where the service manages it. */
  readonly shards: number;
  readonly zones: 'spread' | 'single';
  readonly backup: {
    readonly schedule: BackupSchedule;
    readonly window: DailyWindow;
    readonly keep: { readonly daily: number; readonly weekly: number };
    readonly destinations: readonly BackupDestinationPlan[];
    readonly continuous: boolean;
    readonly drill: 'daily' | 'weekly' | 'none';
    readonly recipients: readonly string[];
  };
  readonly maintenanceWindow: WeeklyWindow;
  readonly clients: readonly Cidr[];
  readonly admin: readonly Cidr[];
  readonly users: readonly Required<User>[];
  readonly prometheusFrom: readonly Cidr[];
  /** Who is told of alarms by mail, or null. */
  readonly notifyEmail: string | null;
  /** Asked for a server with Prometheus, or null. */
  readonly monitoringServer: MonitoringServer | null;
  readonly onRemoval: 'retain' | 'snapshot' | 'destroy';
  /** Tags of the config, Cachetier's own apart. */
  readonly tags: Readonly<Record<string, string>>;
  readonly accept: readonly AcceptedGap[];
  /** The node that was asked for or chosen; null where the service manages it or no known node fits. */
  readonly size: NodeSize | null;
  readonly defaults: readonly DefaultTaken[];
}

/** A node of a catalogue, as the tier uses it. */
export interface NodeSize {
  /** Node type or server type; `process` on this machine. */
  readonly type: string;
  readonly memoryBytes: number;
  /** What `maxmemory` is set to, or what the service leaves to data. */
  readonly maxmemoryBytes: number;
  readonly vcpus: number;
}

/** Something asked for that the target does not give. */
export interface GapFinding {
  readonly gap: GapName;
  readonly path: string;
  readonly asked: string;
  readonly given: string;
  readonly reason: string;
}

/** One rule: findings about a tier. Named after the code that it gives. */
export type Rule = (tier: ResolvedTier) => readonly Issue[];

/** One comparison of what was asked with what the target gives. */
export type GapRule = (tier: ResolvedTier) => readonly GapFinding[];
