import {
  capabilities,
  check,
  plan,
  type CacheTierConfig,
  type CacheTierPlan,
  type Target,
  type TargetKind,
  targetKinds,
} from '../../constructs/tier';

/** A target of each kind: a kind without one does not compile. */
const targets: { readonly [K in TargetKind]: Extract<Target, { kind: K }> } = {
  elasticache: { kind: 'elasticache' },
  'elasticache-serverless': { kind: 'elasticache-serverless' },
  memorydb: { kind: 'memorydb' },
  hetzner: { kind: 'hetzner' },
  local: { kind: 'local' },
};

const config = (target: Target): CacheTierConfig => ({
  name: 'sessions',
  stage: 'prod',
  workload: 'cache',
  dataset: '2GiB',
  access: {
    users: [
      { name: 'web', keys: 'web:*' },
      { name: 'support', keys: 'web:*', can: 'read-only' },
    ],
  },
  target,
});

describe.each(Object.values(targets))('what we promise of a tier on $kind', (target) => {
  const drawn = plan(config(target));

  test('clients without TLS are refused', () => expect(drawn.transitEncryption).toBe('required'));

  test('the data is kept when the tier is removed', () => expect(['retain', 'snapshot']).toContain(drawn.onRemoval));

  test('it votes only where Sentinel runs, and with a majority', () => {
    expect(drawn.topology.sentinelQuorum > 0).toBe(capabilities[drawn.kind].sentinel);
    if (drawn.topology.nodes !== null && drawn.topology.sentinelQuorum > 0) {
      expect(2 * drawn.topology.sentinelQuorum).toBeGreaterThan(drawn.topology.nodes);
    }
  });

  test('a primary that is lost has a successor', () =>
    expect(drawn.topology.replicasPerShard ?? 1).toBeGreaterThanOrEqual(1));

  test('users have the least rights, and nobody is the default user', () => {
    for (const user of drawn.access.users) {
      expect(user.login).not.toContain('default');
      expect(user.rules).toContain('-@dangerous');
      expect(user.rules).toContain('-@admin');
      expect(user.rules).toContain(`~${user.keys} `);
      expect(user.rules.indexOf('-@dangerous')).toBeGreaterThan(user.rules.lastIndexOf('+@'));
    }
    expect(drawn.access.users[1]?.rules).not.toMatch(/\+@(all|write)/);
  });

  test('the same user has the same login as on every other target', () => {
    const logins = (one: CacheTierPlan): readonly string[] => one.access.users.map(({ login }) => login);
    expect(logins(drawn)).toEqual(logins(plan(config(targets.memorydb))));
  });

  test('the price is the sum of its parts, or null with the reason', () => {
    const { items, monthly, because } = drawn.price;
    const unknown = items.filter((item) => item.monthly === null);
    expect(monthly === null).toBe(unknown.length > 0);
    expect(because === null).toBe(monthly !== null);
    if (monthly !== null)
      expect(monthly).toBeCloseTo(
        items.reduce((sum, item) => sum + (item.monthly ?? 0), 0),
        2,
      );
    for (const item of items) expect(item.source.length).toBeGreaterThan(10);
  });

  test('the plan is complete and plain, and planning twice gives the same', () => {
    expect(JSON.parse(JSON.stringify(drawn))).toEqual(drawn);
    expect(JSON.stringify(plan(config(target)))).toBe(JSON.stringify(drawn));
  });

  test('every default that was taken has a reason', () => {
    expect(drawn.defaults.length).toBeGreaterThan(3);
    for (const one of drawn.defaults) expect(one.because.length).toBeGreaterThan(10);
  });

  test('another stage, and another identity, share no physical name and no login with it', () => {
    const own = [...Object.values(drawn.names), ...drawn.access.users.map(({ login }) => login)];
    const stage = plan({ ...config(target), stage: 'dev' });
    for (const name of [...Object.values(stage.names), ...stage.access.users.map(({ login }) => login)])
      expect(own).not.toContain(name);
    const other = plan(config(target), { identity: 'another/path' });
    for (const { login } of other.access.users) expect(own).not.toContain(login);
  });

  test.each([
    ['nothing', undefined],
    ['a name that is none', { ...config(target), name: 'Sessions!' }],
    ['a size that is none', { ...config(target), dataset: '2 gigabytes' }],
    ['a field that is none', { ...config(target), evictionPolcy: 'noeviction' }],
    ['clients open to the world', { ...config(target), access: { clients: ['0.0.0.0/0'] } }],
    ['the default user', { ...config(target), access: { users: [{ name: 'default' }] } }],
    ['a queue that evicts', { ...config(target), workload: 'job-queue', evictionPolicy: 'allkeys-lru' }],
  ])('refuses %s, with a path and what to change', (_what, input) => {
    const { issues, plan: planned } = check(input);
    const errors = issues.filter(({ severity }) => severity === 'error');
    expect(planned).toBeNull();
    expect(errors.length).toBeGreaterThan(0);
    for (const { path, message } of errors) expect([path.length > 0, message.length > 20]).toEqual([true, true]);
  });

  test('what it cannot keep is a gap that is refused, or accepted with the reason that was given', () => {
    for (const durability of ['everysec', 'always', 'synchronous'] as const) {
      const asked: CacheTierConfig = { ...config(target), durability };
      const { issues, plan: planned } = check(asked);
      if (planned) {
        expect(planned.gaps).toEqual([]);
        continue;
      }
      expect(issues.map(({ code }) => code)).toContain('GapDurability');
      const because = 'the data can be made again';
      const accepted = check({ ...asked, accept: [{ gap: 'durability', because }] }).plan;
      expect(accepted?.gaps).toContainEqual(
        expect.objectContaining({ gap: 'durability', asked: `durability "${durability}"`, accepted: because }),
      );
    }
  });

  test('names stay within what the services take', () => {
    for (const name of Object.values(drawn.names)) expect(name).toMatch(/^[a-z]([a-z0-9]|-(?!-)){0,99}$/);
    for (const { login } of drawn.access.users) expect(login).toMatch(/^[a-z]([a-z0-9]|-(?!-)){0,39}$/);
  });

  test('a queue is kept from evicting, or its gap must be accepted', () => {
    const result = check({ ...config(target), workload: 'job-queue' });
    const evicts = result.plan !== null && result.plan.evictionPolicy !== 'noeviction';
    expect(evicts).toBe(false);
    const accepted = check({
      ...config(target),
      workload: 'job-queue',
      accept: [
        { gap: 'durability', because: 'tried' },
        { gap: 'eviction-policy', because: 'tried' },
      ],
    });
    expect(
      accepted.plan?.evictionPolicy === 'noeviction' ||
        accepted.plan?.gaps.some(({ gap }) => gap === 'eviction-policy'),
    ).toBe(true);
  });
});

