/**
 * The config of a cache tier: the one source of the types, the JSON Schema (`npm run schema`), the
 * validation that follows from it, and the reference page.
 *
 * Only plain values: units live in the value (`"8GiB"`, `"03:00-04:00"`), names are the services' own.
 */

/**
 * An amount of memory or storage: a number and `MiB`, `GiB` or `TiB`, such as `"8GiB"` or `"512MiB"`.
 *
 * @pattern ^(0\.[0-9]*[1-9][0-9]*|[1-9][0-9]{0,6}(\.[0-9]{1,3})?)(MiB|GiB|TiB)$
 */
export type ByteSize = string;

/**
 * A daily window in UTC, `HH:MM-HH:MM`, such as `"03:00-04:00"`; it may cross midnight.
 *
 * @pattern ^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$
 */
export type DailyWindow = string;

/**
 * A weekly window in UTC, `ddd:HH:MM-ddd:HH:MM`, such as `"sun:05:00-sun:06:00"`.
 *
 * @pattern ^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$
 */
export type WeeklyWindow = string;

/**
 * An IPv4 network in CIDR notation, such as `"10.0.0.0/16"`; one address is a `/32`.
 *
 * @pattern ^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12]?[0-9])$
 */
export type Cidr = string;

/** What the tier is used for; it decides eviction, durability and the other defaults. */
export type Workload =
  'cache' | 'session-store' | 'job-queue' | 'rate-limiter' | 'pub-sub' | 'stream' | 'primary-store';

/** What Valkey does with a write once `maxmemory` is reached. */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

/**
 * What survives, from weakest to strongest: `none` nothing need survive a restart; `snapshot` the last RDB;
 * `everysec` at most one second of writes is lost at a restart (AOF, fsync each second); `always` every write is
 * on disk before it is acknowledged (AOF, fsync each write); `synchronous` an acknowledged write is on more than
 * one node and survives a failover.
 */
export type Durability = 'none' | 'snapshot' | 'everysec' | 'always' | 'synchronous';

/** A place that a tier can be deployed to. */
export type TargetKind = 'elasticache' | 'elasticache-serverless' | 'memorydb' | 'hetzner' | 'local';

/** How often a backup is taken. */
export type BackupSchedule = 'none' | 'hourly' | 'daily' | 'weekly';

/** A part of the contract that a target cannot keep, and that the config can accept by name. */
export type GapName =
  | 'durability'
  | 'eviction-policy'
  | 'engine-setting'
  | 'backup-destination'
  | 'backup-schedule'
  | 'point-in-time'
  | 'maintenance-window'
  | 'prometheus'
  | 'zones'
  | 'failover';

/** A cache tier, described once for every target. */
export interface CacheTierConfig {
  /**
   * Where an editor finds the JSON Schema of a YAML or JSON config; nothing else reads it.
   *
   * @default - the editor knows of none
   * @maxLength 500
   */
  readonly $schema?: string;

  /**
   * Name of the tier: lower-case letters, digits and single hyphens, a letter first.
   *
   * It is part of every physical name; changing it makes another tier.
   *
   * @pattern ^[a-z][a-z0-9]*(-[a-z0-9]+)*$
   * @minLength 1
   * @maxLength 40
   */
  readonly name: string;

  /**
   * Stage of the tier, such as `"prod"`; tiers of the same name in two stages never share a physical name.
   *
   * @default - no stage
   * @pattern ^[a-z][a-z0-9]*(-[a-z0-9]+)*$
   * @minLength 1
   * @maxLength 20
   */
  readonly stage?: string;

  /**
   * What the tier is used for. With several, the stricter one decides each setting.
   */
  readonly workload: Workload | readonly Workload[];

  /** Useful data at its largest, before any overhead of the engine; it decides the size of the nodes. */
  readonly dataset: ByteSize;

  /**
   * Expected traffic; it decides what Serverless costs and warns of a tier that is too small.
   *
   * @default - unknown: usage-priced targets then have no total price
   */
  readonly traffic?: Traffic;

  /**
   * Engine, version and settings.
   *
   * @default - Valkey, in a dated default version of the target
   */
  readonly engine?: Engine;

  /**
   * What Valkey does with a write once memory is full.
   *
   * Keep `noeviction` if the tier holds a queue: any other policy may evict a job that has not run yet.
   *
   * @default - what the workload needs: `allkeys-lru` for a cache, `volatile-ttl` for a rate limiter, else `noeviction`
   */
  readonly evictionPolicy?: EvictionPolicy;

