import { hetznerPlacement, renderConfigFiles, type NodesTierPlan } from '../../constructs/node';
import { addressesOf, layoutOf, placementOf } from '../../constructs/local/layout';
import { makeSecrets } from '../../constructs/local/secrets';
import { plan, type CacheTierConfig, type TargetKind } from '../../constructs/tier';

const config: CacheTierConfig = {
  name: 'orders',
  workload: 'job-queue',
  dataset: '2GiB',
  access: {
    users: [
      { name: 'app', keys: 'orders:*' },
      { name: 'audit', can: 'read-only' },
    ],
  },
  engine: { name: 'valkey', version: '8.1', settings: { 'slowlog-log-slower-than': 5000 } },
  target: { kind: 'local' },
};

/** Lines that tell where a node is: its address, its ports, its folders. */
const place = new RegExp(
  '^(bind|tls-port|dir|logfile|aclfile|tls-(cert|key|ca-cert)-file|replica-announce-(ip|port)|replicaof' +
    '|sentinel (announce-ip|announce-port|monitor|known-replica|known-sentinel)) ',
);

/** What the machines' size decides; the plans differ in it, not the renderers. */
const size = /^(maxmemory|repl-backlog-size|client-output-buffer-limit) /;

const planOf = (kind: TargetKind): NodesTierPlan => plan(config, { kind, identity: 'orders' }) as NodesTierPlan;

test.each(['a', 'b', 'c'])(
  'node %s has the same files here as on a machine, but for address, ports and folders',
  async (letter) => {
    const [here, machine] = [planOf('local'), planOf('hetzner')];
    const secrets = await makeSecrets(here);
    const layout = layoutOf('orders', '/srv/orders');
    const nodes = addressesOf(['a', 'b', 'c'], [7001, 7002, 7003, 7004, 7005, 7006]);
    const local = renderConfigFiles(here, letter, placementOf(layout, nodes, letter), secrets);
    const rented = renderConfigFiles(machine, letter, hetznerPlacement(machine), secrets);

    expect(local.map(({ path }) => base(path))).toEqual(rented.map(({ path }) => base(path)));
    expect(local.map(({ mode, secret, seedOnce }) => [mode, secret, seedOnce])).toEqual(
      rented.map(({ mode, secret, seedOnce }) => [mode, secret, seedOnce]),
    );
    for (const [index, file] of local.entries()) {
      const pairs = pairLines(file.content, rented[index]?.content ?? '');
      const differing = pairs.filter(([ours, theirs]) => ours !== theirs && !size.test(ours));
      expect(differing.filter(([ours, theirs]) => !place.test(ours) || first(ours) !== first(theirs))).toEqual([]);
      if (!file.path.endsWith('.conf')) expect(differing).toEqual([]);
    }
  },
);

test('the differing lines are there: the placement is really another one', async () => {
  const here = planOf('local');
  const secrets = await makeSecrets(here);
  const nodes = addressesOf(['a', 'b', 'c'], [7001, 7002, 7003, 7004, 7005, 7006]);
  const [conf] = renderConfigFiles(here, 'b', placementOf(layoutOf('orders', '/srv/orders'), nodes, 'b'), secrets);
  expect(conf?.content).toMatch(/^bind 127\.0\.0\.1$/m);
  expect(conf?.content).toMatch(/^tls-port 7002$/m);
  expect(conf?.content).toMatch(/^dir \/srv\/orders\/b\/data$/m);
  expect(conf?.content).toMatch(/^replicaof 127\.0\.0\.1 7001$/m);
});

test('the differing lines still say the same: each has its words in the same places', async () => {
  const [here, machine] = [planOf('local'), planOf('hetzner')];
  const secrets = await makeSecrets(here);
  const nodes = addressesOf(['a', 'b', 'c'], [7001, 7002, 7003, 7004, 7005, 7006]);
  const local = renderConfigFiles(here, 'a', placementOf(layoutOf('orders', '/srv/orders'), nodes, 'a'), secrets);
  const rented = renderConfigFiles(machine, 'a', hetznerPlacement(machine), secrets);
  const shape = (text: string): string =>
    text
      .replace(/\d+\.\d+\.\d+\.\d+/g, 'ADDRESS')
      .replace(/\/\S+\//g, 'FOLDER/')
      .replace(/^dir \S+$/gm, 'dir FOLDER')
      .replace(/\b(7\d{3}|\d*6379)\b/g, 'PORT')
      .replace(/^bind .*$/gm, 'bind ADDRESS');
  for (const [index, file] of local.entries()) {
    const pairs = pairLines(shape(file.content), shape(rented[index]?.content ?? ''));
    expect(pairs.filter(([ours, theirs]) => ours !== theirs && !size.test(ours))).toEqual([]);
  }
});

function pairLines(ours: string, theirs: string): (readonly [string, string])[] {
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  expect(left).toHaveLength(right.length);
  return left.map((line, index) => [line, right[index] ?? '']);
}

function base(path: string): string {
  return path.split('/').slice(-1).join('');
}

function first(line: string): string {
  return line
    .split(' ')
    .slice(0, line.startsWith('sentinel ') ? 2 : 1)
    .join(' ');
}
