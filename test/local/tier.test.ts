import { Redis } from 'ioredis';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { connectUser, down, readTier, status, type LocalTier, type UpResult } from '../../constructs/local';
import { kill } from '../../constructs/local/launcher';
import { takenOf } from '../../constructs/local/ports';
import { readStarted } from '../../constructs/local/tier';
import { eventually } from '../support/eventually';
import { commandLines, localPlan, playground, processesUnder } from '../support/local-tier';
import { tools } from '../support/tools';

jest.setTimeout(120_000);

const place = playground();
const config = {
  access: {
    users: [
      { name: 'app', keys: 'orders:*' },
      { name: 'audit', keys: 'orders:*', can: 'read-only' as const },
    ],
  },
};
let first: UpResult;
let tier: LocalTier;
const clients: Redis[] = [];

beforeAll(async () => {
  await tools();
  const results = await Promise.all([place.up(localPlan(config)), place.up(localPlan(config))]);
  // Two at once: one makes the tier, the other waits and finds it.
  expect(results.map(({ started }) => started.length).sort()).toEqual([0, 6]);
  first = results.find(({ created }) => created) as UpResult;
  tier = first.tier;
});

afterEach(() => clients.splice(0).forEach((client) => client.disconnect()));

afterAll(() => place.clean());

test('three servers and three Sentinels run, one primary, and all agree', async () => {
  const now = await status(tier);
  expect(now.problems).toEqual([]);
  expect(now.nodes.map(({ valkey }) => valkey?.role).sort()).toEqual(['primary', 'replica', 'replica']);
  expect(now.nodes.map(({ sentinel }) => sentinel?.primary)).toEqual(['a', 'a', 'a']);
  expect(processesUnder(place.root)).toHaveLength(6);
});

test('a second up starts nothing, changes no file and keeps every process', async () => {
  const files = snapshot(tier.layout.folder);
  const processes = processesUnder(place.root);
  const again = await place.up(localPlan(config));
  expect(again).toMatchObject({ created: false, started: [], applied: [], needsRestart: [], runtime: null });
  expect(again.outputs).toEqual(first.outputs);
  expect(processesUnder(place.root)).toEqual(processes);
  expect(snapshot(tier.layout.folder)).toEqual(files);
});

test('only this account can read what holds a secret', () => {
  expect(mode(tier.layout.folder)).toBe('700');
  const secrets = allSecrets(tier);
  for (const file of filesUnder(tier.layout.folder)) {
    const text = readFileSync(file, 'latin1');
    if (secrets.some((secret) => text.includes(secret))) expect([file, mode(file)]).toEqual([file, '600']);
  }
  expect(first.outputs.users.map(({ passwordFile }) => mode(passwordFile))).toEqual(['600', '600']);
});