  /**
   * Replicas, shards and zones.
   *
   * @default - one shard with automatic failover: 1 replica on AWS, 2 where Sentinel votes
   */
  readonly availability?: Availability;

  /**
   * The least that must survive. A target may give more, never less without an accepted gap.
   *
   * @default - what the workload needs: `none` for pub-sub, `snapshot` for a cache or rate limiter, `always` for a
   * primary store, else `everysec`
   */
  readonly durability?: Durability;

  /**
   * Backups.
   *
   * @default - daily, kept for 7 days; none for a cache, a rate limiter or pub-sub
   */
  readonly backup?: Backup;

  /**
   * Begins a new tier with the data of a backup or a snapshot.
   *
   * @default - a new tier begins empty
   */
  readonly restoreFrom?: RestoreFrom;

  /**
   * When the service may restart nodes.
   *
   * @default - sunday 05:00 to 06:00 UTC where the service asks for a window
   */
  readonly maintenance?: Maintenance;

  /**
   * Who may connect.
   *
   * @default - one read-write user `app`; no address beyond the tier's own network
   */
  readonly access?: Access;

  /**
   * Who watches the tier.
   *
   * @default - no Prometheus server is admitted
   */
  readonly monitoring?: Monitoring;

  /**
   * What happens to the data when the tier is removed from the program, or replaced.
   *
   * `destroy` loses the data and is never a default.
   *
   * @default - `snapshot` on AWS, `retain` on servers
   */
  readonly onRemoval?: 'retain' | 'snapshot' | 'destroy';

  /**
   * Tags (labels at Hetzner) of every resource.
   *
   * @default - only Cachetier's own: `cachetier:tier` and, with a stage, `cachetier:stage`
   * @maxProperties 40
   */
  readonly tags?: { readonly [key: string]: string };

  /**
   * Gaps that are known and accepted, each with its reason; the plan prints them.
   *
   * @default - none: a target that cannot keep the contract is refused
   */
  readonly accept?: readonly AcceptedGap[];

  /** The target that this tier is deployed to. */
  readonly target: Target;

  /**
   * Fields for other targets, used when another kind is chosen by `--target KIND` or `-c target=KIND`.
   *
   * @default - the defaults of that target
   */
  readonly targets?: OtherTargets;
}

/** Expected traffic. */
export interface Traffic {
  /**
   * Commands per second at the peak.
   *
   * @default - unknown
   * @asType integer
   * @minimum 1
   * @maximum 100000000
   */
  readonly peakOpsPerSecond?: number;

  /**
   * Commands per second on average over a month.
   *
   * @default - unknown: usage-priced targets then have no total price
   * @asType integer
   * @minimum 0
   * @maximum 100000000
   */
  readonly averageOpsPerSecond?: number;

  /**
   * Client connections held at the peak; each costs about 20 KB of memory on the server.
   *
   * @default 1000
   * @asType integer
   * @minimum 1
   * @maximum 65000
   */
  readonly connections?: number;
}

/** Engine, version and settings. */
export interface Engine {
  /**
   * The engine.
   *
   * @default "valkey"
   */
  readonly name?: 'valkey';

  /**
   * Version as `major.minor`, in quotes: `"8.1"`.
   *
   * @default - a dated default of the target, which the plan names with its reason
   * @pattern ^[0-9]{1,2}\.[0-9]{1,2}$
   */
  readonly version?: string;

  /**
   * Engine settings by their names in `valkey.conf`, such as `{ "timeout": 300 }`; they are checked by name and
   * value for the engine version and for the target.
   *
   * @default - Cachetier's own for the workload, else the engine's
   * @maxProperties 100
   */
  readonly settings?: { readonly [name: string]: string | number | boolean };
}

/** Replicas, shards and zones. */
export interface Availability {
  /**
   * Replicas of each shard.
   *
   * Where Sentinel votes it is 2 or 4: two nodes cannot outvote each other. With 0 there is one node and no Sentinel,
   * and what takes over when it is lost is a gap that the config must accept: `failover`.
   *
   * @default - 1 on AWS (the least that fails over), 2 where Sentinel votes (three voters)
   * @asType integer
   * @minimum 0
   * @maximum 5
   */
  readonly replicas?: number;

  /**
   * Shards that the data is split over; more than one needs cluster-aware clients.
   *
   * @default - as many as the dataset needs
   * @asType integer
   * @minimum 1
   * @maximum 500
   */
  readonly shards?: number;

