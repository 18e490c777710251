import { eventually } from '../support/eventually';
import { Loopback } from './loopback';
import { hetznerPlans, nodesPlan, richest, smallest } from './plans';

let tier: Loopback | undefined;

async function create(...args: Parameters<typeof nodesPlan>): Promise<Loopback> {
  tier = await Loopback.create(nodesPlan(...args));
  for (const { letter } of tier.plan.target.nodes) tier.write(letter);
  return tier;
}

afterEach(async () => {
  await tier?.remove();
  tier = undefined;
});

test.each(hetznerPlans.map(([name, plan]) => [name, plan] as const))(
  'Valkey and Sentinel accept the files of %s',
  async (_name, plan) => {
    tier = await Loopback.create(plan);
    tier.write('a');
    await tier.start('a', 'valkey');
    await tier.start('a', 'sentinel');
    const { target } = plan;
    expect(await config('maxmemory')).toBe(String(target.maxmemoryBytes));
    expect(await config('maxmemory-policy')).toBe(plan.evictionPolicy);
    expect(await config('appendonly')).toBe(target.appendFsync === null ? 'no' : 'yes');
    expect(await config('save')).toBe(target.saveRules.join(' '));
    expect(await config('min-replicas-to-write')).toBe(String(target.minReplicasToWrite));
    for (const [name, value] of Object.entries(target.settings)) {
      expect([name, sorted(await config(name))]).toEqual([name, sorted(value)]);
    }
  },
);

async function config(name: string): Promise<string> {
  return ((await tier?.ask('a', 'valkey', 'CONFIG', 'GET', name)) ?? '').split('\n')[1] ?? '';
}

/** Valkey gives the letters of keyspace events back in an order of its own. */
function sorted(value: string): string {
  return [...value].sort().join('');
}

test('three Sentinels agree at once, and fail over a primary that dies at once', async () => {
  const up = await create(smallest, 'local');
  for (const letter of ['a', 'b', 'c']) {
    await up.start(letter, 'valkey');
    await up.start(letter, 'sentinel');
    expect(await up.script(letter, 'sentinel-started')).toMatchObject({ status: 0, stderr: '' });
  }
  for (const letter of ['a', 'b', 'c']) {
    expect(await up.ask(letter, 'sentinel', 'SENTINEL', 'CKQUORUM', 'orders')).toMatch(/^OK 3 usable Sentinels/);
  }
  await synced(up, 'a', 2);
  await up.stop('a', 'valkey', 'SIGKILL');
  const port = await eventually(
    async () => {
      const named = await primaryPort(up, 'b');
      expect(named).not.toBe(up.address('a').valkeyPort);
      expect(await primaryPort(up, 'c')).toBe(named);
      return named;
    },
    { withinMs: 8000 },
  );
  const letter = port === up.address('b').valkeyPort ? 'b' : 'c';
  await eventually(async () => expect(await up.ask(letter, 'valkey', 'SET', 'after', '1')).toBe('OK\n'), {
    withinMs: 5000,
  });
});

test('transactions survive a restart with the append-only file', async () => {
  const up = await create({ ...smallest, workload: 'job-queue' }, 'local');
  for (const letter of ['a', 'b', 'c']) await up.start(letter, 'valkey');
  await synced(up, 'a', 2);
  const login = up.plan.access.users[0]?.login ?? '';
  const password = up.secrets.users['app'] ?? '';
  const lua = "redis.call('SET', KEYS[1], 'x'); redis.call('SET', KEYS[2], 'x')";
  expect(await up.as('a', 'valkey', login, password, 'SET', 'one', '1')).toBe('OK\n');
  expect(await up.as('a', 'valkey', login, password, 'EVAL', lua, '2', 'two', 'three')).not.toMatch(/ERR|NOPERM/);
  expect(
    await up.transaction('a', login, password, [
      ['SET', 'four', '4'],
      ['SET', 'five', '5'],
    ]),
  ).toContain('OK\nOK');
  expect(await up.ask('a', 'valkey', 'DBSIZE')).toBe('5\n');
  await up.stop('a', 'valkey');
  await up.start('a', 'valkey');
  expect(await up.ask('a', 'valkey', 'DBSIZE')).toBe('5\n');
});

test('a primary that no replica follows refuses writes where the workload asks for it', async () => {
  const up = await create(smallest, 'local');
  await up.start('a', 'valkey');
  expect(await up.ask('a', 'valkey', 'SET', 'key', '1')).toContain('NOREPLICAS');
});

test('nothing is answered without TLS or without a password', async () => {
  const up = await create(smallest, 'local');
  await up.start('a', 'valkey');
  await up.start('a', 'sentinel');
  expect(await up.as('a', 'valkey', 'default', '', 'PING')).toMatch(/NOAUTH|WRONGPASS/);
  expect(await up.as('a', 'sentinel', 'default', '', 'PING')).toMatch(/NOAUTH|WRONGPASS/);
  expect(await up.plain(up.address('a').valkeyPort)).not.toContain('PONG');
  expect(await up.plain(up.address('a').sentinelPort)).not.toContain('PONG');
});

test('an application finds the primary with the password it has for Valkey, and can change nothing', async () => {
  const up = await create(richest, 'local');
  await up.start('a', 'sentinel');
  const { plan, secrets } = up;
  const name = plan.target.primaryName;
  for (const user of plan.access.users) {
    const say = (...command: string[]): Promise<string> =>
      up.as('a', 'sentinel', user.login, secrets.users[user.name] ?? '', ...command);
    expect(await say('SENTINEL', 'get-master-addr-by-name', name)).toContain(String(up.address('a').valkeyPort));
    expect(await say('SENTINEL', 'REPLICAS', name)).toContain(String(up.address('b').valkeyPort));
    expect(await say('SENTINEL', 'SENTINELS', name)).toContain(String(up.address('b').sentinelPort));
    for (const forbidden of [
      ['SENTINEL', 'FAILOVER', name],
      ['SENTINEL', 'SET', name, 'quorum', '1'],
      ['SENTINEL', 'REMOVE', name],
      ['SENTINEL', 'MONITOR', 'other', '127.0.0.1', '1', '1'],
      ['SENTINEL', 'RESET', '*'],
      ['SENTINEL', 'CONFIG', 'GET', '*'],
      ['SENTINEL', 'DEBUG', 'info-period', '1'],
      ['ACL', 'LIST'],
      ['SHUTDOWN'],
      ['PUBLISH', '__sentinel__:hello', 'x'],
    ]) {
      expect([forbidden, await say(...forbidden)]).toEqual([forbidden, expect.stringContaining('NOPERM')]);
    }
  }
});

async function primaryPort(up: Loopback, letter: string): Promise<number> {
  const answer = await up.ask(letter, 'sentinel', 'SENTINEL', 'get-master-addr-by-name', up.plan.target.primaryName);
  return Number(answer.split('\n')[1]);
}

async function synced(up: Loopback, letter: string, replicas: number): Promise<void> {
  await eventually(async () => {
    const info = await up.ask(letter, 'valkey', 'INFO', 'replication');
    expect(info.match(/state=online/g)).toHaveLength(replicas);
    expect(info).toContain(`min_slaves_good_slaves:${replicas}`);
  });
}
