import { check, type CacheTierConfig, type PlanOptions } from '../../constructs/tier';
import { configRules, gapRules, targetRules } from '../../constructs/tier/rules';
import { pathExists } from './schema-paths';

type Config = Readonly<Record<string, unknown>>;

interface Case {
  readonly code: string;
  readonly path: string;
  /** Refused, or warned of, for this code at this path. */
  readonly bad: Config;
  /** The same with what the message asks for. */
  readonly good: Config;
  readonly options?: PlanOptions;
}

const admin = { admin: ['203.0.113.7/32'] };
const hetzner = { kind: 'hetzner' };
const nodes = { kind: 'elasticache' };
const r2 = { provider: 'r2', bucket: 'backups', accountId: '0'.repeat(32) };
const base = { name: 'orders', workload: 'cache', dataset: '2GiB', access: admin };
const queue = { ...base, workload: 'job-queue' };

const s3 = (endpoint: string): Config => ({ provider: 's3', bucket: 'backups', endpoint });

/** A case for each finding about a setting: code, target, the refused settings and the accepted ones. */
function settingCases(): readonly Case[] {
  const list: readonly (readonly [code: string, target: Config, bad: Config, good: Config, version?: string])[] = [
    ['SettingIsOurs', hetzner, { 'tls-auth-clients': 'yes' }, { timeout: 60 }],
    ['SettingIsOurs', hetzner, { loadmodule: '/x.so' }, { timeout: 60 }],
    ['SettingIsKnown', hetzner, { 'hash-max-ziplist-entries': 64 }, { 'hash-max-listpack-entries': 64 }],
    ['SettingIsKnown', hetzner, { 'dynamic-hz': false }, { hz: 20 }],
    ['SettingInRange', { kind: 'local' }, { 'io-threads': 200 }, { 'io-threads': 100 }, '8.0'],
    ['SettingInRange', { kind: 'local' }, { 'io-threads': 300 }, { 'io-threads': 200 }, '8.1'],
    ['SettingInRange', hetzner, { save: '0 5' }, { save: '900 1 300 10' }],
    [
      'SettingInRange',
      hetzner,
      { 'client-output-buffer-limit': 'everyone 1mb 1mb 1' },
      { 'client-output-buffer-limit': 'normal 1mb 1mb 1 pubsub 1mb 1mb 1' },
    ],
    ['GapEngineSetting', nodes, { timeout: 5 }, { timeout: 0 }],
    ['GapEngineSetting', nodes, { timeout: 19 }, { timeout: 20 }],
    ['GapEngineSetting', nodes, { 'repl-timeout': 30 }, { 'repl-timeout': 60 }],
    ['GapEngineSetting', nodes, { activerehashing: false }, { activerehashing: true }],
    ['GapEngineSetting', nodes, { 'lazyfree-lazy-expire': true }, { 'active-expire-effort': 2 }],
    ['GapEngineSetting', nodes, { 'notify-keyspace-events': 'Kd' }, { 'notify-keyspace-events': 'Kx' }],
    [
      'GapEngineSetting',
      nodes,
      { 'client-output-buffer-limit': 'replica 1mb 1mb 1' },
      { 'client-output-buffer-limit': 'pubsub 1mb 1mb 1' },
    ],
    ['GapEngineSetting', { kind: 'memorydb' }, { 'repl-backlog-size': '64mb' }, { 'lazyfree-lazy-expire': true }],
    ['GapEngineSetting', { kind: 'elasticache-serverless' }, { maxclients: 100 }, { maxclients: 65_000 }],
    ['GapEngineSetting', { kind: 'elasticache-serverless' }, { timeout: 60 }, { 'client-query-buffer-limit': '1gb' }],
    ['KeyspaceEventsNeedAChannel', hetzner, { 'notify-keyspace-events': 'x' }, { 'notify-keyspace-events': 'Ex' }],
    ['MinReplicasExist', hetzner, { 'min-replicas-to-write': 3 }, { 'min-replicas-to-write': 2 }],
    ['SnapshotsAreSaved', hetzner, { save: '' }, { save: '3600 1' }],
    ['DefragNeedsItsBuild', hetzner, { activedefrag: true }, { activedefrag: false }],
    ['ConnectionsFit', hetzner, { maxclients: 500 }, { maxclients: 5000 }],
  ];
  return list.map(([code, target, bad, good, version]) => {
    const engine = (settings: Config): Config => (version === undefined ? { settings } : { version, settings });
    return {
      code,
      path: 'engine.settings',
      bad: { ...base, engine: engine(bad), target },
      good: { ...base, engine: engine(good), target },
    };
  });
}

