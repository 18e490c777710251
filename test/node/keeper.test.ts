import { eventually } from '../support/eventually';
import { Loopback } from './loopback';
import { nodesPlan, smallest } from './plans';

/** Every case where `npm run test:full` asks for them, else a few: each takes a real tier some seconds. */
const everyFault = process.env['CACHETIER_TEST_EVERY'] === '1';

/** The role of each node as its keeper decides it, on three nodes of real processes. */
let tier: Loopback;
const letters = ['a', 'b', 'c'] as const;

afterEach(() => tier.remove());

async function make(workload: 'job-queue' | 'cache' = 'job-queue'): Promise<void> {
  tier = await Loopback.create(nodesPlan({ ...smallest, workload }, 'local'));
  for (const letter of letters) tier.write(letter);
}

/** Starts nodes as machines do: Sentinel, Valkey held, the keeper. */
async function boot(...some: readonly string[]): Promise<void> {
  await Promise.all(
    some.map(async (letter) => {
      await Promise.all([tier.start(letter, 'sentinel'), tier.start(letter, 'valkey', 'held')]);
      await tier.script(letter, 'sentinel-started');
      await tier.startKeeper(letter);
    }),
  );
}

async function powerOff(...some: readonly string[]): Promise<void> {
  for (const server of ['keeper', 'valkey', 'sentinel'] as const) {
    await Promise.all(some.map((letter) => tier.stop(letter, server, 'SIGKILL')));
  }
}

async function primary(): Promise<string> {
  const roles = await Promise.all(
    letters.map(async (letter) => [letter, await tier.ask(letter, 'valkey', 'ROLE')] as const),
  );
  const leading = roles.filter(([, role]) => role.startsWith('master')).map(([letter]) => letter);
  expect(leading).toHaveLength(1);
  return leading[0] ?? '';
}

/** One primary, every other node an eligible and synced replica of it, and Sentinels that name it. */
async function healthy(nodes: readonly string[] = letters, withinMs = 20_000): Promise<string> {
  return eventually(
    async () => {
      const infos = await Promise.all(nodes.map((letter) => tier.ask(letter, 'valkey', 'INFO', 'replication')));
      const states = infos.map((info) => {
        const value = (name: string): string => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
        return value('role') === 'master' ? 'primary' : `${value('master_link_status')} ${value('slave_priority')}`;
      });
      expect([...states].sort()).toEqual(['primary', ...nodes.slice(1).map(() => 'up 100')]);
      const letter = nodes[states.indexOf('primary')] ?? '';
      for (const asked of nodes) {
        const named = await tier.ask(asked, 'sentinel', 'SENTINEL', 'get-master-addr-by-name', 'orders');
        expect(named.split('\n')[1]).toBe(String(tier.address(letter).valkeyPort));
      }
      return letter;
    },
    { withinMs },
  );
}

async function created(): Promise<void> {
  await make();
  await boot(...letters);
  expect(await tier.node('a', 'bootstrap')).toMatchObject({ status: 0, stdout: 'node a is the primary of orders\n' });
  expect(await healthy()).toBe('a');
}

async function put(key: string): Promise<void> {
  const letter = await primary();
  await eventually(async () => expect(await tier.ask(letter, 'valkey', 'SET', key, '1')).toBe('OK\n'));
  await eventually(async () => {
    for (const one of letters) expect(await tier.ask(one, 'valkey', 'EXISTS', key)).toBe('1\n');
  });
}

test('a new tier waits for one word, and has one primary after it', async () => {
  await make();
  await boot(...letters);
  await eventually(() => expect(tier.heard('c')).toContain('H7: no node holds data'));
  expect(await tier.node('b', 'bootstrap')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('this is node b'),
  });
  expect(await tier.node('a', 'settled')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('the tier is new'),
  });
  expect(await tier.node('a', 'bootstrap')).toMatchObject({ status: 0 });
  expect(await healthy()).toBe('a');
  expect(await tier.node('a', 'bootstrap')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('nothing to do'),
  });
}, 60_000);

/** Node a is off while b leads and takes a write that c has too; then power is lost everywhere. */
async function staleFirst(): Promise<void> {
  await created();
  await put('before');
  const moved = await tier.node('a', 'handover', '--to', 'b');
  expect(moved).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^node b leads; writes waited \d/),
  });
  expect(await healthy()).toBe('b');
  await powerOff('a');
  await eventually(async () => expect(await tier.ask('b', 'valkey', 'SET', 'after', '1')).toBe('OK\n'));
  await eventually(async () => expect(await tier.ask('c', 'valkey', 'EXISTS', 'after')).toBe('1\n'));
  // What is newer than the last pulse that node a had cannot be told apart from what it has.
  const pulse = (): Promise<string> => tier.ask('c', 'valkey', 'GET', 'cachetier:pulse');
  const then = await pulse();
  await eventually(async () => expect(await pulse()).not.toBe(then));
  await powerOff('b', 'c');
}

