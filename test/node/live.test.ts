import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheTierConfig } from '../../constructs/tier';
import type { NodeSecrets } from '../../constructs/node';
import { Loopback } from './loopback';
import { nodesPlan, smallest } from './plans';
import { makeSecrets } from './secrets';

/** What a settings change does on a node that runs: the script that the deploy step ends with. */
let tier: Loopback;
const before: CacheTierConfig = { ...smallest, engine: { settings: { timeout: 300 } } };

beforeEach(async () => {
  tier = await Loopback.create(nodesPlan(before, 'local'));
  tier.write('a');
  await tier.start('a', 'valkey');
  await tier.start('a', 'sentinel');
  writeFileSync(join(tier.state('a'), 'joined'), '');
  expect(await tier.script('a', 'sentinel-started')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(await tier.script('a', 'live')).toEqual({ status: 0, stdout: '', stderr: '' });
}, 30_000);

afterEach(() => tier.remove());

test('a changed setting is in the server and in its file, and the role stays', async () => {
  await tier.ask('a', 'valkey', 'REPLICAOF', '127.0.0.1', String(tier.address('b').valkeyPort));
  change({
    ...before,
    evictionPolicy: 'noeviction',
    engine: { settings: { timeout: 77, 'notify-keyspace-events': 'Ex' } },
  });
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'timeout')).toBe('timeout\n77\n');
  const written = readFileSync(conf(), 'utf8');
  expect(written).toMatch(/^timeout 77$/m);
  expect(written).toMatch(/^notify-keyspace-events "?[Ex]{2}"?$/m);
  expect(written).toContain(`replicaof 127.0.0.1 ${tier.address('b').valkeyPort}`);
});

test('durability that is turned off and on again is taken while running', async () => {
  change({ ...before, workload: 'cache', durability: 'snapshot' });
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'appendonly')).toBe('appendonly\nno\n');
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'save')).toBe('save\n900 1 300 10 60 10000\n');
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'min-replicas-to-write')).toBe('min-replicas-to-write\n0\n');
  change(before);
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'appendonly')).toBe('appendonly\nyes\n');
});

test('a setting that needs a restart waits for it, is said each time, and the others are applied', async () => {
  change({ ...before, engine: { settings: { timeout: 88, databases: 99 } } });
  for (const time of ['first', 'second']) {
    const done = await tier.script('a', 'live');
    expect([time, done.status]).toEqual([time, 0]);
    expect(done.stdout).toContain("databases: runs with '16', '99' waits for a restart");
  }
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'timeout')).toBe('timeout\n88\n');
  expect(await pending()).toEqual([{ what: 'setting', name: 'databases', running: '16', wanted: '99' }]);
  change(before);
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  expect(await pending()).toEqual([]);
});

test('a setting that the config no longer has goes back to what Valkey has without it', async () => {
  change({ ...before, engine: { settings: { 'hash-max-listpack-entries': 77 } } });
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'timeout')).toBe('timeout\n0\n');
  change({ ...before, engine: { settings: {} } });
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'hash-max-listpack-entries')).toMatch(/\n(128|512)\n$/);
});

test('a value that Valkey refuses is named, with what runs', async () => {
  appendFileSync(join(etc(), 'valkey-settings'), 'timeout no-number\n');
  const done = await tier.script('a', 'live');
  expect(done.status).toBe(3);
  expect(done.stderr).toContain("timeout: needed 'no-number', runs with '300'");
});

test('fails and names a setting that this version does not know', async () => {
  appendFileSync(join(etc(), 'valkey-settings'), 'no-such-setting 1\n');
  const done = await tier.script('a', 'live');
  expect(done.status).toBe(3);
  expect(done.stderr).toContain('no-such-setting: this version of Valkey does not know it');
});

test('a new user is admitted and one that left is not, in Valkey and in Sentinel', async () => {
  const users = [{ name: 'other', keys: 'x:*' }];
  const plan = nodesPlan({ ...before, access: { ...before.access, users } }, 'local');
  const gone = tier.plan.access.users[0]?.login ?? '';
  const secrets = await replaceSecrets({ users: { other: 'p'.repeat(20) } });
  tier.write('a', plan, secrets, 'later');
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  for (const server of ['valkey', 'sentinel'] as const) {
    expect(await tier.as('a', server, plan.access.users[0]?.login ?? '', 'p'.repeat(20), 'PING')).toBe('PONG\n');
    expect(await tier.as('a', server, gone, tier.secrets.users['app'] ?? '', 'PING')).toContain('WRONGPASS');
  }
});

