import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { down, up } from '../../constructs/local';
import type { CacheTierPlan } from '../../constructs/tier';
import { localPlan, playground, processesUnder } from '../support/local-tier';
import { freePort } from '../support/ports';
import { tools } from '../support/tools';

jest.setTimeout(120_000);

const place = playground();
const find = { kinds: ['distribution'] as const };

beforeAll(() => tools());
afterAll(() => place.clean());
afterEach(() => {
  expect(processesUnder(place.root)).toEqual([]);
});

test('fails where Valkey refuses a setting, says so in its words, and leaves nothing', async () => {
  const folder = join(place.root, 'deep/er/tier');
  const asked = withSettings({ 'maxmemory-samples': 'many' });
  await expect(up(asked, { folder, find })).rejects.toThrow(/valkey.*(has ended|ended at once): .*maxmemory-samples/s);
  expect(readdirSync(place.root)).toEqual([]);
});

test('fails where a port is taken, and leaves nothing', async () => {
  const port = await freePort();
  const server = await listen(port + 1);
  await expect(place.up(localPlan({ target: { kind: 'local', port } }))).rejects.toThrow(`port ${port + 1} is taken`);
  await close(server);
  expect(readdirSync(place.root)).toEqual([]);
});

test('fails where the tier does not become whole in time, and leaves nothing', async () => {
  // Replicas that may not be promoted: Sentinel never has one to fail over to.
  const asked = withSettings({ 'replica-priority': '0' });
  await expect(place.up(asked, { waitMs: 1500 })).rejects.toThrow(
    /did not become whole in time: .*would promote 0 replicas/,
  );
  expect(readdirSync(place.root)).toEqual([]);
});

test('fails when it is interrupted, and leaves nothing', async () => {
  const controller = new AbortController();
  const onProgress = (message: string): void => {
    if (message === 'starting sentinel b') controller.abort(new Error('interrupted'));
  };
  await expect(place.up(localPlan(), { signal: controller.signal, onProgress })).rejects.toThrow('interrupted');
  expect(readdirSync(place.root)).toEqual([]);
});

test('refuses a folder that holds something else, and leaves it as it was', async () => {
  const folder = join(place.root, 'photos');
  mkdirSync(folder);
  writeFileSync(join(folder, 'cat.jpg'), 'x');
  await expect(up(localPlan(), { folder, find })).rejects.toThrow(
    /is not empty and holds no tier; choose another folder by --dir/,
  );
  const layout = { folder, tier: join(folder, 'tier.json'), secrets: '', ca: '', lock: `${folder}.lock` };
  await expect(down(layout, { deleteData: true })).rejects.toThrow(/no tier in/);
  expect(readdirSync(place.root)).toEqual(['photos']);
  expect(readdirSync(folder)).toEqual(['cat.jpg']);
});

test('fails where a port of a stopped tier is taken meanwhile, and keeps the tier and its data', async () => {
  const { tier } = await place.up();
  await down(tier.layout);
  const port = tier.nodes['b']?.sentinelPort ?? 0;
  const server = await listen(port);
  await expect(place.up()).rejects.toThrow(`port ${port} of sentinel b is taken by another program`);
  await close(server);
  expect(processesUnder(place.root)).toEqual([]);
  expect(existsSync(tier.layout.secrets)).toBe(true);
  expect((await place.up()).started).toHaveLength(6);
  await down(tier.layout, { deleteData: true });
});

test('refuses to start from an emptied node while another has the data', async () => {
  const { tier } = await place.up();
  await down(tier.layout);
  rmSync(join(tier.layout.folder, 'a/data'), { recursive: true });
  await expect(place.up()).rejects.toThrow(/node a was the primary and has no data, but node b and node c have/);
  await down(tier.layout, { deleteData: true });
});

test('refuses a plan for another target', async () => {
  const plan = { ...localPlan(), kind: 'memorydb', target: { kind: 'memorydb' } } as unknown as CacheTierPlan;
  await expect(up(plan, { folder: join(place.root, 'x') })).rejects.toThrow(
    'needed is a plan for this machine, got one for memorydb',
  );
});

test('refuses a folder whose name the config files cannot carry', async () => {
  await expect(up(localPlan(), { folder: join(place.root, 'my tier') })).rejects.toThrow(/has a blank or a quote/);
});

/** A plan with settings that the rules would have refused. */
function withSettings(settings: Record<string, string>): CacheTierPlan {
  const asked = localPlan();
  return { ...asked, target: { ...asked.target, settings } } as CacheTierPlan;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // A Sentinel that connects is sent away, or the server would wait for it when it closes.
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
