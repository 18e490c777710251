import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../../constructs/local/run';
import { eventually } from '../support/eventually';
import { Loopback } from './loopback';
import { nodesPlan, smallest } from './plans';

/** How nodes find their places: by the deploy step's word once, else by what the other Sentinels say, never by a guess. */
let tier: Loopback;

beforeEach(async () => {
  tier = await Loopback.create(nodesPlan(smallest, 'local'));
  for (const letter of ['a', 'b', 'c']) tier.write(letter);
});

afterEach(() => tier.remove());

test('a new tier comes up by one word, and each node has its place', async () => {
  await sentinels('a', 'b', 'c');
  for (const letter of ['b', 'c']) {
    expect(await joins(letter)).toMatchObject({ status: 1, stderr: expect.stringContaining('does not answer as one') });
  }
  expect(await bootstrap('a')).toMatchObject({ status: 0, stdout: 'node a is the first primary of orders\n' });
  for (const letter of ['b', 'c']) {
    expect(await joins(letter)).toMatchObject({ status: 0 });
    await tier.start(letter, 'valkey');
  }
  await eventually(async () => {
    expect((await tier.ask('a', 'valkey', 'INFO', 'replication')).match(/state=online/g)).toHaveLength(2);
  });
  expect(await bootstrap('a')).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to do') });
  expect(await joins('b')).toMatchObject({ status: 0, stdout: 'already joined\n' });
}, 60_000);

test('a node that comes later follows the primary of today, not that of the seed', async () => {
  await running('a', 'b');
  await tier.start('c', 'sentinel');
  await joinAndStart('c');
  await failOver();
  await tier.stop('a', 'valkey');
  await tier.stop('a', 'sentinel');
  tier.wipe('a');
  tier.write('a');
  await tier.start('a', 'sentinel');
  const done = await eventually(async () => {
    const tried = await joins('a');
    expect(tried).toMatchObject({ status: 0 });
    return tried;
  });
  const primary = await primaryPort('b');
  expect(done.stdout).toContain(`joined as a replica of 127.0.0.1:${primary}`);
  expect(readFileSync(join(tier.placement('a').folders.config, 'valkey.conf'), 'utf8')).toMatch(
    new RegExp(`^replicaof 127.0.0.1 ${primary}$`, 'm'),
  );
  await tier.start('a', 'valkey');
  await eventually(async () => expect(await tier.ask('a', 'valkey', 'GET', 'kept')).toBe('1\n'));
}, 60_000);

test('fails to join while only one other Sentinel answers', async () => {
  await sentinels('a');
  await tier.start('a', 'valkey');
  expect(await joins('b')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('only 1 of the other Sentinels name 127.0.0.1'),
  });
  expect(existsSync(join(tier.state('b'), 'joined'))).toBe(false);
});

test('fails to join while nobody answers', async () => {
  expect(await joins('b')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no other Sentinel names a primary'),
  });
});

test('fails to join as a replica of itself while the others still name this node', async () => {
  await running('a', 'b');
  await tier.start('c', 'sentinel');
  await tier.stop('a', 'valkey', 'SIGKILL');
  tier.wipe('a');
  tier.write('a');
  expect(await joins('a')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the others still name this node'),
  });
});

test('follows the named node by the word of the operator', async () => {
  await sentinels('a');
  await tier.start('a', 'valkey');
  expect(await tier.script('b', 'join', ['--follow', 'z'])).toMatchObject({ status: 1 });
  expect(await tier.script('b', 'join', ['--follow', 'a'])).toMatchObject({ status: 0 });
});

