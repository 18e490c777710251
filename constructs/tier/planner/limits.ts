import { capabilitiesOf } from '../capabilities';
import type { TargetKind } from '../config';
import type { Limit } from '../plan';
import type { ResolvedTier } from '../resolved';

const passwords: Limit = {
  limit: 'password rotation',
  reason: 'passwords are generated and do not yet rotate on a schedule',
};

const asynchronous: Limit = {
  limit: 'asynchronous replication',
  reason: 'the last acknowledged writes can be lost at a failover, unless the client waits for a replica (WAIT 1)',
};

const noRestart: Limit = {
  limit: 'hung nodes',
  reason: 'a node that hangs without failing its health check can only be restarted by the service',
};

/** Source: docs.aws.amazon.com/aws-backup/latest/devguide/working-with-supported-services.html, November 2026. */
const ownSnapshots: Limit = {
  limit: 'AWS Backup',
  reason: 'it does not know this service: its own snapshots are what there is, and a SnapshotBucket takes exports',
};

/** Source: aws.amazon.com/cloudwatch/pricing, November 2026. */
const watched: Limit = {
  limit: 'price of alarms',
  reason:
    'CloudWatch bills each metric of an alarm, the dashboard and the key of the alarm topic; the price here has none of them',
};

const elsewhere: Limit = {
  limit: 'starts empty',
  reason: 'another target is another tier: the data of the old one stays there until it is removed by name',
};

const twoLost: Limit = {
  limit: 'two nodes lost',
  reason: 'with one node away for long and a second one failing, reads go on and writes wait for a node to return',
};

const spreadHosts: Limit = { limit: 'one location', reason: 'hosts are spread, the location is one' };

/** What follows from there being others, and does not hold where there is one node. */
const ofSeveralNodes: ReadonlySet<Limit> = new Set([asynchronous, twoLost, spreadHosts]);

const oneNode: Limit = {
  limit: 'one node',
  reason:
    'a reboot, a restart or a lost server stops reads and writes; what came after the newest backup lives on one disk',
};

/** What each target does not have by its nature. */
const byKind = {
  elasticache: [
    asynchronous,
    {
      limit: 'append-only file',
      reason: 'ElastiCache nodes have none; a restart of every node loses what no snapshot holds',
    },
    noRestart,
    ownSnapshots,
    watched,
    passwords,
  ],
  'elasticache-serverless': [
    asynchronous,
    {
      limit: 'eviction policy',
      reason: 'fixed to volatile-lru: at the storage limit keys with a TTL go first, then writes fail',
    },
    { limit: 'settings', reason: 'there is no parameter group, no keyspace event and no INFO per node' },
    {
      limit: 'cluster protocol',
      reason: 'clients must be cluster-aware, and commands on several keys need one hash tag',
    },
    { limit: 'minor version', reason: 'the service chooses it within the major version' },
    ownSnapshots,
    watched,
    passwords,
  ],
  memorydb: [
    { limit: 'write latency', reason: 'each write waits for the log in several zones; the p99 can rise for 5 to 30 s' },
    {
      limit: 'cluster protocol',
      reason: 'clients must be cluster-aware, and commands on several keys need one hash tag',
    },
    noRestart,
    ownSnapshots,
    watched,
    passwords,
  ],
  hetzner: [asynchronous, twoLost, spreadHosts, passwords],
  local: [
    asynchronous,
    { limit: 'one machine', reason: 'every node shares its power, disk and memory; this is for development' },
  ],
} as const satisfies Record<TargetKind, readonly Limit[]>;

/** What the target of a tier does not have, whether asked for or not. */
export function limitsOf(tier: ResolvedTier): readonly Limit[] {
  const moved = tier.targetPath === 'target' ? [] : [elsewhere];
  const kept = tier.durability === 'synchronous' && tier.chosen.kind === 'elasticache';
  const own: readonly Limit[] = byKind[tier.chosen.kind];
  const alone = capabilitiesOf(tier.chosen.kind).sentinel && tier.replicas === 0;
  return [
    ...(alone ? [oneNode] : []),
    ...own.filter((limit) => !(kept && limit === asynchronous) && !(alone && ofSeveralNodes.has(limit))),
    ...moved,
  ];
}