const cases: readonly Case[] = [
  {
    code: 'QueueMustNotEvict',
    path: 'evictionPolicy',
    bad: { ...queue, evictionPolicy: 'allkeys-lru', target: hetzner },
    good: { ...queue, target: hetzner },
  },
  {
    code: 'QueueMustNotEvict',
    path: 'evictionPolicy',
    bad: { ...base, workload: ['cache', 'job-queue'], evictionPolicy: 'allkeys-lru', target: hetzner },
    good: { ...base, workload: ['cache', 'job-queue'], target: hetzner },
  },
  {
    code: 'PolicySuitsWorkload',
    path: 'evictionPolicy',
    bad: { ...base, workload: 'rate-limiter', evictionPolicy: 'allkeys-lru', target: hetzner },
    good: { ...base, workload: 'rate-limiter', evictionPolicy: 'volatile-ttl', target: hetzner },
  },
  {
    code: 'CacheShouldEvict',
    path: 'evictionPolicy',
    bad: { ...base, evictionPolicy: 'noeviction', target: hetzner },
    good: { ...base, evictionPolicy: 'allkeys-lfu', target: hetzner },
  },
  {
    code: 'WorkloadIsNamed',
    path: 'workload',
    bad: { ...base, workload: [], target: hetzner },
    good: { ...base, workload: ['cache'], target: hetzner },
  },
  {
    code: 'WorkloadNeedsDurability',
    path: 'durability',
    bad: { ...queue, durability: 'snapshot', target: hetzner },
    good: { ...queue, durability: 'everysec', target: hetzner },
  },
  {
    code: 'OneTierForEachUse',
    path: 'workload',
    bad: { ...base, workload: ['cache', 'job-queue'], target: hetzner },
    good: { ...queue, target: hetzner },
  },
  {
    code: 'GapDurability',
    path: 'durability',
    bad: { ...base, durability: 'everysec', target: nodes },
    good: { ...base, durability: 'snapshot', target: nodes },
  },
  {
    code: 'GapDurability',
    path: 'workload',
    bad: { ...queue, target: { kind: 'elasticache-serverless' } },
    good: { ...queue, target: { kind: 'memorydb' } },
  },
  {
    code: 'GapDurability',
    path: 'durability',
    bad: { ...base, durability: 'synchronous', target: hetzner },
    good: { ...base, durability: 'synchronous', target: { kind: 'memorydb' } },
  },
  {
    code: 'GapDurability',
    path: 'durability',
    bad: { ...base, durability: 'synchronous', engine: { version: '8.1' }, target: nodes },
    good: { ...base, durability: 'synchronous', engine: { version: '9.0' }, target: nodes },
  },
  {
    code: 'GapEvictionPolicy',
    path: 'workload',
    bad: { ...queue, durability: 'everysec', target: { kind: 'elasticache-serverless' } },
    good: { ...base, target: { kind: 'elasticache-serverless' } },
  },
  {
    code: 'GapEvictionPolicy',
    path: 'evictionPolicy',
    bad: { ...base, evictionPolicy: 'allkeys-lru', target: { kind: 'elasticache-serverless' } },
    good: { ...base, evictionPolicy: 'volatile-lru', target: { kind: 'elasticache-serverless' } },
  },
  {
    code: 'SynchronousNeedsReplica',
    path: 'availability.replicas',
    bad: { ...base, durability: 'synchronous', availability: { replicas: 0 }, target: nodes },
    good: { ...base, durability: 'synchronous', availability: { replicas: 1 }, target: nodes },
  },
  {
    code: 'SynchronousNeedsFamily',
    path: 'target.nodeType',
    bad: { ...base, durability: 'synchronous', target: { ...nodes, nodeType: 'cache.t4g.medium' } },
    good: { ...base, durability: 'synchronous', target: { ...nodes, nodeType: 'cache.r7g.large' } },
  },
  {
    code: 'VersionIsKnown',
    path: 'engine.version',
    bad: { ...base, engine: { version: '8.1' }, target: { kind: 'memorydb' } },
    good: { ...base, engine: { version: '7.3' }, target: { kind: 'memorydb' } },
  },
  {
    code: 'VersionIsKnown',
    path: 'engine.version',
    bad: { ...base, engine: { version: '9.0' }, target: { kind: 'memorydb' } },
    good: { ...base, target: { kind: 'memorydb' } },
  },
  {
    code: 'ImageHasVersion',
    path: 'target.image',
    bad: { ...base, engine: { version: '8.1' }, target: { ...hetzner, image: 'ubuntu-26.04' } },
    good: { ...base, engine: { version: '8.1' }, target: { ...hetzner, image: 'debian-13' } },
  },
  {
    code: 'SettingIsOurs',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { appendonly: true } }, target: hetzner },
    good: { ...base, engine: { settings: { timeout: 300 } }, target: hetzner },
  },
  {
    code: 'SettingIsKnown',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { timout: 300 } }, target: hetzner },
    good: { ...base, engine: { settings: { timeout: 300 } }, target: hetzner },
  },
  {
    code: 'SettingIsKnown',
    path: 'engine.settings',
    bad: {
      ...base,
      engine: { version: '7.2', settings: { 'dual-channel-replication-enabled': true } },
      target: { kind: 'local' },
    },
    good: {
      ...base,
      engine: { version: '8.1', settings: { 'dual-channel-replication-enabled': true } },
      target: { kind: 'local' },
    },
  },
  {
    code: 'SettingInRange',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { hz: 1000 } }, target: hetzner },
    good: { ...base, engine: { settings: { hz: 50 } }, target: hetzner },
  },
  {
    code: 'GapEngineSetting',
    path: 'engine.settings',
    bad: {
      ...base,
      engine: { settings: { 'notify-keyspace-events': 'Ex' } },
      target: { kind: 'elasticache-serverless' },
    },
    good: { ...base, engine: { settings: { 'notify-keyspace-events': 'Ex' } }, target: nodes },
  },
  {
    code: 'GapEngineSetting',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { 'io-threads': 2 } }, target: nodes },
    good: { ...base, engine: { settings: { 'io-threads': 2 } }, target: { ...hetzner, serverType: 'cx33' } },
  },
  {
    code: 'IoThreadsLeaveACore',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { 'io-threads': 4 } }, target: { ...hetzner, serverType: 'cx33' } },
    good: { ...base, engine: { settings: { 'io-threads': 3 } }, target: { ...hetzner, serverType: 'cx33' } },
  },
  {
    code: 'MaxmemoryLeavesRoom',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { maxmemory: '7gb' } }, target: { ...hetzner, serverType: 'cx33' } },
    good: { ...base, engine: { settings: { maxmemory: '5gb' } }, target: { ...hetzner, serverType: 'cx33' } },
  },
  {
    code: 'DatabasesSeparateNothing',
    path: 'engine.settings',
    bad: { ...base, engine: { settings: { databases: 32 } }, target: hetzner },
    good: { ...base, target: hetzner },
  },
  ...settingCases(),
  {
    code: 'BackupsAreKept',
    path: 'backup.to[0].keep',
    bad: { ...queue, backup: { to: [{ ...r2, keep: { daily: 0 } }] }, target: hetzner },
    good: { ...queue, backup: { to: [{ ...r2, keep: { daily: 0, weekly: 4 } }] }, target: hetzner },
  },
  {
    code: 'BucketNamesAreAccepted',
    path: 'backup.to[0].bucket',
    bad: { ...queue, backup: { to: [{ ...r2, bucket: 'back.ups' }] }, target: hetzner },
    good: { ...queue, backup: { to: [{ ...r2, bucket: 'back-ups' }] }, target: hetzner },
  },
  {
    code: 'BucketsDiffer',
    path: 'backup.to[1].bucket',
    bad: {
      ...queue,
      backup: { to: [s3('https://s3.one.example'), s3('https://S3.one.example:443')] },
      target: hetzner,
    },
    good: { ...queue, backup: { to: [s3('https://s3.one.example')] }, target: hetzner },
  },
  {
    code: 'EndpointsMatch',
    path: 'backup.to[0].endpoint',
    bad: { ...queue, backup: { to: [s3('https://s3.eu-central-1.amazonaws.com')] }, target: hetzner },
    good: {
      ...queue,
      backup: { to: [{ ...s3('https://s3.eu-central-1.amazonaws.com'), region: 'eu-central-1' }] },
      target: hetzner,
    },
  },
  {
    code: 'PeakFits',
    path: 'traffic.peakOpsPerSecond',
    bad: { ...base, traffic: { peakOpsPerSecond: 250_000 }, target: nodes },
    good: { ...base, traffic: { peakOpsPerSecond: 250_000 }, availability: { shards: 3 }, target: nodes },
  },
  {
    code: 'PeakFits',
    path: 'target.maxEcpuPerSecond',
    bad: {
      ...base,
      traffic: { peakOpsPerSecond: 9000 },
      target: { kind: 'elasticache-serverless', maxEcpuPerSecond: 5000 },
    },
    good: {
      ...base,
      traffic: { peakOpsPerSecond: 9000 },
      target: { kind: 'elasticache-serverless', maxEcpuPerSecond: 20_000 },
    },
  },
  {
    code: 'PayForWhatIsUsed',
    path: 'traffic.averageOpsPerSecond',
    bad: { ...base, traffic: { peakOpsPerSecond: 100, averageOpsPerSecond: 5 }, target: nodes },
    good: { ...base, traffic: { peakOpsPerSecond: 100, averageOpsPerSecond: 50 }, target: nodes },
  },
  {
    code: 'NodeTypeIsKnown',
    path: 'target.nodeType',
    bad: { ...base, target: { ...nodes, nodeType: 'cache.r6gd.xlarge' } },
    good: { ...base, target: { ...nodes, nodeType: 'cache.c7gn.xlarge' } },
  },
  {
    code: 'ServerTypeIsSold',
    path: 'target.serverType',
    bad: { ...base, target: { ...hetzner, serverType: 'cpx21' } },
    good: { ...base, target: { ...hetzner, location: 'hil', serverType: 'cpx21' } },
  },
  {
    code: 'MonitoringTypeIsSold',
    path: 'monitoring.server.serverType',
    bad: { ...base, target: hetzner, monitoring: { server: { serverType: 'cx99' } } },
    good: { ...base, target: hetzner, monitoring: { server: { serverType: 'cx23' } } },
  },
  {
    code: 'MailHasRelay',
    path: 'monitoring.server',
    bad: { ...base, target: hetzner, monitoring: { notify: { email: 'ops@example.com' }, server: {} } },
    good: { ...base, target: hetzner, monitoring: { server: {} } },
  },
  {
    code: 'MultiAzNeedsReplica',
    path: 'availability.replicas',
    bad: { ...base, availability: { replicas: 0 }, target: nodes },
    good: { ...base, availability: { replicas: 0, zones: 'single' }, target: nodes },
  },
  {
    code: 'SentinelsNeedMajority',
    path: 'availability.replicas',
    bad: { ...base, availability: { replicas: 1 }, target: hetzner },
    good: { ...base, availability: { replicas: 2 }, target: hetzner },
  },
  {
    code: 'SentinelsNeedMajority',
    path: 'availability.replicas',
    bad: { ...base, availability: { replicas: 3 }, target: hetzner },
    good: { ...base, availability: { replicas: 4 }, target: hetzner },
  },
  {
    code: 'GapFailover',
    path: 'availability.replicas',
    bad: { ...base, availability: { replicas: 0 }, target: hetzner },
    good: {
      ...base,
      availability: { replicas: 0 },
      accept: [{ gap: 'failover', because: 'it may be down' }],
      target: hetzner,
    },
  },
  ...['*:*', 'c*', '[a-d]*', 'cachetier:pulse', '?*'].map((keys) => ({
    code: 'KeysLeaveTheNodesTheirs',
    path: 'access.users[0].keys',
    bad: { ...base, access: { ...admin, users: [{ name: 'app', keys }] }, target: hetzner },
    good: { ...base, access: { ...admin, users: [{ name: 'app', keys: '{c*' }] }, target: hetzner },
  })),
  {
    code: 'ChannelsLeaveTheNodesTheirs',
    path: 'access.users[0].channels',
    bad: { ...base, access: { ...admin, users: [{ name: 'app', keys: 'a:*', channels: '_*' }] }, target: hetzner },
    good: {
      ...base,
      access: { ...admin, users: [{ name: 'app', keys: 'a:*', channels: '__keyevent*' }] },
      target: hetzner,
    },
  },
  {
    code: 'ShardsNeedCluster',
    path: 'availability.shards',
    bad: { ...base, availability: { shards: 3 }, target: hetzner },
    good: { ...base, availability: { shards: 3 }, target: nodes },
  },
  {
    code: 'DatasetFitsShards',
    path: 'dataset',
    bad: { ...base, dataset: '101GiB', target: hetzner },
    good: { ...base, dataset: '90GiB', target: hetzner },
  },
  {
    code: 'DatasetFitsShards',
    path: 'availability.shards',
    bad: { ...base, dataset: '300GiB', availability: { shards: 2 }, target: nodes },
    good: { ...base, dataset: '300GiB', target: nodes },
  },
  {
    code: 'NodesWithinQuota',
    path: 'availability.shards',
    bad: { ...base, availability: { shards: 400, replicas: 1 }, target: nodes },
    good: { ...base, availability: { shards: 90, replicas: 1 }, target: nodes },
  },
  {
    code: 'ClusterNeedsAwareClients',
    path: 'target.kind',
    bad: { ...queue, target: { kind: 'memorydb' } },
    good: { ...base, target: { kind: 'memorydb' } },
  },
  {
    code: 'NodeTypeIsKnown',
    path: 'target.nodeType',
    bad: { ...base, target: { ...nodes, nodeType: 'cache.r9z.large' } },
    good: { ...base, target: { ...nodes, nodeType: 'cache.r7g.large' } },
  },
  {
    code: 'ServerTypeIsSold',
    path: 'target.serverType',
    bad: { ...base, target: { ...hetzner, serverType: 'cx99' } },
    good: { ...base, target: { ...hetzner, serverType: 'cx23' } },
  },
  {
    code: 'ServerTypeIsSold',
    path: 'target.serverType',
    bad: { ...base, target: { ...hetzner, serverType: 'cx22' } },
    good: { ...base, target: { ...hetzner, serverType: 'cx23' } },
  },
  {
    code: 'ServerTypeIsSold',
    path: 'target.serverType',
    bad: { ...base, target: { ...hetzner, location: 'ash', serverType: 'cx23' } },
    good: { ...base, target: { ...hetzner, location: 'ash', serverType: 'cpx21' } },
  },
  {
    code: 'LocationIsKnown',
    path: 'target.location',
    bad: { ...base, target: { ...hetzner, location: 'ber1' } },
    good: { ...base, target: { ...hetzner, location: 'hel1' } },
  },
  {
    code: 'DatasetFitsNode',
    path: 'target.serverType',
    bad: { ...base, dataset: '8GiB', target: { ...hetzner, serverType: 'cx33' } },
    good: { ...base, dataset: '8GiB', target: { ...hetzner, serverType: 'cx43' } },
  },
  {
    code: 'DatasetFitsNode',
    path: 'target.nodeType',
    bad: { ...base, dataset: '20GiB', target: { ...nodes, nodeType: 'cache.r7g.large' } },
    good: { ...base, dataset: '20GiB', target: nodes },
  },
  {
    code: 'ServerlessLimits',
    path: 'target.maxEcpuPerSecond',
    bad: { ...base, target: { kind: 'elasticache-serverless', maxEcpuPerSecond: 10 } },
    good: { ...base, target: { kind: 'elasticache-serverless', maxEcpuPerSecond: 5000 } },
  },
  {
    code: 'ServerlessLimits',
    path: 'target.maxDataStorage',
    bad: { ...base, target: { kind: 'elasticache-serverless', maxDataStorage: '6TiB' } },
    good: { ...base, target: { kind: 'elasticache-serverless', maxDataStorage: '10GiB' } },
  },
  {
    code: 'SubnetHoldsNodes',
    path: 'target.subnetRange',
    bad: { ...base, target: { ...hetzner, subnetRange: '10.99.0.0/24' } },
    good: { ...base, target: { ...hetzner, subnetRange: '10.20.7.0/24' } },
  },
  {
    code: 'SubnetHoldsNodes',
    path: 'target.networkRange',
    bad: { ...base, target: { ...hetzner, networkRange: '8.8.0.0/16' } },
    good: { ...base, target: { ...hetzner, networkRange: '192.168.0.0/16' } },
  },
  {
    code: 'NobodyIsTheWorld',
    path: 'access.clients[0]',
    bad: { ...base, access: { ...admin, clients: ['0.0.0.0/0'] }, target: hetzner },
    good: { ...base, access: { ...admin, clients: ['10.20.0.0/16'] }, target: hetzner },
  },
  {
    code: 'NobodyIsTheWorld',
    path: 'access.admin[0]',
    bad: { ...base, access: { admin: ['0.0.0.0/1'] }, target: hetzner },
    good: { ...base, target: hetzner },
  },
  {
    code: 'DefaultGetsNothing',
    path: 'access.users[0].name',
    bad: { ...base, access: { ...admin, users: [{ name: 'default' }] }, target: hetzner },
    good: { ...base, access: { ...admin, users: [{ name: 'web' }] }, target: hetzner },
  },
  {
    code: 'UserNamesDiffer',
    path: 'access.users[1].name',
    bad: { ...base, access: { ...admin, users: [{ name: 'web' }, { name: 'web' }] }, target: hetzner },
    good: { ...base, access: { ...admin, users: [{ name: 'web' }, { name: 'jobs' }] }, target: hetzner },
  },
  {
    code: 'DeployNeedsSsh',
    path: '$',
    bad: { name: 'orders', workload: 'cache', dataset: '2GiB', target: hetzner },
    good: { ...base, target: hetzner },
  },
  {
    code: 'ClientsReachPrivateNetwork',
    path: 'access.clients[0]',
    bad: { ...base, access: { ...admin, clients: ['172.16.0.0/16'] }, target: hetzner },
    good: { ...base, access: { ...admin, clients: ['10.20.5.0/24'] }, target: hetzner },
  },
  {
    code: 'RetentionInRange',
    path: 'backup.keep.daily',
    bad: { ...base, backup: { schedule: 'daily', keep: { daily: 40 } }, target: nodes },
    good: { ...base, backup: { schedule: 'daily', keep: { daily: 35 } }, target: nodes },
  },
  {
    code: 'BackupsAreKept',
    path: 'backup.keep',
    bad: { ...base, backup: { schedule: 'daily', keep: { daily: 0 } }, target: nodes },
    good: { ...base, backup: { schedule: 'daily', keep: { daily: 1 } }, target: nodes },
  },
  {
    code: 'BucketsDiffer',
    path: 'backup.to[1].bucket',
    bad: { ...queue, backup: { to: [r2, r2] }, target: hetzner },
    good: { ...queue, backup: { to: [r2, { ...r2, bucket: 'other' }] }, target: hetzner },
  },
  {
    code: 'BucketsNeedSchedule',
    path: 'backup.schedule',
    bad: { ...queue, backup: { schedule: 'none', to: [r2] }, target: hetzner },
    good: { ...queue, backup: { to: [r2] }, target: hetzner },
  },
  {
    code: 'EndpointsMatch',
    path: 'backup.to[0].jurisdiction',
    bad: {
      ...queue,
      backup: {
        to: [{ ...r2, jurisdiction: 'default', endpoint: `https://${'0'.repeat(32)}.eu.r2.cloudflarestorage.com` }],
      },
      target: hetzner,
    },
    good: {
      ...queue,
      backup: {
        to: [{ ...r2, jurisdiction: 'eu', endpoint: `https://${'0'.repeat(32)}.eu.r2.cloudflarestorage.com` }],
      },
      target: hetzner,
    },
  },
  {
    code: 'EndpointsMatch',
    path: 'backup.to[0].region',
    bad: {
      ...queue,
      backup: {
        to: [
          {
            provider: 'b2',
            bucket: 'backups',
            region: 'us-west-002',
            endpoint: 'https://s3.eu-central-003.backblazeb2.com',
          },
        ],
      },
      target: hetzner,
    },
    good: {
      ...queue,
      backup: { to: [{ provider: 'b2', bucket: 'backups', region: 'eu-central-003' }] },
      target: hetzner,
    },
  },
  {
    code: 'EndpointsMatch',
    path: 'backup.to[0].endpoint',
    bad: {
      ...queue,
      backup: { to: [{ provider: 's3', bucket: 'backups', endpoint: 'http://s3.example.com' }] },
      target: hetzner,
    },
    good: {
      ...queue,
      backup: { to: [{ provider: 's3', bucket: 'backups', endpoint: 'https://s3.example.com' }] },
      target: hetzner,
    },
  },
  {
    code: 'BackupNeedsBucket',
    path: 'backup.schedule',
    bad: { ...queue, backup: { schedule: 'daily' }, target: hetzner },
    good: { ...queue, backup: { schedule: 'daily', to: [r2] }, target: hetzner },
  },
  {
    code: 'GapBackupDestination',
    path: 'backup.to',
    bad: { ...queue, backup: { to: [r2] }, target: { kind: 'memorydb' } },
    good: { ...queue, target: { kind: 'memorydb' } },
  },
  {
    code: 'GapBackupSchedule',
    path: 'backup.schedule',
    bad: { ...queue, backup: { schedule: 'hourly' }, target: { kind: 'memorydb' } },
    good: { ...queue, backup: { schedule: 'weekly' }, target: { kind: 'memorydb' } },
  },
  {
    code: 'WindowsAreLongEnough',
    path: 'backup.window',
    bad: { ...base, backup: { schedule: 'daily', window: '03:00-03:30' }, target: nodes },
    good: { ...base, backup: { schedule: 'daily', window: '03:00-04:00' }, target: nodes },
  },
  {
    code: 'WindowsAreLongEnough',
    path: 'maintenance.window',
    bad: { ...base, maintenance: { window: 'sun:05:00-sun:05:30' }, target: nodes },
    good: { ...base, maintenance: { window: 'sun:23:30-mon:00:30' }, target: nodes },
  },
  {
    code: 'WindowsDoNotOverlap',
    path: 'backup.window',
    bad: { ...base, backup: { schedule: 'daily', window: '05:30-06:30' }, target: nodes },
    good: { ...base, backup: { schedule: 'daily', window: '23:30-00:30' }, target: nodes },
  },
  {
    code: 'WindowsDoNotOverlap',
    path: 'maintenance.window',
    bad: { ...base, backup: { schedule: 'daily' }, maintenance: { window: 'sun:23:30-mon:03:30' }, target: nodes },
    good: { ...base, backup: { schedule: 'daily' }, maintenance: { window: 'sun:23:30-mon:02:30' }, target: nodes },
  },
  {
    code: 'GapMaintenanceWindow',
    path: 'maintenance.window',
    bad: { ...base, maintenance: { window: 'sun:05:00-sun:06:00' }, target: { kind: 'elasticache-serverless' } },
    good: { ...base, maintenance: { window: 'sun:05:00-sun:06:00' }, target: { kind: 'memorydb' } },
  },
  {
    code: 'GapPrometheus',
    path: 'monitoring.prometheus',
    bad: { ...base, monitoring: { prometheus: { from: ['10.0.9.10/32'] } }, target: nodes },
    good: { ...base, monitoring: { prometheus: { from: ['10.20.9.10/32'] } }, target: hetzner },
  },
  {
    code: 'TagsAreAccepted',
    path: 'tags',
    bad: { ...base, tags: { 'aws:team': 'x' }, target: nodes },
    good: { ...base, tags: { team: 'x' }, target: nodes },
  },
  {
    code: 'LabelsAreAccepted',
    path: 'tags',
    bad: { ...base, tags: { team: 'two words' }, target: hetzner },
    good: { ...base, tags: { team: 'two words' }, target: nodes },
  },
  {
    code: 'OtherTargetsAreOthers',
    path: 'targets.memorydb',
    bad: { ...base, target: { kind: 'memorydb' }, targets: { memorydb: {} } },
    good: { ...base, target: { kind: 'memorydb' }, targets: { hetzner: {} } },
  },
  {
    code: 'AcceptedOnce',
    path: 'accept[1].gap',
    bad: {
      ...base,
      durability: 'everysec',
      accept: [
        { gap: 'durability', because: 'one' },
        { gap: 'durability', because: 'two' },
      ],
      target: nodes,
    },
    good: { ...base, durability: 'everysec', accept: [{ gap: 'durability', because: 'one' }], target: nodes },
  },
  {
    code: 'NoSuchGap',
    path: 'accept[0].gap',
    bad: { ...base, accept: [{ gap: 'durability', because: 'one' }], target: nodes },
    good: { ...base, target: nodes },
  },
  {
    code: 'AverageBelowPeak',
    path: 'traffic.averageOpsPerSecond',
    bad: { ...base, traffic: { peakOpsPerSecond: 10, averageOpsPerSecond: 20 }, target: nodes },
    good: { ...base, traffic: { peakOpsPerSecond: 20, averageOpsPerSecond: 10 }, target: nodes },
  },
  {
    code: 'PayForWhatIsUsed',
    path: 'traffic.averageOpsPerSecond',
    bad: {
      ...base,
      traffic: { peakOpsPerSecond: 100, averageOpsPerSecond: 90 },
      target: { kind: 'elasticache-serverless' },
    },
    good: {
      ...base,
      traffic: { peakOpsPerSecond: 100, averageOpsPerSecond: 5 },
      target: { kind: 'elasticache-serverless' },
    },
  },
  {
    code: 'ContinuousNeedsFiles',
    path: 'backup.continuous',
    bad: { ...queue, durability: 'snapshot', backup: { continuous: true, to: [r2] }, target: hetzner },
    good: { ...queue, durability: 'everysec', backup: { continuous: true, to: [r2] }, target: hetzner },
  },
  {
    code: 'ContinuousNeedsFiles',
    path: 'backup.continuous',
    bad: { ...queue, backup: { continuous: true }, target: hetzner },
    good: { ...queue, backup: { continuous: true, to: [r2] }, target: hetzner },
  },
  {
    code: 'GapPointInTime',
    path: 'backup.continuous',
    bad: { ...base, backup: { continuous: true }, target: nodes },
    good: {
      ...base,
      backup: { continuous: true },
      accept: [{ gap: 'point-in-time', because: 'a day is enough' }],
      target: nodes,
    },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom.bucket',
    bad: { ...queue, backup: { to: [r2] }, restoreFrom: { bucket: 'r2:another' }, target: hetzner },
    good: { ...queue, backup: { to: [r2] }, restoreFrom: { bucket: `r2:${r2.bucket}` }, target: hetzner },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom.at',
    bad: {
      ...queue,
      backup: { to: [r2] },
      restoreFrom: { backup: 'orders-20261120T030000Z-b', at: '2026-11-20T03:00:00Z' },
      target: hetzner,
    },
    good: { ...queue, backup: { to: [r2] }, restoreFrom: { at: '2026-11-20T03:00:00Z' }, target: hetzner },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom',
    bad: { ...queue, restoreFrom: {}, target: hetzner },
    good: { ...queue, backup: { to: [r2] }, restoreFrom: {}, target: hetzner },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom',
    bad: { ...base, restoreFrom: {}, target: nodes },
    good: { ...base, restoreFrom: { rdb: 's3://my-snapshots/orders.rdb' }, target: nodes },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom.tier',
    bad: { ...base, restoreFrom: { tier: 'orders' }, target: nodes },
    good: { ...base, restoreFrom: { snapshot: 'before-the-move' }, target: nodes },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom.snapshot',
    bad: { ...base, restoreFrom: { rdb: 's3://my-snapshots/orders.rdb', snapshot: 'one' }, target: nodes },
    good: { ...base, target: nodes },
  },
  {
    code: 'RestoreNamesBackup',
    path: 'restoreFrom.rdb',
    bad: { ...queue, backup: { to: [r2] }, restoreFrom: { rdb: 's3://my-snapshots/orders.rdb' }, target: hetzner },
    good: { ...queue, backup: { to: [r2] }, target: hetzner },
  },
  {
    code: 'SeedIsPinned',
    path: 'restoreFrom',
    bad: { ...base, restoreFrom: { snapshot: 'before-the-move' }, target: nodes },
    good: { ...base, target: nodes },
  },
  {
    code: 'LocalLeavesOut',
    path: 'backup',
    bad: { ...queue, backup: { to: [r2] }, target: hetzner },
    good: { ...queue, target: hetzner },
    options: { kind: 'local' },
  },
  {
    code: 'TokenInConfig',
    path: 'name',
    bad: { ...base, name: '${Token[TOKEN.12]}', target: nodes },
    good: { ...base, target: nodes },
  },
];

