import { plan, type CacheTierConfig, type TargetKind } from '../../constructs/tier';
import { moveProblem, moveRunbook, planMove } from '../../constructs/tier/move';
import { targetKinds } from '../../constructs/tier/capabilities';

/** The runbook of a move: the same config on both sides, and the data's way between them. */
const config: CacheTierConfig = {
  name: 'orders',
  workload: 'cache',
  dataset: '2GiB',
  engine: { version: '8.1' },
  target: { kind: 'hetzner' },
  targets: { elasticache: {}, 'elasticache-serverless': {}, memorydb: {} },
};

function planOn(kind: TargetKind, extra: Partial<CacheTierConfig> = {}): ReturnType<typeof plan> {
  const engine = kind === 'memorydb' || kind === 'elasticache-serverless' ? {} : { engine: { version: '8.1' } };
  const { engine: _engine, ...rest } = config;
  return plan({ ...rest, ...engine, ...extra }, { kind });
}

const movable = targetKinds.filter((kind) => kind !== 'local');
const pairs = movable.flatMap((from) => movable.filter((to) => to !== from).map((to) => [from, to] as const));

test.each(pairs)('from %s to %s has a snapshot, a way, a seed and a look at both sides', (from, to) => {
  const move = planMove({ from: planOn(from), to: planOn(to), file: 'orders.yaml' });
  const titles = move.steps.map(({ title }) => title);
  expect(titles.indexOf('Stop the applications')).toBeLessThan(titles.findIndex((title) => /^Take a/.test(title)));
  expect(titles.slice(-3)).toEqual(['Compare', 'Start the applications on the new tier', 'Remove the old tier']);
  // Nothing is stopped before it must be, and all is until both sides were compared.
  const stopped = move.steps.map((step) => step.stopped);
  expect(stopped.lastIndexOf(true)).toBe(titles.indexOf('Compare'));
  expect(stopped.slice(stopped.indexOf(true), stopped.lastIndexOf(true))).not.toContain(false);
  const commands = move.steps.flatMap((step) => step.commands).join('\n');
  expect(commands).not.toMatch(/undefined|null|replicaof/i);
  expect(commands.includes('aws s3 cp')).toBe(from === 'hetzner' || to === 'hetzner');
  expect(move.downtime).toContain('applications are stopped for about');
});

test('a move to servers of our own ends with an RDB that a replica reads', () => {
  const move = planMove({ from: planOn('memorydb'), to: planOn('hetzner'), file: 'orders.yaml' });
  const commands = move.steps.flatMap((step) => step.commands);
  expect(commands).toContain(
    'pulumi stack output rollout --show-secrets --json | npx cachetier restore - --rdb orders.rdb --over-existing-data',
  );
  expect(commands).toContainEqual(
    expect.stringMatching(/^aws memorydb create-snapshot --cluster-name orders-[0-9a-f]{9} /),
  );
});

test('a move to a service names the object that the config is seeded from', () => {
  const move = planMove({ from: planOn('hetzner'), to: planOn('elasticache'), file: 'orders.yaml' });
  const text = moveRunbook(move);
  expect(text).toContain('aws s3 cp orders.rdb "s3://$BUCKET/orders.rdb"');
  expect(text).toContain('restoreFrom: { rdb: "s3://…/orders.rdb" }');
  expect(text).toMatch(/^# From hetzner to elasticache\n\nDowntime: applications are stopped/);
});

test.each([
  ['hetzner', 'hetzner', {}, 'both are hetzner'],
  ['local', 'hetzner', {}, 'a tier on this machine is for trying a config out'],
  [
    'memorydb',
    'hetzner',
    { availability: { shards: 2, replicas: 1 } },
    'the 2 shards of memorydb give as many RDB files',
  ],
] as const)('from %s to %s is refused with its reason', (from, to, extra, reason) => {
  const source = plan({ ...config, ...extra, engine: {} }, { kind: from });
  expect(moveProblem({ from: source, to: planOn(to) })).toContain(reason);
  expect(() => planMove({ from: source, to: planOn(to), file: 'orders.yaml' })).toThrow(reason);
});

test('a newer RDB than the target reads is refused', () => {
  const newer = plan({ ...config, engine: { version: '9.0' } }, { kind: 'hetzner' });
  expect(moveProblem({ from: newer, to: planOn('elasticache') })).toContain(
    'whose RDB elasticache with 8.1 cannot read',
  );
});
