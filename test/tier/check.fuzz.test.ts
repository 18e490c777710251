import fc from 'fast-check';
import { check, targetKinds, type TargetKind } from '../../constructs/tier';
import schema from '../../constructs/tier/config.schema.json';
import { pathExists } from './schema-paths';

/** Configs thrown at `check`; the seed makes a failure repeatable. */
const RUNS = process.env['CACHETIER_FULL'] === undefined ? 6000 : 60_000;
const SEED = 20261120;

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const size = pick('128MiB', '1GiB', '2GiB', '8GiB', '60GiB', '120GiB', '2TiB', '900TiB', '0.5GiB', '8GB', '');
const workload = pick('cache', 'session-store', 'job-queue', 'rate-limiter', 'pub-sub', 'stream', 'primary-store');
const cidr = pick('10.20.0.0/16', '10.0.0.0/8', '203.0.113.7/32', '0.0.0.0/0', '10.0.0.1/16', '10.0.0.0/33', 'any');
const window = pick('03:00-04:00', '23:30-00:30', '05:30-05:45', '24:00-25:00');
const gap = fc.record({
  gap: pick(
    'durability',
    'eviction-policy',
    'engine-setting',
    'prometheus',
    'backup-destination',
    'backup-schedule',
    'point-in-time',
    'maintenance-window',
    'zones',
    'failover',
  ),
  because: fc.string({ minLength: 3, maxLength: 30 }),
});
const setting = fc.dictionary(
  pick(
    'timeout',
    'hz',
    'maxmemory',
    'io-threads',
    'appendonly',
    'save',
    'notify-keyspace-events',
    'nonsense',
    '__proto__',
  ),
  fc.oneof(fc.integer({ min: -1, max: 500 }), fc.boolean(), pick('1gb', 'Ex', '900 1', 'yes')),
  { maxKeys: 3 },
);
const destination = fc.oneof(
  fc.record({
    provider: pick('r2'),
    bucket: pick('backups', 'other-backups', 'Bad Bucket'),
    accountId: maybe(pick('0'.repeat(32), 'nobody')),
  }),
  fc.record({ provider: pick('b2'), bucket: pick('backups'), region: maybe(pick('eu-central-003', 'nowhere')) }),
  fc.record({
    provider: pick('s3', 'gcs'),
    bucket: pick('backups'),
    endpoint: pick('https://s3.example.com', 'http://127.0.0.1:9000', 'ftp://x'),
  }),
);

function target(kind: TargetKind): fc.Arbitrary<object> {
  switch (kind) {
    case 'elasticache':
      return fc.record({
        kind: fc.constant(kind),
        nodeType: maybe(pick('auto', 'cache.r7g.large', 'cache.t4g.micro', 'cache.x.y', 'db.r7g.large')),
        region: maybe(pick('eu-central-1', 'nowhere')),
      });
    case 'elasticache-serverless':
      return fc.record({
        kind: fc.constant(kind),
        maxDataStorage: maybe(size),
        maxEcpuPerSecond: maybe(fc.integer({ min: -5, max: 20_000_000 })),
      });
    case 'memorydb':
      return fc.record({
        kind: fc.constant(kind),
        nodeType: maybe(pick('auto', 'db.r7g.large', 'db.r6g.16xlarge', 'cache.r7g.large')),
        vpcId: maybe(pick('vpc-0123456789abcdef0', 'vpc')),
      });
    case 'hetzner':
      return fc.record({
        kind: fc.constant(kind),
        location: maybe(pick('fsn1', 'ash', 'sin', 'ber1')),
        serverType: maybe(pick('auto', 'cx23', 'cx22', 'ccx63', 'cax11')),
        networkRange: maybe(cidr),
        image: maybe(pick('debian-13', 'ubuntu-26.04', 'debian-12')),
      });
    case 'local':
      return fc.record({ kind: fc.constant(kind), port: maybe(fc.integer({ min: 0, max: 70_000 })) });
  }
}