describe('a rule', () => {
  test.each(cases.map((one) => [`${one.code} at ${one.path}`, one] as const))(
    '%s speaks up, and is silent once it is heard',
    (_name, one) => {
      const found = check(one.bad, one.options).issues.filter(({ code }) => code === one.code);
      expect(found.map(({ path }) => path)).toContain(one.path);
      expect(check(one.good, one.options).issues.filter(({ code }) => code === one.code)).toEqual([]);
    },
  );

  test.each(cases.map((one) => [`${one.code} at ${one.path}`, one] as const))(
    '%s names a field that exists',
    (_name, one) => {
      for (const issue of check(one.bad, one.options).issues)
        expect([issue.path, pathExists(issue.path)]).toEqual([issue.path, true]);
    },
  );

  test('has a case in this table, whichever it is', () => {
    const codes = new Set(cases.map(({ code }) => code.toLowerCase()));
    const names = [...configRules, ...targetRules, ...gapRules].map((rule) => rule.name);
    const gap = (name: string): string => `gap${name.replace('Gap', '')}`;
    // A gap rule is named after what it looks at, its code after the gap that it finds.
    const gapNames: Readonly<Record<string, string>> = {
      evictionGap: 'gapevictionpolicy',
      settingGap: 'gapenginesetting',
      destinationGap: 'gapbackupdestination',
      scheduleGap: 'gapbackupschedule',
      pointInTimeGap: 'gappointintime',
      maintenanceGap: 'gapmaintenancewindow',
    };
    const missing = names.filter(
      (name) => ![name, gap(name), gapNames[name] ?? ''].some((code) => codes.has(code.toLowerCase())),
    );
    expect(missing).toEqual([]);
  });
});