test('new passwords of our own are admitted beside the old ones, and wait to be used until they are taken', async () => {
  const old = tier.secrets.internal;
  const fresh = (await makeSecrets(tier.plan)).internal;
  const rotated = { ...tier.secrets, internal: fresh, previous: { users: {}, internal: old } };
  tier.write('a', tier.plan, rotated, 'later');
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
  for (const { operator, sentinelAdmin } of [old, fresh]) {
    expect(await tier.as('a', 'valkey', 'cachetier-operator', operator, 'PING')).toBe('PONG\n');
    expect(await tier.as('a', 'sentinel', 'cachetier-sentinel-admin', sentinelAdmin, 'PING')).toBe('PONG\n');
  }
  expect(await tier.ask('a', 'valkey', 'CONFIG', 'GET', 'primaryauth')).toContain(old.replication);
  expect(await pending()).toEqual([{ what: 'passwords' }]);
  expect(await tier.script('a', 'live')).toMatchObject({ status: 0, stderr: '' });
});

test('a second rotation is refused while the first is not in use', async () => {
  const [second, third] = [(await makeSecrets(tier.plan)).internal, (await makeSecrets(tier.plan)).internal];
  const rotated = { ...tier.secrets, internal: third, previous: { users: {}, internal: second } };
  tier.write('a', tier.plan, rotated, 'later');
  const done = await tier.script('a', 'live');
  expect(done.status).toBe(3);
  expect(done.stderr).toContain('older than those that the files admit');
  expect(await tier.as('a', 'valkey', 'cachetier-operator', tier.secrets.internal.operator, 'PING')).toBe('PONG\n');
});

test('a new certificate is used at once by Valkey; for Sentinel the step fails while the others cannot do without it', async () => {
  const fresh = await makeSecrets(tier.plan);
  const both = {
    ...tier.secrets,
    caCertificate: `${tier.secrets.caCertificate}\n${fresh.caCertificate}`,
    nodes: fresh.nodes,
  };
  tier.write('a', tier.plan, both, 'later');
  const done = await tier.script('a', 'live');
  expect(done).toMatchObject({ status: 3 });
  expect(done.stderr).toContain('sentinel was not restarted for its new certificate');
  writeFileSync(join(tier.root, 'only-new.crt'), fresh.caCertificate);
  expect(await tier.trusts(join(tier.root, 'only-new.crt'), tier.address('a').valkeyPort)).toBe(true);
  expect(await tier.trusts(join(tier.root, 'only-new.crt'), tier.address('a').sentinelPort)).toBe(false);
});

test('no password is an argument of a program that the scripts run', async () => {
  const secrets = [...Object.values(tier.secrets.internal), ...Object.values(tier.secrets.users)];
  const rotated = (await makeSecrets(tier.plan)).internal;
  const previous = { users: {}, internal: tier.secrets.internal };
  tier.write('a', tier.plan, { ...tier.secrets, internal: rotated, previous }, 'later');
  const { log, status } = await tier.traced('a', 'live');
  expect(status).toBe(0);
  expect(log).toContain('valkey-cli');
  const fresh = readFileSync(join(etc(), 'credentials'), 'utf8').match(/(?<=')[^']+(?=')/g) ?? [];
  for (const secret of [...secrets, ...fresh]) expect(log).not.toContain(secret);
});

function change(config: CacheTierConfig): void {
  tier.write('a', nodesPlan(config, 'local'), tier.secrets, 'later');
}

async function replaceSecrets(change: Partial<NodeSecrets>): Promise<NodeSecrets> {
  return Promise.resolve({ ...tier.secrets, ...change });
}

async function pending(): Promise<unknown> {
  const done = await tier.node('a', 'pending', '--json');
  return (JSON.parse(done.stdout) as { pending: unknown }).pending;
}

function conf(): string {
  return join(tier.placement('a').folders.config, 'valkey.conf');
}

function etc(): string {
  return join(tier.folder('a'), 'machine/etc/cachetier');
}