  /**
   * `spread` puts the nodes of a shard into different zones (different hosts at Hetzner); `single` into one.
   *
   * @default "spread"
   */
  readonly zones?: 'spread' | 'single';
}

/** Backups. */
export interface Backup {
  /**
   * How often a backup is taken.
   *
   * @default - `daily`; `none` for a cache, a rate limiter or pub-sub
   */
  readonly schedule?: BackupSchedule;

  /**
   * When the daily backup is taken, in UTC.
   *
   * @default "03:00-04:00"
   */
  readonly window?: DailyWindow;

  /**
   * How long backups are kept.
   *
   * @default - 7 daily backups
   */
  readonly keep?: BackupRetention;

  /**
   * Buckets that each backup is uploaded to, on targets whose nodes we run.
   *
   * @default - none: on AWS the service keeps the snapshots
   * @maxItems 5
   */
  readonly to?: readonly BackupDestination[];

  /**
   * Ships the append-only files to the first bucket of `to` at least every minute, for two days back, so that the tier
   * can be restored to a second of those days and at most a minute is lost when every server is gone. Needs durability
   * `everysec` or `always`.
   *
   * @default false
   */
  readonly continuous?: boolean;

  /**
   * How often the newest backup of each bucket is restored into a process of its own, to prove that it can be.
   *
   * @default "weekly"
   */
  readonly drill?: 'daily' | 'weekly' | 'none';

  /**
   * Further public keys that can read the backups: of age (`age1…`) or SSH (`ssh-ed25519 …`, `ssh-rsa …`). The tier
   * has a key of its own; a key that is kept elsewhere still opens the backups when that one is lost.
   *
   * @default - none: the key of the tier alone opens them
   * @maxItems 10
   */
  readonly recipients?: readonly BackupRecipient[];
}

/**
 * A public key of age or SSH.
 *
 * @pattern ^(age1[02-9ac-hj-np-z]{58}|ssh-(ed25519|rsa) [A-Za-z0-9+/]+=*( [A-Za-z0-9@._-]+)?)$
 */
export type BackupRecipient = string;

/**
 * What a new tier begins with: on servers of our own a backup (`bucket`, `tier`, `backup`, `at`), on a service an RDB in S3
 * (`rdb`) or a snapshot of the service (`snapshot`).
 *
 * Servers read it when the tier has no data yet, and never again. A service reads it when the cache is made, and a change
 * of it later makes a new cache: what was asked for once stays in the config.
 */
export interface RestoreFrom {
  /**
   * The bucket, by its id in `backup.to`, such as `r2:my-bucket`.
   *
   * @default - the first bucket of `backup.to` that has a backup
   * @maxLength 80
   */
  readonly bucket?: string;

  /**
   * The tier whose backup it is, by the name that its objects begin with, such as `orders-prod`.
   *
   * @default - this tier
   * @pattern ^[a-z][a-z0-9-]{0,62}$
   */
  readonly tier?: string;

  /**
   * Name of the backup, as `cachetier restore --list` shows it.
   *
   * @default - the newest
   * @pattern ^[a-z][a-z0-9-]*-\d{8}T\d{6}Z-[a-z]$
   */
  readonly backup?: string;

  /**
   * The second to restore to, in UTC, from what `backup.continuous` has shipped. Not together with `backup`.
   *
   * @default - as far as the backup goes
   * @pattern ^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$
   */
  readonly at?: string;

  /**
   * An RDB in S3, in the Region and account of the cache, such as `s3://my-snapshots/orders.rdb`; a `SnapshotBucket` lets
   * the service read it. `cachetier restore --export` writes such a file.
   *
   * @default - none
   * @pattern ^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/-]+\.rdb$
   */
  readonly rdb?: string;

  /**
   * A snapshot that the service keeps, by its name.
   *
   * @default - none
   * @pattern ^[A-Za-z][A-Za-z0-9:.-]{0,254}$
   */
  readonly snapshot?: string;
}

/** How many backups are kept. */
export interface BackupRetention {
  /**
   * Daily backups kept.
   *
   * @default 7
   * @asType integer
   * @minimum 0
   * @maximum 3650
   */
  readonly daily?: number;

  /**
   * Weekly backups kept beyond the daily ones.
   *
   * @default 0
   * @asType integer
   * @minimum 0
   * @maximum 520
   */
  readonly weekly?: number;
}

/**
 * A bucket that backups are uploaded to.
 *
 * @discriminator provider
 */
export type BackupDestination = R2Destination | B2Destination | S3Destination;

