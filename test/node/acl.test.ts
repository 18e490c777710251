import { internalLogins } from '../../constructs/node';
import { PULSE_KEY } from '../../constructs/tier/own-names';
import { engine, engineVersions } from '../support/engines';
import { Loopback } from './loopback';
import { nodesPlan, richest } from './plans';

jest.setTimeout(300_000);

const users = [
  { name: 'app', keys: 'orders:*' },
  { name: 'report', keys: '*', can: 'read-only' as const },
  { name: 'all', keys: '*' },
];
const tiers: Loopback[] = [];

afterAll(async () => {
  for (const tier of tiers) await tier.remove();
});

const may = {
  app: [
    'GET orders:1',
    'SET orders:1 x',
    'LPUSH orders:queue x',
    'XADD orders:stream * f v',
    'EVAL return 1 orders:1',
    'EVALSHA abc 1 orders:1',
    'FCALL f 1 orders:1',
    'FCALL_RO f 1 orders:1',
    'SUBSCRIBE orders:events',
    'PUBLISH orders:events x',
    'BLPOP orders:queue 1',
    'MULTI',
    'EXEC',
    'WATCH orders:1',
    'INFO',
    'ROLE',
    'PING',
    'HELLO 3',
    'CLIENT SETNAME x',
    'CLIENT SETINFO LIB-NAME x',
    'SCRIPT LOAD x',
    'SCRIPT EXISTS x',
    'WAIT 1 100',
    'WAITAOF 1 1 100',
    'SELECT 0',
    'DBSIZE',
  ],
  report: ['GET any', 'HGETALL any', 'XRANGE any - +', 'SCAN 0', 'SUBSCRIBE any', 'PING', 'INFO'],
  all: [
    'GET c',
    'SET cache:1 x',
    'DEL cachetier',
    'SET {jobs}:1 x',
    'SET Cachetier:x x',
    'MGET a cachetie zz',
    'SCAN 0',
    'PSUBSCRIBE events:*',
    'SUBSCRIBE events',
    'PUBLISH __keyevent x',
  ],
} as const;

const administration = [
  'FLUSHALL',
  'FLUSHDB',
  'KEYS *',
  'CONFIG SET maxmemory 1',
  'CONFIG GET *',
  'CONFIG REWRITE',
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
  'BGSAVE',
  'BGREWRITEAOF',
  'MODULE LOAD x',
  'FUNCTION FLUSH',
  'FUNCTION LOAD x',
  'FUNCTION DELETE x',
  'SCRIPT FLUSH',
  'SWAPDB 0 1',
  'MIGRATE h 1 k 0 1',
  'SYNC',
  'PSYNC ? -1',
  'PUBLISH __sentinel__:hello x',
];

const pulse = [
  `GET ${PULSE_KEY}`,
  `SET ${PULSE_KEY} x`,
  `DEL ${PULSE_KEY}`,
  `RENAME c ${PULSE_KEY}`,
  `EVAL x 1 ${PULSE_KEY}`,
];

const mayNot = {
  app: [
    ...administration,
    ...pulse,
    'RANDOMKEY',
    'SCAN 0',
    'GET other:1',
    'SET other:1 x',
    'RENAME orders:1 other:1',
    'COPY orders:1 other:1',
    'EVAL return 1 other:1',
    'SUBSCRIBE other:events',
  ],
  report: [...administration, ...pulse, 'SET any x', 'DEL any', 'LPUSH any x', 'EVAL x 1 any', 'PUBLISH any x'],
  all: [...administration, ...pulse, 'GET cachetier:other', 'SUBSCRIBE __sentinel__:hello'],
} as const;

const internal = {
  replication: ['GET orders:1', 'CONFIG GET *', 'SET orders:1 x'],
  sentinel: ['GET orders:1', 'FLUSHALL', 'ACL LIST', 'SET orders:1 x'],
  exporter: ['GET orders:1', 'KEYS *', 'SCAN 0', 'CONFIG SET maxmemory 1', 'EVAL return 0'],
  backup: ['GET orders:1', 'CONFIG GET *', 'FLUSHALL'],
} as const;

/** Counts of keys go before them, which the tables leave out for being read. */
function words(command: string): readonly string[] {
  const [name = '', ...rest] = command.split(' ');
  return name === 'EVAL' && rest.length === 2 ? [name, 'return', '1', rest[1] ?? ''] : [name, ...rest];
}

describe.each(engineVersions)('on Valkey %s', (version) => {
  let tier: Loopback;

  beforeAll(async () => {
    const plan = nodesPlan({ ...richest, engine: { version }, access: { ...richest.access, users } }, 'local');
    tier = await Loopback.create(plan, await engine(version));
    tiers.push(tier);
    tier.write('a');
    await tier.start('a', 'valkey');
  });

  const dryRun = (login: string, command: string): Promise<string> =>
    tier.ask('a', 'valkey', 'ACL', 'DRYRUN', login, ...words(command));
  const loginOf = (name: string): string => tier.plan.access.users.find((user) => user.name === name)?.login ?? '';
  /** What each command gave that did not give what it should, so that one run tells all. */
  const oddOnes = async (login: string, commands: readonly string[], right: RegExp): Promise<readonly string[]> => {
    const odd: string[] = [];
    for (const command of commands) {
      const said = await dryRun(login, command);
      if (!right.test(said)) odd.push(`${command}: ${said.trim()}`);
    }
    return odd;
  };

  test.each(['app', 'report', 'all'] as const)('user %s may do what an application does', async (name) => {
    expect(await oddOnes(loginOf(name), may[name], /^OK\n$/)).toEqual([]);
  });

  test.each(['app', 'report', 'all'] as const)(
    'user %s administrates nothing, leaves its keys nowhere, and reaches no pulse',
    async (name) => expect(await oddOnes(loginOf(name), mayNot[name], /no permissions/)).toEqual([]),
  );

  test.each(['replication', 'sentinel', 'exporter', 'backup'] as const)(
    'our own user for %s has no more than it needs',
    async (name) => expect(await oddOnes(internalLogins[name], internal[name], /no permissions/)).toEqual([]),
  );

  test('the default user is off, yet has every right for the replay of the append-only file', async () => {
    expect(await tier.ask('a', 'valkey', 'ACL', 'GETUSER', 'default')).toMatch(/^flags\noff\n/);
    expect(await dryRun('default', 'FLUSHALL')).toBe('OK\n');
  });

  test('one with every key has the empty key, and every key that only begins like ours', async () => {
    const write = (key: string): Promise<string> =>
      tier.ask('a', 'valkey', 'ACL', 'DRYRUN', loginOf('all'), 'SET', key, 'x');
    for (const key of ['', 'c', 'ca', 'cachetier', 'cachetier-demo:1', 'x', '{cachetier}', ' cachetier:x'])
      expect([key, await write(key)]).toEqual([key, 'OK\n']);
  });
});
