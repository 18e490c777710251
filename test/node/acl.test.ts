import { internalLogins } from '../../constructs/node';
import { Loopback } from './loopback';
import { nodesPlan, richest } from './plans';

let tier: Loopback;
const login: Record<string, string> = {};

beforeAll(async () => {
  tier = await Loopback.create(nodesPlan(richest, 'local'));
  tier.write('a');
  await tier.start('a', 'valkey');
  for (const user of tier.plan.access.users) login[user.name] = user.login;
}, 30_000);

afterAll(() => tier.remove());

function dryRun(user: string, command: string): Promise<string> {
  return tier.ask('a', 'valkey', 'ACL', 'DRYRUN', user, ...command.split(' '));
}

describe('an application that reads and writes', () => {
  test.each([
    'GET orders:1',
    'SET orders:1 x',
    'LPUSH orders:queue x',
    'XADD orders:stream * f v',
    'EVAL return 1 orders:1',
    'EVALSHA abc 1 orders:1',
    'FCALL f 1 orders:1',
    'SUBSCRIBE orders:events',
    'PUBLISH orders:events x',
    'BLPOP orders:queue 1',
    'MULTI',
    'INFO',
    'ROLE',
    'PING',
    'HELLO 3',
    'CLIENT SETNAME x',
    'CLIENT SETINFO LIB-NAME x',
    'WAIT 1 100',
    'SELECT 0',
  ])('may %s', async (command) => expect(await dryRun(login['app'] ?? '', command)).toBe('OK\n'));

  test.each([
    'FLUSHALL',
    'FLUSHDB',
    'KEYS *',
    'CONFIG SET maxmemory 1',
    'CONFIG GET *',
    'DEBUG SLEEP 1',
    'SHUTDOWN',
    'REPLICAOF NO ONE',
    'SLAVEOF NO ONE',
    'FAILOVER',
    'ACL LIST',
    'ACL SETUSER x on',
    'CLIENT KILL 127.0.0.1:1',
    'CLIENT LIST',
    'CLIENT PAUSE 1',
    'MONITOR',
    'SAVE',
    'BGREWRITEAOF',
    'MODULE LOAD x',
    'FUNCTION FLUSH',
    'FUNCTION LOAD x',
    'SCRIPT FLUSH',
    'SWAPDB 0 1',
    'MIGRATE h 1 k 0 1',
    'RANDOMKEY',
    'SCAN 0',
    'SYNC',
    'PSYNC ? -1',
    'GET other:1',
    'SET other:1 x',
    'RENAME orders:1 other:1',
    'EVAL return 1 other:1',
    'SUBSCRIBE other:events',
    'PUBLISH __sentinel__:hello x',
  ])('fails to %s', async (command) => expect(await dryRun(login['app'] ?? '', command)).toMatch(/no permissions/));
});

describe('an application that only reads', () => {
  test.each(['GET any', 'HGETALL any', 'XRANGE any - +', 'SCAN 0', 'SUBSCRIBE any', 'PING', 'INFO'])(
    'may %s',
    async (command) => expect(await dryRun(login['report'] ?? '', command)).toBe('OK\n'),
  );
  test.each([
    'SET any x',
    'DEL any',
    'LPUSH any x',
    'EVAL return 1 any',
    'PUBLISH any x',
    'FLUSHALL',
    'KEYS *',
    'CONFIG GET *',
  ])('fails to %s', async (command) => expect(await dryRun(login['report'] ?? '', command)).toMatch(/no permissions/));
});

describe('users of our own have no more than they need', () => {
  test.each([
    [internalLogins.replication, 'GET orders:1'],
    [internalLogins.replication, 'CONFIG GET *'],
    [internalLogins.sentinel, 'GET orders:1'],
    [internalLogins.sentinel, 'FLUSHALL'],
    [internalLogins.sentinel, 'ACL LIST'],
    [internalLogins.exporter, 'GET orders:1'],
    [internalLogins.exporter, 'KEYS *'],
    [internalLogins.exporter, 'SCAN 0'],
    [internalLogins.exporter, 'CONFIG SET maxmemory 1'],
    [internalLogins.exporter, 'EVAL return 0'],
    [internalLogins.backup, 'GET orders:1'],
    [internalLogins.backup, 'CONFIG GET *'],
  ])('%s fails to %s', async (user, command) => expect(await dryRun(user, command)).toMatch(/no permissions/));

  test('the default user is off, yet has every right for the replay of the append-only file', async () => {
    expect(await tier.ask('a', 'valkey', 'ACL', 'GETUSER', 'default')).toMatch(/^flags\noff\n/);
    expect(await dryRun('default', 'FLUSHALL')).toBe('OK\n');
  });
});