describe.each([targets.hetzner, targets.local])('one node alone on $kind', (target) => {
  const alone: CacheTierConfig = { ...config(target), availability: { replicas: 0 } };
  const because = 'it may be down while its server is';

  test('has no failover, which is a gap that is refused or accepted with a reason', () => {
    expect(check(alone).issues.map(({ code }) => code)).toContain('GapFailover');
    const drawn = plan({ ...alone, accept: [{ gap: 'failover', because }] });
    expect(drawn.gaps).toEqual([expect.objectContaining({ gap: 'failover', accepted: because })]);
    expect(drawn.topology).toMatchObject({ nodes: 1, replicasPerShard: 0, sentinelQuorum: 0 });
    expect(drawn.endpointMode).toBe('standalone');
    expect(drawn.ports).not.toContain(26379);
    expect(drawn.gives.join()).toContain('no failover');
  });

  test('takes writes without a replica, whatever the workload is', () => {
    const drawn = plan({ ...alone, workload: 'job-queue', accept: [{ gap: 'failover', because }] });
    expect(drawn.target).toMatchObject({ minReplicasToWrite: 0, sentinel: { quorum: 0 } });
  });

  test.each([1, 3])(
    '%i replicas are refused: an even number of Sentinels votes no better than one fewer',
    (replicas) => {
      const { issues } = check({ ...alone, availability: { replicas } });
      expect(issues.map(({ code }) => code)).toContain('SentinelsNeedMajority');
    },
  );
});

test('every kind of target has its fixture here', () => {
  expect(Object.keys(targets).sort()).toEqual([...targetKinds].sort());
});