/** What every bucket has. */
interface DestinationBase {
  /**
   * Name of the bucket.
   *
   * @pattern ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$
   */
  readonly bucket: string;

  /**
   * Folder in the bucket.
   *
   * @default - the name (and stage) of the tier
   * @pattern ^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$
   */
  readonly prefix?: string;

  /**
   * How often this bucket gets a backup.
   *
   * @default - as `backup.schedule`
   */
  readonly schedule?: 'hourly' | 'daily' | 'weekly';

  /**
   * How many backups this bucket keeps.
   *
   * @default - as `backup.keep`
   */
  readonly keep?: BackupRetention;
}

/** A bucket at Cloudflare R2. */
export interface R2Destination extends DestinationBase {
  /** Cloudflare R2. */
  readonly provider: 'r2';

  /**
   * Cloudflare account of the bucket; with the jurisdiction it makes the endpoint.
   *
   * @default - taken from `endpoint`; one of the two is needed
   * @pattern ^[0-9a-f]{32}$
   */
  readonly accountId?: string;

  /**
   * Makes the bucket with the tier, with a key for it alone and a rule that keeps backups from being deleted or overwritten
   * before their time. Needs `accountId`, and a token of Cloudflare where the tier is deployed from. It outlives the tier.
   *
   * @default false - the bucket exists, and its key is given
   */
  readonly create?: boolean;

  /**
   * Jurisdiction that the bucket was made in; a bucket answers only on the endpoint of its jurisdiction.
   *
   * @default "default"
   */
  readonly jurisdiction?: 'default' | 'eu' | 'fedramp';

  /**
   * Endpoint, such as `"https://<account>.eu.r2.cloudflarestorage.com"`.
   *
   * @default - made from `accountId` and `jurisdiction`
   * @pattern ^https://[A-Za-z0-9.-]+(:[0-9]+)?$
   */
  readonly endpoint?: string;
}

/** A bucket at Backblaze B2, by its S3 API. */
export interface B2Destination extends DestinationBase {
  /** Backblaze B2. */
  readonly provider: 'b2';

  /**
   * Region of the bucket, such as `"eu-central-003"`; any other fails the signature.
   *
   * @default - taken from `endpoint`; one of the two is needed
   * @pattern ^[a-z]{2}-[a-z]+-[0-9]{3}$
   */
  readonly region?: string;

  /**
   * Endpoint, such as `"https://s3.eu-central-003.backblazeb2.com"`.
   *
   * @default - made from `region`
   * @pattern ^https://[A-Za-z0-9.-]+(:[0-9]+)?$
   */
  readonly endpoint?: string;
}

/** A bucket at any other S3 endpoint. */
export interface S3Destination extends DestinationBase {
  /** Any S3 endpoint. */
  readonly provider: 's3';

  /**
   * Endpoint of the service; `http` only on loopback.
   *
   * @pattern ^https?://[A-Za-z0-9.-]+(:[0-9]+)?$
   */
  readonly endpoint: string;

  /**
   * Region that requests are signed for.
   *
   * @default "us-east-1"
   * @pattern ^[a-z0-9-]{1,40}$
   */
  readonly region?: string;
}

/** When the service may restart nodes. */
export interface Maintenance {
  /**
   * Weekly window in UTC, at least 60 minutes.
   *
   * @default "sun:05:00-sun:06:00"
   */
  readonly window?: WeeklyWindow;
}

/** Who may connect. */
export interface Access {
  /**
   * Networks of the applications; they reach the client port (and Sentinel, where it runs).
   *
   * @default - AWS: none, grant by `connections`; Hetzner: the private network of the tier; local: loopback
   * @maxItems 50
   */
  readonly clients?: readonly Cidr[];

  /**
   * Networks that reach SSH on the nodes we run.
   *
   * @default - none: SSH answers nobody, so a target with servers needs at least one
   * @maxItems 50
   */
  readonly admin?: readonly Cidr[];

  /**
   * Users of the tier. Passwords are generated and never appear in the config.
   *
   * @default - one user `app` that reads and writes every key
   * @minItems 1
   * @maxItems 50
   */
  readonly users?: readonly User[];
}

/** A user of the tier. */
export interface User {
  /**
   * Name of the user; the login that clients use is derived from it and is the same on every target.
   *
   * @pattern ^[a-z][a-z0-9]*(-[a-z0-9]+)*$
   * @maxLength 20
   */
  readonly name: string;

