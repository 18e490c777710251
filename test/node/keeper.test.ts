import { eventually } from '../support/eventually';
import { Loopback } from './loopback';
import { nodesPlan, smallest } from './plans';

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

test('after a handover and a loss of power the newest node leads, whichever starts first', async () => {
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
  const leader = await eventually(primaryOf(['b', 'c']));
  expect(leader).toBe('b');
  await eventually(async () => expect(await tier.ask('b', 'valkey', 'SET', 'after', '1')).toBe('OK\n'));
  await eventually(async () => expect(await tier.ask('c', 'valkey', 'EXISTS', 'after')).toBe('1\n'));
  await powerOff('b', 'c');
  await boot('a');
  await eventually(() => expect(tier.heard('a')).toContain('H4: waits for a majority'));
  await boot('c');
  await boot('b');
  const now = await healthy(letters, 45_000);
  expect(['b', 'c']).toContain(now);
  for (const letter of letters)
    expect([letter, await tier.ask(letter, 'valkey', 'EXISTS', 'after')]).toEqual([letter, '1\n']);
}, 120_000);

function primaryOf(nodes: readonly string[]): () => Promise<string> {
  return async () => {
    for (const letter of nodes) if ((await tier.ask(letter, 'valkey', 'ROLE')).startsWith('master')) return letter;
    throw new Error('no primary');
  };
}

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
