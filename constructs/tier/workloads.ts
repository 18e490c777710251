import type { Durability, EvictionPolicy, Workload } from './config';

/** What a workload needs of its tier. */
export interface WorkloadProfile {
  /** Policies that do the workload no harm, the best first. */
  readonly evictionPolicies: readonly EvictionPolicy[];
  /** The least that must survive, unless the config says otherwise. */
  readonly durability: Durability;
  /** Below this a config is refused: the workload would lose what it exists for. */
  readonly leastDurability: Durability;
  /** Whether it is backed up unless the config says otherwise. */
  readonly backup: boolean;
  /** Whether a node cut off from its replicas must stop taking writes. */
  readonly minorityRefusesWrites: boolean;
  /** Why, in one clause. */
  readonly because: string;
}

const allPolicies: readonly EvictionPolicy[] = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
];

/** What each workload needs and why. */
export const workloads = {
  cache: {
    evictionPolicies: [
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'noeviction',
    ],
    durability: 'snapshot',
    leastDurability: 'none',
    backup: false,
    minorityRefusesWrites: false,
    because: 'losing a cache means slow requests while it warms',
  },
  'session-store': {
    evictionPolicies: ['noeviction'],
    durability: 'everysec',
    leastDurability: 'none',
    backup: true,
    minorityRefusesWrites: true,
    because: 'a lost session is a user logged out, which is worse than slowness',
  },
  'job-queue': {
    evictionPolicies: ['noeviction'],
    durability: 'everysec',
    leastDurability: 'everysec',
    backup: true,
    minorityRefusesWrites: true,
    because: 'an evicted or unwritten job never runs, and half-kept queue structures become inconsistent',
  },
  'rate-limiter': {
    evictionPolicies: ['volatile-ttl', 'noeviction', 'volatile-lru', 'volatile-lfu', 'volatile-random'],
    durability: 'snapshot',
    leastDurability: 'none',
    backup: false,
    minorityRefusesWrites: true,
    because: 'counters and locks carry a TTL, so only keys with one may go early',
  },
  'pub-sub': {
    evictionPolicies: allPolicies,
    durability: 'none',
    leastDurability: 'none',
    backup: false,
    minorityRefusesWrites: false,
    because: 'messages are fire and forget; nothing is stored',
  },
  stream: {
    evictionPolicies: ['noeviction'],
    durability: 'everysec',
    leastDurability: 'everysec',
    backup: true,
    minorityRefusesWrites: true,
    because: 'history is the product',
  },
  'primary-store': {
    evictionPolicies: ['noeviction'],
    durability: 'always',
    leastDurability: 'everysec',
    backup: true,
    minorityRefusesWrites: true,
    because: 'this is the only copy of the data',
  },
} as const satisfies Record<Workload, WorkloadProfile>;

const durabilityOrder: readonly Durability[] = ['none', 'snapshot', 'everysec', 'always', 'synchronous'];

/** Whether `given` is at least as strong as `asked`. */
export function durabilityCovers(given: Durability, asked: Durability): boolean {
  return durabilityOrder.indexOf(given) >= durabilityOrder.indexOf(asked);
}

/** The needs of several workloads on one tier: the stricter one decides each. */
export function combinedProfile(kinds: readonly Workload[]): WorkloadProfile {
  const profiles: WorkloadProfile[] = kinds.map((kind) => workloads[kind]);
  const [first, ...others] = profiles;
  if (!first) return workloads.cache;
  return others.reduce<WorkloadProfile>(
    (all, one) => ({
      evictionPolicies: commonPolicies(all.evictionPolicies, one.evictionPolicies),
      durability: stronger(all.durability, one.durability),
      leastDurability: stronger(all.leastDurability, one.leastDurability),
      backup: all.backup || one.backup,
      minorityRefusesWrites: all.minorityRefusesWrites || one.minorityRefusesWrites,
      because: one.evictionPolicies.length < all.evictionPolicies.length ? one.because : all.because,
    }),
    first,
  );
}

/** Every workload bears `noeviction`, so what two workloads share is never empty. */
function commonPolicies(a: readonly EvictionPolicy[], b: readonly EvictionPolicy[]): readonly EvictionPolicy[] {
  const [narrow, wide] = a.length <= b.length ? [a, b] : [b, a];
  return narrow.filter((policy) => wide.includes(policy));
}

function stronger(a: Durability, b: Durability): Durability {
  return durabilityCovers(a, b) ? a : b;
}