  /**
   * Keys that the user reaches, as a glob pattern such as `"orders:*"`.
   *
   * On nodes that we run `*` is every key but `cachetier:*`, which are the nodes' own; SORT with BY or GET is then
   * refused, and SCAN and DBSIZE show one key more.
   *
   * @default "*"
   * @pattern ^[^\s"'\\]{1,100}$
   */
  readonly keys?: string;

  /**
   * Pub/sub channels that the user reaches, as a glob pattern.
   *
   * On nodes that we run `*` is every channel but those of Sentinel, where whoever speaks is believed.
   *
   * @default - as `keys`
   * @pattern ^[^\s"'\\]{1,100}$
   */
  readonly channels?: string;

  /**
   * What the user may do. Neither may run dangerous or administrative commands.
   *
   * @default "read-write"
   */
  readonly can?: 'read-only' | 'read-write';
}

/** Who watches the tier. */
export interface Monitoring {
  /**
   * Prometheus servers.
   *
   * @default - none: the exporters answer nobody outside the node
   */
  readonly prometheus?: Prometheus;

  /**
   * Who is told of alarms. On AWS a topic is made for them and one for the events of the service; on nodes of ours it is
   * the receiver in the settings for Alertmanager.
   *
   * @default - nobody: alarms and rules are made all the same
   */
  readonly notify?: Notify;

  /**
   * A small server of its own with Prometheus and Alertmanager beside the nodes, on target `hetzner`.
   *
   * @default - none: the scrape configuration, the rules and the dashboard are for a Prometheus that runs already
   */
  readonly server?: MonitoringServer;
}

/** A server with Prometheus and Alertmanager. */
export interface MonitoringServer {
  /**
   * Server type such as `"cx23"`.
   *
   * @default "auto" - the cheapest with two cores that the location sells
   * @pattern ^(auto|[a-z]+[0-9]+)$
   */
  readonly serverType?: string;

  /**
   * What takes the mail to `monitoring.notify.email`. The password of the login is no part of the config: it is the
   * argument `smtpPassword` of the component, and `cachetier:smtpPassword` of the Pulumi program.
   *
   * @default - no mail is sent; needed where `monitoring.notify` is given
   */
  readonly smtp?: Smtp;
}

/** A mail relay, which Alertmanager speaks to with STARTTLS. */
export interface Smtp {
  /**
   * Host and port such as `"smtp.example.com:587"`.
   *
   * @pattern ^[A-Za-z0-9.-]+:[0-9]{1,5}$
   */
  readonly relay: string;

  /**
   * Address that mails come from.
   *
   * @pattern ^[^\s@]+@[^\s@]+\.[^\s@]+$
   */
  readonly from: string;

  /**
   * Name to log in by.
   *
   * @default - no login
   * @pattern ^[^\s"'\\]{1,100}$
   */
  readonly login?: string;
}

/** Who is told of alarms. */
export interface Notify {
  /**
   * Mail address; SNS asks it to confirm before the first mail.
   *
   * @pattern ^[^\s@]+@[^\s@]+\.[^\s@]+$
   * @maxLength 254
   */
  readonly email: string;
}

/** Prometheus servers. */
export interface Prometheus {
  /**
   * Addresses of the Prometheus servers; only they reach the exporters.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly from: readonly Cidr[];
}

/** A known and accepted gap. */
export interface AcceptedGap {
  /** The gap, as the report names it. */
  readonly gap: GapName;

  /**
   * Why it is acceptable; the plan prints it.
   *
   * @minLength 3
   * @maxLength 500
   */
  readonly because: string;
}

/**
 * The target and its own fields; `kind` is the only switch between targets.
 *
 * @discriminator kind
 */
export type Target = ElastiCacheTarget | ServerlessTarget | MemoryDbTarget | HetznerTarget | LocalTarget;

/** What every AWS target has. */
interface AwsTarget {
  /**
   * AWS Region; it decides the price and, with `account`, where the stack goes.
   *
   * @default - the template fits any Region; the price is that of us-east-1
   * @pattern ^[a-z]{2}(-[a-z]+)+-[0-9]$
   */
  readonly region?: string;

  /**
   * AWS account, 12 digits in quotes.
   *
   * @default - that of the credentials
   * @pattern ^[0-9]{12}$
   */
  readonly account?: string;

  /**
   * An existing VPC, looked up by its id.
   *
   * @default - a VPC is made for the tier, or the construct's `vpc` prop is used
   * @pattern ^vpc-[0-9a-f]{8,17}$
   */
  readonly vpcId?: string;
}

/** ElastiCache nodes, Multi-AZ. */
export interface ElastiCacheTarget extends AwsTarget {
  /** ElastiCache nodes. */
  readonly kind: 'elasticache';