async function expectEverywhere(key: string, nodes: readonly string[] = letters): Promise<void> {
  for (const letter of nodes)
    expect([letter, await tier.ask(letter, 'valkey', 'EXISTS', key)]).toEqual([letter, '1\n']);
}

const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];

test.each(everyFault ? orders : ['acb', 'cba'])(
  'after a loss of power the stale node never leads, starting in the order %s',
  async (order) => {
    await staleFirst();
    for (const letter of order) {
      await boot(letter);
      await eventually(() => expect(tier.heard(letter)).toMatch(/^[EHP]\d: /m));
    }
    expect(['b', 'c']).toContain(await healthy());
    await expectEverywhere('after');
  },
  120_000,
);

test.each(everyFault ? ['a', 'b', 'c'] : ['b'])(
  'after a loss of power with node %s dead for good, the newest of the others leads',
  async (dead) => {
    await staleFirst();
    const alive = letters.filter((letter) => letter !== dead);
    await boot(...alive);
    const leader = await healthy(alive, 60_000);
    if (dead !== 'a') expect(leader).not.toBe('a');
    await expectEverywhere('after', alive);
  },
  120_000,
);

test.each(everyFault ? ['a', 'b', 'c'] : ['c'])(
  'after a loss of power with node %s wiped, a node with data leads',
  async (wiped) => {
    await staleFirst();
    tier.wipe(wiped);
    tier.write(wiped);
    await boot(...letters);
    expect(await healthy(letters, 60_000)).not.toBe(wiped);
    await expectEverywhere('after');
  },
  120_000,
);

test('a node that was held for long still takes the role that is due to it', async () => {
  await staleFirst();
  await boot('c', 'a');
  await tier.stop('c', 'keeper', 'SIGKILL');
  await tier.stop('a', 'keeper', 'SIGKILL');
  // Sentinel chooses no replica whose link was down for ten times down-after.
  await eventually(
    async () => {
      const said = await tier.ask('c', 'sentinel', 'SENTINEL', 'MASTER', 'orders');
      expect(Number(/s-down-time\n(\d+)/.exec(said)?.[1])).toBeGreaterThan(25_000);
    },
    { withinMs: 60_000 },
  );
  await tier.startKeeper('c');
  await tier.startKeeper('a');
  expect(await healthy(['c', 'a'], 60_000)).toBe('c');
}, 150_000);

test('a primary that comes back empty at once leads nobody, and gets its data from a replica', async () => {
  await created();
  await put('kept');
  await powerOff('a');
  tier.wipe('a');
  tier.write('a');
  await boot('a');
  const now = await healthy();
  expect(now).not.toBe('a');
  for (const letter of letters)
    expect([letter, await tier.ask(letter, 'valkey', 'EXISTS', 'kept')]).toEqual([letter, '1\n']);
}, 60_000);

test("a node with newer data than the primary does not follow it, and leads by an operator's word", async () => {
  await created();
  await put('kept');
  await powerOff('b');
  await tier.start('b', 'sentinel');
  await tier.start('b', 'valkey', 'held');
  await tier.ask('b', 'valkey', 'REPLICAOF', 'NO', 'ONE');
  await tier.ask('b', 'valkey', 'CONFIG', 'SET', 'min-replicas-to-write', '0');
  expect(await tier.ask('b', 'valkey', 'SET', 'only-here', '1')).toBe('OK\n');
  await tier.ask('b', 'valkey', 'SET', 'cachetier:pulse', `99 ${Date.now()} b another-run`);
  await tier.ask('b', 'valkey', 'CONFIG', 'SET', 'min-replicas-to-write', '1');
  await tier.ask('b', 'valkey', 'REPLICAOF', '127.0.0.1', '1');
  await tier.startKeeper('b');
  await eventually(() => expect(tier.heard('b')).toContain('ALARM: primary a holds older data than this node'));
  // Sentinel turns a replica to the primary once it has followed another for ten seconds.
  await eventually(async () => expect(await tier.ask('b', 'valkey', 'ACL', 'LOG')).toContain('slaveof'), {
    withinMs: 30_000,
  });
  expect(await tier.ask('b', 'valkey', 'EXISTS', 'only-here')).toBe('1\n');

  await powerOff('c');
  await powerOff('a');
  expect(await tier.node('b', 'promote', '--alone')).toMatchObject({ status: 0, stderr: '' });
  await boot('a', 'c');
  expect(await healthy(letters, 60_000)).toBe('b');
  await expectEverywhere('only-here');
  expect(await tier.ask('b', 'valkey', 'ACL', 'GETUSER', 'cachetier-sentinel')).toContain('+slaveof');
}, 120_000);

test('all empty at once: nobody leads until an operator says so', async () => {
  await created();
  await put('lost');
  await powerOff(...letters);
  for (const letter of letters) {
    tier.wipe(letter);
    tier.write(letter);
  }
  await boot(...letters);
  await eventually(() => expect(tier.heard('a')).toContain('H7: no node holds data'));
  expect(await tier.node('c', 'init', '--empty')).toMatchObject({
    status: 0,
    stdout: 'node c is the primary of orders\n',
  });
  expect(await healthy()).toBe('c');
}, 90_000);