/** Configs of the right shape with values at and beyond every edge. */
const shaped = fc.constantFrom(...targetKinds).chain((kind) =>
  fc.record(
    {
      name: pick('orders', 'a', 'orders-eu', 'a'.repeat(40), 'Orders', 'a--b'),
      stage: maybe(pick('prod', 'dev', 'Prod')),
      workload: fc.oneof(
        { weight: 4, arbitrary: workload },
        { weight: 1, arbitrary: fc.array(workload, { maxLength: 3 }) },
      ),
      dataset: size,
      traffic: maybe(
        fc.record({
          peakOpsPerSecond: maybe(fc.integer({ min: 0, max: 1e6 })),
          averageOpsPerSecond: maybe(fc.integer({ min: 0, max: 1e6 })),
        }),
      ),
      engine: maybe(
        fc.record({ version: maybe(pick<unknown>('7.2', '7.3', '8.1', '9.0', '12.1', 8.1)), settings: maybe(setting) }),
      ),
      evictionPolicy: maybe(pick('noeviction', 'allkeys-lru', 'volatile-lru', 'volatile-ttl')),
      availability: maybe(
        fc.record({
          replicas: maybe(fc.integer({ min: -1, max: 6 })),
          shards: maybe(fc.integer({ min: 0, max: 501 })),
          zones: maybe(pick('spread', 'single')),
        }),
      ),
      durability: maybe(pick('none', 'snapshot', 'everysec', 'always', 'synchronous')),
      backup: maybe(
        fc.record({
          schedule: maybe(pick('none', 'hourly', 'daily', 'weekly')),
          window: maybe(window),
          keep: maybe(
            fc.record({ daily: maybe(fc.integer({ min: 0, max: 50 })), weekly: maybe(fc.integer({ min: 0, max: 6 })) }),
          ),
          to: maybe(fc.array(destination, { maxLength: 3 })),
        }),
      ),
      maintenance: maybe(
        fc.record({ window: pick('sun:05:00-sun:06:00', 'sun:23:30-mon:00:15', 'day:01:00-day:02:00') }),
      ),
      access: maybe(
        fc.record({
          clients: maybe(fc.array(cidr, { maxLength: 2 })),
          admin: maybe(fc.array(cidr, { maxLength: 2 })),
          users: maybe(
            fc.array(
              fc.record({
                name: pick('app', 'web', 'default', 'App'),
                keys: maybe(pick('orders:*', '*', 'a b')),
                can: maybe(pick('read-only', 'read-write', 'admin')),
              }),
              { maxLength: 3 },
            ),
          ),
        }),
      ),
      onRemoval: maybe(pick('retain', 'snapshot', 'destroy')),
      tags: maybe(fc.dictionary(pick('team', 'aws:x', 'two words', ''), pick('a', 'b c', 'ü'), { maxKeys: 2 })),
      accept: maybe(fc.array(gap, { maxLength: 3 })),
      target: target(kind),
      targets: maybe(fc.constant({ memorydb: {}, local: { port: 7000 } })),
    },
    { noNullPrototype: true },
  ),
);

/** Plain configs that a target mostly takes, so that planning is reached often. */
const plausible = fc.constantFrom(...targetKinds).chain((kind) =>
  fc.record(
    {
      name: pick('orders', 'shop-cache', 'a'.repeat(40)),
      workload: pick('cache', 'pub-sub', 'rate-limiter', 'job-queue'),
      dataset: pick('1GiB', '2GiB', '8GiB', '60GiB'),
      durability: maybe(pick('none', 'snapshot', 'everysec')),
      tags: maybe(fc.constant({ team: 'platform' })),
      accept: fc.constant([
        { gap: 'durability', because: 'tried' },
        { gap: 'eviction-policy', because: 'tried' },
      ]),
      target: fc.record({ kind: fc.constant(kind) }, { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  ),
);

/** A config in which one thing was put anywhere. */
const mutated = fc
  .tuple(shaped, fc.anything({ maxDepth: 2 }), fc.constantFrom(...Object.keys(schema.properties), 'naem', '__proto__'))
  .map(([config, value, key]) => {
    const copy: Record<string, unknown> = { ...config };
    Object.defineProperty(copy, key, { value, enumerable: true });
    return copy;
  });

const anything = fc.oneof(
  { weight: 5, arbitrary: shaped },
  { weight: 3, arbitrary: plausible },
  { weight: 2, arbitrary: mutated },
  { weight: 1, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }) },
);

test(`each of ${RUNS} generated configs is planned for its target, or refused at a field that exists`, () => {
  const planned = new Map<string, number>();
  let refused = 0;
  fc.assert(
    fc.property(anything, (input) => {
      const { issues, plan } = check(input);
      for (const issue of issues)
        if (!pathExists(issue.path)) throw new Error(`no such field: ${issue.path} (${issue.code}: ${issue.message})`);
      if (plan === null) {
        refused += 1;
        expect(issues.some(({ severity }) => severity === 'error')).toBe(true);
        return;
      }
      expect(issues.some(({ severity }) => severity === 'error')).toBe(false);
      planned.set(plan.kind, (planned.get(plan.kind) ?? 0) + 1);
      expect(plan.kind).toBe((input as { target: { kind: string } }).target.kind);
      // Plain and complete: nothing is lost on the way through JSON.
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      expect(JSON.stringify(check(input).plan)).toBe(JSON.stringify(plan));
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // A fuzz that only ever sees one outcome proves nothing about the other.
  expect(refused).toBeGreaterThan(RUNS / 5);
  for (const kind of targetKinds) expect([kind, (planned.get(kind) ?? 0) > 100]).toEqual([kind, true]);
}, 600_000);

test('each of 1000 generated configs is planned for the target that is asked for, or refused', () => {
  const planned = new Map<string, number>();
  fc.assert(
    fc.property(fc.oneof(shaped, plausible), fc.constantFrom(...targetKinds), (config, kind) => {
      const { issues, plan } = check(config, { kind });
      for (const issue of issues) expect([issue.path, pathExists(issue.path)]).toEqual([issue.path, true]);
      expect(plan === null).toBe(issues.some(({ severity }) => severity === 'error'));
      if (plan === null) return;
      expect(plan.kind).toBe(kind);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      planned.set(kind, (planned.get(kind) ?? 0) + 1);
    }),
    { numRuns: 1000, seed: SEED },
  );
  for (const kind of targetKinds) expect([kind, (planned.get(kind) ?? 0) > 20]).toEqual([kind, true]);
}, 60_000);
