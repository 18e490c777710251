import { bootstrapCommand, hetznerPlacement } from '../../constructs/node';
import { type Authority, issue, makeAuthority, makeSecrets } from '../node/secrets';
import { eventually } from '../support/eventually';
import { Bench } from './bench/bench';
import { note, ordersPlan, others, survive } from './support';

/** What is wrong on one node: it refuses to serve, says why in one line, and heals when the cause goes. */
let bench: Bench;
let authority: Authority;

beforeAll(async () => {
  authority = await makeAuthority();
  bench = await Bench.up({ plan: ordersPlan, secrets: await makeSecrets(ordersPlan, authority), onProgress: note });
});

afterAll(() => Bench.down());

test('a peer that cannot be reached when the tier is new: nobody leads until it can', async () => {
  await bench.cut('c');
  for (const letter of bench.letters) await bench.apply(letter);
  const refused = await bench.trySsh('a', `${bootstrapCommand} --patience 5`);
  expect(refused.status).toBe(3);
  expect(refused.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/refused: every node of a new tier must answer first: .*valkey of c: no answer in time/),
  ]);
  expect(await bench.primaries()).toEqual([]);
  await bench.heal('c');
  await bench.ssh('a', bootstrapCommand);
  expect(await bench.healthy()).toBe('a');
});

test('a second bootstrap is refused where there is data', async () => {
  expect((await bench.ssh('a', bootstrapCommand)).stdout).toContain('is the primary already; nothing to do');
  const refused = await bench.trySsh('b', bootstrapCommand);
  expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('the first primary is node a')]);
});

/**
 * Breaks a replica, restarts what it runs, and mends it; clients notice nothing.
 *
 * @param says - what the node is to say, in one line of its status or journal
 */
async function broken(
  name: string,
  spoil: (replica: string) => Promise<unknown>,
  says: RegExp,
  mend: (replica: string) => Promise<unknown>,
): Promise<void> {
  const primary = await bench.primary();
  const [replica] = others(bench, primary);
  const machine = bench.machine(replica);
  const before = await machine.exec('find /var/lib/valkey -type f -name "*.aof" | sort');
  const result = await survive(bench, name, async () => {
    await spoil(replica);
    await machine.tryExec('systemctl restart --no-block valkey-server cachetier-keeper valkey-sentinel');
    await eventually(
      async () => {
        const said = await machine.tryExec(
          'cachetier-node status --why 2>&1; journalctl -u cachetier-keeper -n 1 -o cat --no-pager',
        );
        expect(said.stdout.split('\n').filter((line) => says.test(line)).length).toBeGreaterThan(0);
      },
      { withinMs: 30_000, everyMs: 500 },
    );
    const seen = await bench.ask(primary, 'valkey', 'INFO', 'replication');
    expect(seen).toMatch(/^connected_slaves:[12]\r?$/m);
    await mend(replica);
  });
  expect(result).toMatchObject({ primary, lost: 0, lostSure: 0 });
  expect((await machine.exec('find /var/lib/valkey -type f -name "*.aof"')).length).toBeGreaterThan(0);
  expect(before.length).toBeGreaterThan(0);
}

test('settings of the node, edited by hand', () =>
  broken(
    'node.env edited by hand',
    (replica) => bench.machine(replica).exec("sed -i 's/^PEERS=.*/PEERS=nonsense/' /etc/cachetier/node.env"),
    /this node does not serve: .*node\.env was changed by hand/,
    (replica) => bench.apply(replica),
  ));

test('the configuration of Valkey, edited by hand', () =>
  broken(
    'valkey.conf edited by hand',
    (replica) => bench.machine(replica).exec('echo no-such-directive yes >>/etc/valkey/valkey.conf'),
    /keeper: X1: Valkey of this node does not answer: nothing listens: .*no-such-directive/,
    (replica) =>
      bench
        .machine(replica)
        .exec("sed -i '/^no-such-directive/d' /etc/valkey/valkey.conf; systemctl reset-failed valkey-server || true"),
  ));

test('passwords that are missing', () =>
  broken(
    'credentials missing',
    (replica) => bench.machine(replica).exec('rm /etc/cachetier/credentials'),
    /this node does not serve: .*credentials cannot be read: .*deploy again/,
    (replica) => bench.apply(replica),
  ));

test('a private key that is missing', () =>
  broken(
    'private key missing',
    (replica) => bench.machine(replica).exec(`rm ${hetznerPlacement(bench.plan).folders.tls}/node.key`),
    /keeper: X1: Valkey of this node does not answer: nothing listens: .*node\.key/,
    (replica) => bench.apply(replica),
  ));

test('certificates of another CA', async () => {
  const right = bench.secrets;
  const wrong = await makeSecrets(bench.plan);
  await broken(
    'wrong CA',
    async (replica) => {
      const { caCertificate, nodes } = wrong;
      const given = { ...right, caCertificate, nodes };
      await bench.tryApply(replica, given, 10);
    },
    /its certificate is not accepted/,
    (replica) => bench.apply(replica, bench.plan, right),
  );
});

test('a certificate that has expired', async () => {
  const right = bench.secrets;
  await broken(
    'expired certificate',
    async (replica) => {
      const pair = await issue(authority, { letter: replica, address: bench.address(replica) }, 0);
      const given = { ...right, nodes: { ...right.nodes, [replica]: pair } };
      expect((await bench.tryApply(replica, given, 20)).status).not.toBe(0);
    },
    /its certificate is not accepted: certificate has expired/,
    (replica) => bench.apply(replica, bench.plan, right),
  );
});
