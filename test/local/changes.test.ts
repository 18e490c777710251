import type { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectUser, down, failover, status, up, type LocalTier } from '../../constructs/local';
import { withClient } from '../../constructs/local/connection';
import type { CacheTierConfig } from '../../constructs/tier';
import { localPlan, playground, processesUnder } from '../support/local-tier';
import { tools } from '../support/tools';

jest.setTimeout(120_000);

const place = playground();
const clients: Redis[] = [];
let tier: LocalTier;

beforeAll(async () => {
  await tools();
  ({ tier } = await place.up(with_({})));
});

afterEach(() => clients.splice(0).forEach((client) => client.disconnect()));

afterAll(() => place.clean());

test('a setting that Valkey takes while it runs is applied without a restart, on every node, and survives one', async () => {
  const processes = processesUnder(place.root);
  const changed = await place.up(with_({ 'slowlog-log-slower-than': 5000 }));
  expect(changed).toMatchObject({ started: [], applied: ['slowlog-log-slower-than'], needsRestart: [] });
  expect(processesUnder(place.root)).toEqual(processes);
  expect(await each('slowlog-log-slower-than')).toEqual(['5000', '5000', '5000']);
  await down(tier.layout);
  await place.up(with_({ 'slowlog-log-slower-than': 5000 }));
  expect(await each('slowlog-log-slower-than')).toEqual(['5000', '5000', '5000']);
});

test('a setting that Valkey takes only at its start is named until down and up, and then has its value', async () => {
  const settings = { 'slowlog-log-slower-than': 5000, databases: 4 };
  expect(await place.up(with_(settings))).toMatchObject({ applied: [], needsRestart: ['databases'] });
  expect(await place.up(with_(settings))).toMatchObject({ applied: [], needsRestart: ['databases'] });
  await down(tier.layout);
  expect((await place.up(with_(settings))).needsRestart).toEqual([]);
  expect(await each('databases')).toEqual(['4', '4', '4']);
});

test('a setting that is dropped goes back to its default at the next start', async () => {
  expect((await place.up(with_({ databases: 4 }))).needsRestart).toEqual(['slowlog-log-slower-than']);
  await down(tier.layout);
  await place.up(with_({ databases: 4 }));
  expect(await each('slowlog-log-slower-than')).toEqual(['10000', '10000', '10000']);
});

test('a user that is added can log in at once, the others keep their passwords, and one that is removed cannot', async () => {
  const before = tier.secrets.users['app'];
  const more = { users: [{ name: 'app' }, { name: 'audit', can: 'read-only' as const }] };
  const changed = await place.up(with_({ databases: 4 }, { access: more }));
  expect(changed.tier.secrets.users['app']).toBe(before);
  const audit = connectUser(changed.tier, 'audit');
  clients.push(audit);
  expect(await audit.get('nothing')).toBeNull();
  await place.up(with_({ databases: 4 }));
  const gone = connectUser(changed.tier, 'audit', { maxRetriesPerRequest: 0, sentinelRetryStrategy: () => null });
  clients.push(gone);
  await expect(gone.get('nothing')).rejects.toThrow();
  expect(() => readFileSync(join(tier.layout.folder, 'passwords', 'audit'))).toThrow(/ENOENT/);
});

test('a slower failover is applied to the Sentinels that run, and written to their files', async () => {
  const asked = with_({ databases: 4 });
  const { target } = asked;
  if (target.kind !== 'local') throw new Error('not local');
  const slower = { ...asked, target: { ...target, sentinel: { ...target.sentinel, downAfterMs: 2500 } } };
  expect(await place.up(slower)).toMatchObject({ started: [], applied: ['down-after-milliseconds'], needsRestart: [] });
  for (const letter of Object.keys(tier.nodes)) {
    const text = readFileSync(join(tier.layout.folder, letter, 'config/sentinel.conf'), 'utf8');
    expect(text).toContain('sentinel down-after-milliseconds orders 2500');
  }
  await place.up(asked);
});

test('a repeated up keeps what Valkey and Sentinel wrote into their files', async () => {
  const file = join(tier.layout.folder, 'a/config/sentinel.conf');
  await failover(tier);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/sentinel current-epoch/);
  await place.up(with_({ databases: 4 }));
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test.each([
  ['another tier', localPlan({ name: 'other' }), /holds the tier orders, got other/],
  ['other nodes', localPlan({ availability: { replicas: 4 } }), /has the nodes a b c, the config asks for a b c d e/],
  [
    'another port',
    localPlan({ target: { kind: 'local', port: 1999 } }),
    /has its ports from \d+ on, the config asks for 1999/,
  ],
])('refuses %s in the folder of a tier, and leaves the tier running', async (_what, asked, message) => {
  await expect(up(asked, { folder: tier.layout.folder })).rejects.toThrow(message);
  expect((await status(tier)).problems).toEqual([]);
});

function with_(settings: Record<string, number>, config: Partial<CacheTierConfig> = {}): ReturnType<typeof localPlan> {
  return localPlan({ engine: { name: 'valkey', settings }, ...config });
}

function each(setting: string): Promise<unknown[]> {
  const read = (client: Redis): Promise<unknown> => client.config('GET', setting).then((answer) => answer[1]);
  return Promise.all(Object.keys(tier.nodes).map((letter) => withClient(tier, letter, 'valkey', read)));
}
