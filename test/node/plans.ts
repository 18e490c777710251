import { plan, type CacheTierConfig } from '../../constructs/tier';
import { hasNodes, type NodesTierPlan } from '../../constructs/node';

/** A config with only what is required, for a tier whose nodes we run. */
export const smallest: CacheTierConfig = {
  name: 'orders',
  workload: 'job-queue',
  dataset: '256MiB',
  access: { clients: ['10.20.0.0/16', '10.20.7.0/24'], admin: ['203.0.113.7/32'] },
  target: { kind: 'hetzner' },
};

/** A config that asks for everything a node can have. */
export const richest: CacheTierConfig = {
  ...smallest,
  stage: 'prod',
  workload: ['job-queue', 'session-store'],
  engine: { settings: { timeout: 300, 'notify-keyspace-events': 'Ex' } },
  backup: {
    schedule: 'daily',
    window: '02:30-03:30',
    keep: { daily: 7, weekly: 4 },
    to: [
      { provider: 'r2', bucket: 'orders-r2', accountId: '0123456789abcdef0123456789abcdef', schedule: 'hourly' },
      { provider: 'b2', bucket: 'orders-b2', region: 'eu-central-003', schedule: 'weekly' },
      { provider: 's3', bucket: 'orders-s3', endpoint: 'https://s3.example.com' },
    ],
  },
  access: {
    clients: ['10.20.0.0/16'],
    admin: ['203.0.113.7/32', '198.51.100.0/24'],
    users: [
      { name: 'app', keys: 'orders:*' },
      { name: 'report', keys: '*', can: 'read-only' },
    ],
  },
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
};

/** Plans like those of the examples, each on both images. */
export const hetznerPlans: readonly (readonly [string, NodesTierPlan])[] = [
  ...(['cache', 'job-queue', 'session-store', 'rate-limiter', 'pub-sub', 'stream', 'primary-store'] as const).map(
    (workload): readonly [string, CacheTierConfig] => [workload, { ...smallest, workload }],
  ),
  ['richest', richest] as const,
].flatMap(([name, config]) =>
  (['8.1', '9.0'] as const).map(
    (version) => [`${name} on ${version}`, nodesPlan({ ...config, engine: { ...config.engine, version } })] as const,
  ),
);

/** The plan of a config whose target has nodes that we run. */
export function nodesPlan(config: CacheTierConfig, kind: 'hetzner' | 'local' = 'hetzner'): NodesTierPlan {
  const made = plan(config, { kind });
  if (!hasNodes(made)) throw new Error(`${made.kind} has no nodes`);
  return made;
}