describe('a gap', () => {
  test('of a setting is the only finding about it: what only our own servers need is not asked of a service', () => {
    const { issues } = check({ ...base, engine: { settings: { 'io-threads': 8 } }, target: nodes });
    expect(issues.map(({ code }) => code)).toEqual(['GapEngineSetting']);
  });

  const refused = { ...queue, target: nodes };

  test('refuses with the line to add', () => {
    const [issue] = check(refused).issues;
    expect(issue?.message).toContain('accept: [{ gap: "durability", because: "…" }]');
  });

  test('that is accepted stands in the plan with its reason', () => {
    const { plan } = check({ ...refused, accept: [{ gap: 'durability', because: 'jobs are idempotent' }] });
    expect(plan?.gaps).toMatchObject([{ gap: 'durability', given: '"snapshot"', accepted: 'jobs are idempotent' }]);
    expect(plan?.durability).toEqual({ asked: 'everysec', given: 'snapshot' });
  });
});

test('every problem is reported at once, those of other parts included', () => {
  const { issues, plan } = check({
    name: 'Orders',
    workload: 'job-queue',
    dataset: '8GB',
    evictionPolicy: 'allkeys-lru',
    access: { clients: ['0.0.0.0/0'], users: [{ name: 'default' }] },
    target: { kind: 'hetzner', serverType: 'cx22' },
  });
  expect(plan).toBeNull();
  const paths = issues.filter(({ severity }) => severity === 'error').map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'name',
      'dataset',
      'evictionPolicy',
      'access.clients[0]',
      'access.users[0].name',
      'target.serverType',
    ]),
  );
});

test('a config whose target is unknown is still held against the rules that need none', () => {
  const { issues } = check({ ...queue, evictionPolicy: 'allkeys-lru', target: { kind: 'redis-cloud' } });
  expect(issues.map(({ code }) => code)).toEqual(expect.arrayContaining(['NotAllowed', 'QueueMustNotEvict']));
});

test('another target takes its fields from targets', () => {
  const config: CacheTierConfig = {
    name: 'orders',
    workload: 'cache',
    dataset: '2GiB',
    target: { kind: 'local' },
    targets: { memorydb: { region: 'eu-central-1' } },
  };
  expect(check(config, { kind: 'memorydb' }).plan?.target).toMatchObject({ kind: 'memorydb', region: 'eu-central-1' });
});