test('no secret is in a command line, in an environment or in a log', () => {
  const secrets = allSecrets(tier);
  const ours = processesUnder(place.root);
  expect(ours).toHaveLength(6);
  const said = [
    ...commandLines().map(({ words }) => words.join(' ')),
    ...ours.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8')),
    ...filesUnder(tier.layout.folder)
      .filter((file) => /\.(log|out)$|tier\.json$/.test(file))
      .map((file) => readFileSync(file, 'utf8')),
  ];
  expect(said.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
});

test('the outputs are enough for a client, and the app user finds the primary by Sentinel', async () => {
  const [user] = first.outputs.users;
  expect(readFileSync(user?.passwordFile ?? '', 'utf8')).toBe(tier.secrets.users['app']);
  expect(readFileSync(first.outputs.caFile, 'utf8')).toBe(tier.secrets.caCertificate);
  expect(first.outputs.endpoint).toMatchObject({ mode: 'sentinel', primaryName: 'orders' });
  const client = clientOf('app');
  await client.set('orders:1', 'x');
  expect(await client.get('orders:1')).toBe('x');
});

test('refuses a client without TLS', async () => {
  for (const port of Object.values(tier.nodes).flatMap(({ valkeyPort, sentinelPort }) => [valkeyPort, sentinelPort])) {
    expect(await sayPlain(port, 'PING\r\n')).not.toMatch(/^[+\-$:*]/);
  }
});

test('refuses a client without a password, or with a wrong one', async () => {
  for (const login of [{}, { username: first.outputs.users[0]?.login, password: 'wrong' }]) {
    const client = new Redis({
      port: tier.nodes['a']?.valkeyPort,
      host: '127.0.0.1',
      tls: { ca: tier.secrets.caCertificate },
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: () => null,
      ...login,
    });
    clients.push(client.on('error', () => undefined));
    await expect(client.get('orders:1')).rejects.toThrow(/NOAUTH|WRONGPASS|closed/);
  }
});

test.each([
  ['CONFIG', 'GET', 'maxmemory'],
  ['FLUSHALL'],
  ['KEYS', '*'],
  ['ACL', 'LIST'],
  ['REPLICAOF', 'NO', 'ONE'],
  ['SET', 'other:1', 'x'],
])('refuses the app user %s %s', async (command, ...args) => {
  const client = clientOf('app');
  await expect(client.call(command, ...args)).rejects.toThrow(/^NOPERM/);
});

test('refuses a write of a read-only user', async () => {
  const client = clientOf('audit');
  await expect(client.set('orders:1', 'x')).rejects.toThrow(/^NOPERM/);
});

test('killing the primary promotes a replica, keeps every write that a replica acknowledged, and the same client writes on', async () => {
  const before = await status(tier);
  const lost = before.primary ?? '';
  const client = clientOf('app');
  const kept: string[] = [];
  for (let each = 0; each < 200; each += 1) {
    await client.set(`orders:kept:${each}`, each);
    if ((await client.wait(1, 1000)) >= 1) kept.push(String(each));
  }
  expect(kept).toHaveLength(200);
  const handle = readStarted(tier, lost, 'valkey')?.handle;
  if (!handle) throw new Error('no handle');
  await kill(handle);
  const killedAt = Date.now();
  // The new primary refuses writes until a replica follows it.
  await eventually(() => client.set('orders:after', 'x'), { withinMs: 15_000 });
  // Down-after is 2 s; the rest is the election and the client's reconnect, on a machine that does other work as well.
  expect(Date.now() - killedAt).toBeLessThan(15_000);
  expect(await client.mget(kept.map((each) => `orders:kept:${each}`))).toEqual(kept);
  const after = await status(tier);
  expect(after.healthy).toBe(false);
  expect(after.problems).toContain(`valkey ${lost} does not answer`);
  expect(after.primary).not.toBe(lost);
});

test('up brings the killed node back as a replica that has everything', async () => {
  const before = await status(tier);
  const again = await place.up(localPlan(config));
  expect(again.started).toEqual([{ letter: 'a', role: 'valkey' }]);
  const now = await status(tier);
  expect(now.problems).toEqual([]);
  expect(now.primary).toBe(before.primary);
  expect(now.nodes.find(({ letter }) => letter === 'a')?.valkey?.role).toBe('replica');
  expect(new Set(now.nodes.map(({ valkey }) => valkey?.keys)).size).toBe(1);
});

test('down leaves no process, no port and no note of a process, and up starts from the same data and passwords', async () => {
  const before = await status(tier);
  expect(await down(tier.layout)).toEqual({ stopped: 6, deleted: false });
  expect(processesUnder(place.root)).toEqual([]);
  expect(await takenOf(ports(tier))).toBeNull();
  expect(filesUnder(tier.layout.folder).filter((file) => file.includes('/run/'))).toEqual([]);
  expect(await down(tier.layout)).toEqual({ stopped: 0, deleted: false });
  expect((await status(tier)).problems).toEqual(['nothing runs']);

  const again = await place.up(localPlan(config));
  expect(again.created).toBe(false);
  expect(again.started).toHaveLength(6);
  expect(again.outputs).toEqual(first.outputs);
  expect((await status(again.tier)).primary).toBe(before.primary);
  const client = clientOf('app');
  expect(await client.get('orders:after')).toBe('x');
});

test('down with the data removed leaves nothing', async () => {
  expect(await down(tier.layout, { deleteData: true })).toEqual({ stopped: 6, deleted: true });
  expect(readdirSync(place.root)).toEqual([]);
  expect(() => readTier(tier.layout)).toThrow(/no tier in .*; start one with: cachetier up FILE/);
  await expect(down(tier.layout)).rejects.toThrow(/no tier in/);
});

function clientOf(user: string): Redis {
  const client = connectUser(tier, user);
  clients.push(client);
  return client;
}

function ports({ nodes }: LocalTier): number[] {
  return Object.values(nodes).flatMap(({ valkeyPort, sentinelPort }) => [valkeyPort, sentinelPort]);
}

function allSecrets({ secrets }: LocalTier): string[] {
  const keys = Object.values(secrets.nodes).map(({ privateKey }) => privateKey.split('\n')[1] ?? '');
  return [...Object.values(secrets.users), ...Object.values<string>({ ...secrets.internal }), ...keys];
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files that only a change may touch; data and logs grow by themselves. */
function snapshot(folder: string): Record<string, string> {
  const files = filesUnder(folder).filter((file) => !/\/(data|log)\//.test(file));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]));
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function sayPlain(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connectSocket({ port, host: '127.0.0.1', timeout: 5000 }, () => socket.write(text));
    socket.on('data', (part) => (answer += part.toString('latin1')));
    socket.on('error', () => undefined).on('timeout', () => socket.destroy());
    socket.on('close', () => resolve(answer));
  });
}