describe('refuses to make a first primary', () => {
  const refused = (why: string): object => ({ status: 3, stderr: expect.stringContaining(`refused: ${why}`) });

  test('on another node than the plan names', async () => {
    expect(await bootstrap('b')).toMatchObject(refused('this is node b, the first primary is node a'));
  });

  test('where the node holds data', async () => {
    mkdirSync(join(tier.placement('a').folders.data, 'appendonlydir'));
    writeFileSync(join(tier.placement('a').folders.data, 'appendonlydir', 'x'), 'x');
    expect(await bootstrap('a')).toMatchObject(refused(tier.placement('a').folders.data));
  });

  test('while another node has not come', async () => {
    await sentinels('a', 'b');
    expect(await bootstrap('a')).toMatchObject(refused('the Sentinel of node c'));
  });

  test('where Valkey runs on another node', async () => {
    await sentinels('a', 'b', 'c');
    await tier.start('c', 'valkey');
    expect(await bootstrap('a')).toMatchObject(refused('Valkey already runs on node c'));
  });

  test('where the other Sentinels have seen a primary, and where they have failed over', async () => {
    await running('a', 'b');
    await tier.start('c', 'sentinel');
    await joinAndStart('c');
    await tier.stop('a', 'valkey', 'SIGKILL');
    tier.wipe('a');
    tier.write('a');
    expect(await bootstrap('a')).toMatchObject({ status: 3 });
    await eventually(async () => expect(await primaryPort('b')).not.toBe(tier.address('a').valkeyPort));
    await eventually(async () =>
      expect(await bootstrap('a')).toMatchObject(refused('the Sentinel of node b names another primary')),
    );
  }, 60_000);
});

async function sentinels(...letters: string[]): Promise<void> {
  for (const letter of letters) {
    await tier.start(letter, 'sentinel');
    expect(await tier.script(letter, 'sentinel-started')).toMatchObject({ status: 0 });
  }
}

/** A tier that runs on these nodes, with a key in it. */
async function running(first: string, second: string): Promise<void> {
  await sentinels(first, second);
  await tier.start(first, 'valkey');
  writeFileSync(join(tier.state(first), 'joined'), '');
  await tier.start(second, 'valkey');
  writeFileSync(join(tier.state(second), 'joined'), '');
  await eventually(async () => expect(await tier.ask(first, 'valkey', 'SET', 'kept', '1')).toBe('OK\n'));
}

async function joinAndStart(letter: string): Promise<void> {
  await eventually(async () => expect(await joins(letter)).toMatchObject({ status: 0 }));
  await tier.start(letter, 'valkey');
  await eventually(async () => expect(await tier.ask(letter, 'valkey', 'GET', 'kept')).toBe('1\n'));
}

async function failOver(): Promise<void> {
  const before = await primaryPort('b');
  await eventually(async () => {
    await tier.ask('b', 'sentinel', 'SENTINEL', 'FAILOVER', 'orders');
    expect(await primaryPort('b')).not.toBe(before);
  });
  const after = await primaryPort('b');
  await eventually(async () => expect(await primaryPort('c')).toBe(after));
}

async function primaryPort(letter: string): Promise<number> {
  return Number((await tier.ask(letter, 'sentinel', 'SENTINEL', 'get-master-addr-by-name', 'orders')).split('\n')[1]);
}

function joins(letter: string): Promise<Finished> {
  return tier.script(letter, 'join');
}

/**
 * The command of the deploy step. Where it asks systemd to start Valkey, the test starts it, and the command goes on
 * once the server answers, as with systemd.
 */
async function bootstrap(letter: string): Promise<Finished> {
  const folder = join(tier.folder(letter), 'systemd');
  const asked = join(folder, 'asked');
  mkdirSync(folder, { recursive: true });
  rmSync(asked, { force: true });
  const { address, valkeyPort } = tier.address(letter);
  writeFileSync(
    join(folder, 'systemctl'),
    `#!/bin/bash
[ "$1" = start ] || exit 0
touch '${asked}'
until (exec 3<>/dev/tcp/${address}/${valkeyPort}) 2>/dev/null; do sleep 0.1; done
`,
    { mode: 0o755 },
  );
  let over = false;
  const starting = eventually(
    async () => {
      if (over) return;
      if (!existsSync(asked)) throw new Error('not asked to start');
      await tier.start(letter, 'valkey');
    },
    { withinMs: 30_000 },
  );
  const env = { PATH: folder, CACHETIER_PATIENCE: '1' };
  const done = await tier.script(letter, '/usr/local/sbin/cachetier-bootstrap', [], env);
  over = true;
  await starting;
  return done;
}
