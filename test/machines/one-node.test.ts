import { nodesPlan, smallest } from '../node/plans';
import { eventually } from '../support/eventually';
import { Bench } from './bench/bench';
import { longestGap, Writer } from './bench/writer';
import { bootTier, bound, note } from './support';

/** A tier of one node: no failover, and all else as with three. */
let bench: Bench;

beforeAll(async () => {
  bench = await bootTier({
    plan: nodesPlan({
      ...smallest,
      availability: { replicas: 0 },
      accept: [{ gap: 'failover', because: 'a test of what one node does' }],
    }),
  });
});

afterAll(() => Bench.down());

/** What a client sees of one event; what was acknowledged must be there, but for what the disk may not have. */
async function through(name: string, during: () => Promise<void>, lossless: boolean): Promise<void> {
  const writer = await Writer.start(bench);
  try {
    const since = Date.now();
    await during();
    await bench.healthy();
    await writer.writes(50);
    const { acknowledged, ended } = await writer.stop();
    const lost = (await writer.missing()).length;
    note(
      `${name}: no write for ${(longestGap(acknowledged, since) / 1000).toFixed(2)} s; lost ${lost} of ${acknowledged.length}`,
    );
    expect(ended).toBe(0);
    expect(lost).toBeLessThanOrEqual(lossless ? 0 : bound);
  } finally {
    writer.end();
  }
}

test('runs no Sentinel, and that of the package stays masked', async () => {
  const machine = bench.machine('a');
  expect((await machine.exec('systemctl is-enabled valkey-sentinel || true')).trim()).toBe('masked');
  expect(await machine.exec('ss -Htln')).not.toContain(':26379');
  await eventually(
    async () =>
      expect(await machine.exec('cachetier-node status --why')).toContain('keeper: S1: the only node of its tier'),
    { withinMs: 10_000 },
  );
});

test('serves again after kill -9', () =>
  through('one node, kill -9', () => bench.machine('a').signal('valkey-server', 'KILL'), false));

test('serves again after a restart, with every write', () =>
  through(
    'one node, restart',
    () =>
      bench
        .machine('a')
        .exec('systemctl restart valkey-server')
        .then(() => undefined),
    true,
  ));

test('serves again after a reboot, with every write', () =>
  through('one node, reboot', () => bench.machine('a').reboot(), true));

test('serves again after a power cut', () =>
  through(
    'one node, power cut',
    async () => {
      await bench.machine('a').powerCut();
      await bench.machine('a').powerOn();
    },
    false,
  ));

test('data that is gone is not replaced by an empty start', async () => {
  const machine = bench.machine('a');
  await machine.exec(
    'systemctl stop valkey-server; mkdir /root/kept; mv /var/lib/valkey/* /root/kept/; systemctl start valkey-server',
  );
  await eventually(
    async () => expect(await machine.exec('cachetier-node status --why')).toContain('keeper: S3: no data here'),
    { withinMs: 30_000 },
  );
  expect(await bench.primaries()).toEqual([]);
  await machine.exec(
    'systemctl stop valkey-server; rm -rf /var/lib/valkey/*; mv /root/kept/* /var/lib/valkey/; systemctl start valkey-server',
  );
  expect(await bench.healthy()).toBe('a');
});
