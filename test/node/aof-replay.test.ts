import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engine, engineVersions } from '../support/engines';
import { Loopback } from './loopback';
import { nodesPlan, richest } from './plans';

jest.setTimeout(300_000);

const tiers: Loopback[] = [];

afterAll(async () => {
  for (const tier of tiers) await tier.remove();
});

/** A node that runs a version, with the files that a machine gets. */
async function node(version: (typeof engineVersions)[number]): Promise<Loopback> {
  const config = {
    ...richest,
    engine: { version },
    availability: { replicas: 0 },
    accept: [{ gap: 'failover' as const, because: 'one node is enough to restart' }],
  };
  const tier = await Loopback.create(nodesPlan(config, 'local'), await engine(version));
  tiers.push(tier);
  tier.write('a');
  await tier.start('a', 'valkey');
  return tier;
}

/** Moves a job from one list to another as queues do: all of it, or nothing. */
const move =
  "redis.call('LPUSH', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[1]) return redis.call('HSET', KEYS[3], 'at', '1')";

/** Writes of an application in each form in which several commands become one. */
async function writeAll(tier: Loopback): Promise<void> {
  const [user] = tier.plan.access.users;
  const password = tier.secrets.users['app'] ?? '';
  const login = user?.login ?? '';
  const app = (...command: string[]): Promise<string> => tier.as('a', 'valkey', login, password, ...command);
  const keys = (name: string): string[] => ['list', 'value', 'hash'].map((part) => `orders:${name}:${part}`);
  await app('SET', 'orders:plain', '1');
  const executed = await tier.transaction('a', login, password, [
    ['LPUSH', 'orders:exec:list', 'x'],
    ['SET', 'orders:exec:value', 'x'],
    ['HSET', 'orders:exec:hash', 'at', '1'],
  ]);
  expect(executed).not.toMatch(/ERR|NOPERM|EXECABORT/);
  await app('EVAL', move, '3', ...keys('eval'), 'x');
  const sha = (await app('SCRIPT', 'LOAD', move)).trim();
  await app('EVALSHA', sha, '3', ...keys('evalsha'), 'x');
  const code = move.replace(/KEYS/g, 'keys').replace(/ARGV/g, 'args');
  const library = `#!lua name=jobs\nserver.register_function('move', function(keys, args) ${code} end)`;
  await tier.ask('a', 'valkey', 'FUNCTION', 'LOAD', library.replaceAll('server.', 'redis.'));
  await app('FCALL', 'move', '3', ...keys('fcall'), 'x');
}

/** Every key with its value, whatever its type is. */
async function contents(tier: Loopback): Promise<readonly string[]> {
  const keys = (await tier.ask('a', 'valkey', 'KEYS', '*')).trim().split('\n').filter(Boolean).sort();
  return Promise.all(keys.map(async (key) => `${key} ${await tier.ask('a', 'valkey', 'DUMP', key)}`));
}

async function restart(tier: Loopback, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await tier.stop('a', 'valkey', signal);
  await tier.start('a', 'valkey');
}

describe.each(engineVersions)('on Valkey %s', (version) => {
  test('every transaction, script and function call survives a restart, whether it was stopped or killed', async () => {
    const tier = await node(version);
    await writeAll(tier);
    const before = await contents(tier);
    expect(before).toHaveLength(13);
    expect(await tier.ask('a', 'valkey', 'WAITAOF', '1', '0', '5000')).toMatch(/^1\n/);
    await restart(tier, 'SIGKILL');
    expect(await contents(tier)).toEqual(before);
    await restart(tier, 'SIGTERM');
    expect(await contents(tier)).toEqual(before);
  });
});

test('the proof that this test can fail: a default user without rights loses them all on Valkey 8.1', async () => {
  const tier = await node('8.1');
  const file = join(tier.placement('a').folders.config, 'users.acl');
  const users = readFileSync(file, 'utf8');
  writeFileSync(file, users.replace('user default off ~* &* +@all', 'user default off'));
  await tier.ask('a', 'valkey', 'ACL', 'LOAD');
  await writeAll(tier);
  expect(await contents(tier)).toHaveLength(13);
  await restart(tier, 'SIGTERM');
  const kept = (await contents(tier)).map((line) => line.split(' ')[0]);
  expect(kept).toEqual(['orders:plain']);
});