  /**
   * Node type such as `"cache.r7g.large"`.
   *
   * @default "auto" - the smallest known type that holds the dataset, and of one size the cheapest
   * @pattern ^(auto|cache\.[a-z0-9]+\.[a-z0-9]+)$
   */
  readonly nodeType?: string;
}

/** ElastiCache Serverless. */
export interface ServerlessTarget extends AwsTarget {
  /** ElastiCache Serverless. */
  readonly kind: 'elasticache-serverless';

  /**
   * Most data that the cache may hold; at the limit keys with a TTL are evicted, then writes fail.
   *
   * @default - twice the dataset
   */
  readonly maxDataStorage?: ByteSize;

  /**
   * Most ElastiCache Processing Units per second, 1,000 to 15,000,000; beyond it requests are throttled.
   *
   * @default - no limit: the bill has none either
   * @asType integer
   * @minimum 1
   * @maximum 100000000
   */
  readonly maxEcpuPerSecond?: number;
}

/** MemoryDB. */
export interface MemoryDbTarget extends AwsTarget {
  /** MemoryDB. */
  readonly kind: 'memorydb';

  /**
   * Node type such as `"db.r7g.large"`.
   *
   * @default "auto" - the smallest known type that holds the dataset, and of one size the cheapest
   * @pattern ^(auto|db\.[a-z0-9]+\.[a-z0-9]+)$
   */
  readonly nodeType?: string;
}

/** Servers at Hetzner Cloud with Valkey and Sentinel. */
export interface HetznerTarget {
  /** Servers at Hetzner Cloud. */
  readonly kind: 'hetzner';

  /**
   * Location of the servers: `fsn1`, `nbg1`, `hel1`, `ash`, `hil` or `sin`.
   *
   * @default "fsn1"
   * @pattern ^[a-z]{3}[0-9]?$
   */
  readonly location?: string;

  /**
   * Server type such as `"cx33"`.
   *
   * @default "auto" - the smallest known type sold in the location that holds the dataset, and of one size the cheapest
   * @pattern ^(auto|[a-z]{2,4}[0-9]{2,3})$
   */
  readonly serverType?: string;

  /**
   * Image of the servers; it decides the version of Valkey that the distribution packages.
   *
   * @default - the one that packages `engine.version`: `ubuntu-26.04` for 9.0, `debian-13` for 8.1
   */
  readonly image?: 'debian-13' | 'ubuntu-26.04';

  /**
   * Private network of the tier.
   *
   * @default "10.20.0.0/16"
   */
  readonly networkRange?: Cidr;

  /**
   * Subnet of the nodes, inside the network; node a gets its 11th address, b the 12th, and so on.
   *
   * @default - the second /24 of the network
   */
  readonly subnetRange?: Cidr;

  /**
   * Public SSH keys of the operators, in OpenSSH format.
   *
   * @default - none: only the key of the deployment may log in
   * @maxItems 20
   */
  readonly sshKeys?: readonly SshPublicKey[];
}

/**
 * A public SSH key in OpenSSH format.
 *
 * @pattern ^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,3}( .{0,100})?$
 */
export type SshPublicKey = string;

/** Processes on this machine. */
export interface LocalTarget {
  /** Processes on this machine. */
  readonly kind: 'local';

  /**
   * First port of the tier on loopback; node a takes it, and the others follow.
   *
   * @default - free ports, kept for as long as the tier exists
   * @asType integer
   * @minimum 1024
   * @maximum 65000
   */
  readonly port?: number;
}

/** Fields for targets other than `target`, by kind. */
export interface OtherTargets {
  /** @default - the defaults of the target */
  readonly elasticache?: Omit<ElastiCacheTarget, 'kind'>;
  /** @default - the defaults of the target */
  readonly 'elasticache-serverless'?: Omit<ServerlessTarget, 'kind'>;
  /** @default - the defaults of the target */
  readonly memorydb?: Omit<MemoryDbTarget, 'kind'>;
  /** @default - the defaults of the target */
  readonly hetzner?: Omit<HetznerTarget, 'kind'>;
  /** @default - the defaults of the target */
  readonly local?: Omit<LocalTarget, 'kind'>;
}

/**
 * Types a config in a TypeScript file; it returns the config as it is.
 *
 * @param config - the tier
 */
export function defineCacheTier(config: CacheTierConfig): CacheTierConfig {
  return config;
}
