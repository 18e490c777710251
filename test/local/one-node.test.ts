import { connectUser, down, failover, status, type UpResult } from '../../constructs/local';
import { verify } from '../../constructs/local/verify';
import { localPlan, playground, processesUnder } from '../support/local-tier';

jest.setTimeout(120_000);

const place = playground();
const config = {
  availability: { replicas: 0 },
  accept: [{ gap: 'failover' as const, because: 'it may be down' }],
};
let result: UpResult;

beforeAll(async () => {
  result = await place.up(localPlan(config));
});

afterAll(() => place.clean());

test('one node alone is one server, and whole without any Sentinel', async () => {
  const now = await status(result.tier);
  expect(now).toMatchObject({ healthy: true, primary: 'a', problems: [] });
  expect(processesUnder(place.root)).toHaveLength(1);
  expect(result.outputs.endpoint).toMatchObject({ mode: 'standalone', primary: { host: '127.0.0.1' }, reader: null });
});

test('a client reaches it by its address, and is refused without TLS and password', async () => {
  const seen: string[] = [];
  await verify(result.tier, ({ what }) => seen.push(what));
  expect(seen).toEqual(expect.arrayContaining(['refused without TLS', 'refused without password', 'no failover']));
  expect((await status(result.tier)).healthy).toBe(true);
});

test('what was written is there after it was stopped and started again', async () => {
  const client = connectUser(result.tier, 'app');
  await client.set('kept', 'yes');
  client.disconnect();
  await down(result.tier.layout);
  const again = await place.up(localPlan(config));
  expect(again.started).toEqual([{ letter: 'a', role: 'valkey' }]);
  const reader = connectUser(again.tier, 'app');
  expect(await reader.get('kept')).toBe('yes');
  reader.disconnect();
});

test('a planned failover is refused, for nobody could take over', async () => {
  await expect(failover(result.tier)).rejects.toThrow(/one node/);
});
