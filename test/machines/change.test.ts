import { hetznerPlacement, type NodeSecrets } from '../../constructs/node';
import { leaveCommand } from '../../constructs/hetzner/drain';
import { nodesPlan, smallest } from '../node/plans';
import { type Authority, issue, makeAuthority, makeSecrets } from '../node/secrets';
import { Bench } from './bench/bench';
import { note, ordersPlan, others, survive, type Survived } from './support';

/** Changes of a tier that runs: no server is replaced, and no write is lost. */
let bench: Bench;
let authority: Authority;

beforeAll(async () => {
  authority = await makeAuthority();
  bench = await Bench.up({ plan: ordersPlan, secrets: await makeSecrets(ordersPlan, authority), onProgress: note });
  await bench.deploy();
});

afterAll(() => Bench.down());

/** What a deployment does: the step of each node in turn, then the rollout. */
async function deploy(plan = bench.plan, secrets = bench.secrets): Promise<string> {
  for (const letter of bench.letters) await bench.apply(letter, plan, secrets);
  const done = await bench.rollOut();
  if (done.status !== 0) throw new Error(`the rollout ended with ${done.status}: ${done.stderr}`);
  return done.stderr + done.stdout;
}

async function change(name: string, during: () => Promise<unknown>): Promise<Survived> {
  const result = await survive(bench, name, async () => void (await during()));
  expect([result.lost, result.lostSure]).toEqual([0, 0]);
  return result;
}

function planWith(settings: Readonly<Record<string, string | number>>): Bench['plan'] {
  return nodesPlan({
    ...smallest,
    engine: { settings },
    monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  }) as Bench['plan'];
}

async function settings(name: string): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    bench.letters.map(async (letter) => (await bench.ask(letter, 'valkey', 'CONFIG', 'GET', name)).split('\n')[1]),
  );
}

async function pids(): Promise<readonly string[]> {
  return Promise.all(
    bench.letters.map((letter) => bench.machine(letter).exec('systemctl show -P MainPID valkey-server')),
  );
}

test('a setting that Valkey takes while it runs restarts nothing', async () => {
  const [before, primary] = [await pids(), await bench.primary()];
  const result = await change('live change', () => deploy(planWith({ timeout: 300 })));
  expect(result).toMatchObject({ primary, refused: {} });
  expect(await settings('timeout')).toEqual(['300', '300', '300']);
  expect(await pids()).toEqual(before);
});

test('a setting that needs a restart goes from node to node, the primary last, behind a handover', async () => {
  const [before, primary] = [await pids(), await bench.primary()];
  let said = '';
  const result = await change(
    'rolling change',
    async () => (said = await deploy(planWith({ timeout: 300, databases: 32 }))),
  );
  expect(result.primary).not.toBe(primary);
  expect(result.refused).toEqual({});
  expect(result.gapMs).toBeLessThan(5_000);
  expect(await settings('databases')).toEqual(['32', '32', '32']);
  (await pids()).forEach((pid, index) => expect(pid).not.toBe(before[index]));
  const order = [...said.matchAll(/: node (\w), the (\w+): databases 16 -> 32/g)].map(
    ([, letter, role]) => `${letter} ${role}`,
  );
  expect(order).toEqual([...others(bench, primary).map((letter) => `${letter} replica`), `${primary} primary`]);
});

test('what the config no longer has goes back to what Valkey has without it', async () => {
  await change('settings removed', () => deploy(planWith({})));
  expect(await settings('databases')).toEqual(['16', '16', '16']);
  expect(await settings('timeout')).toEqual(['0', '0', '0']);
});

test('a node that does not start with its new setting goes on with the old one; the rollout stops there, says so, and goes on later', async () => {
  const primary = await bench.primary();
  const [first, second] = others(bench, primary);
  const port = 'tls-port';
  await change('rollout that stops', async () => {
    // What the file of one node wants is beyond any check before: a setting that this version refuses at its start.
    for (const letter of [first, second]) {
      await bench
        .machine(letter)
        .exec(`echo 'databases ${letter === first ? '20' : '0'}' >>/var/lib/cachetier/restart-wanted`);
    }
    const done = await bench.rollOut();
    expect(done.status).toBe(1);
    expect(done.stderr).toContain(`node ${second} did not take its changes`);
    expect(done.stderr).toMatch(/does not start with databases 0: .*runs with the settings from before/);
    expect(done.stderr).toContain(`node ${first} had taken theirs`);
  });
  expect((await bench.ask(second, 'valkey', 'CONFIG', 'GET', port)).split('\n')[1]).toBe('6379');
  await bench.machine(second).exec("sed -i 's/^databases 0$/databases 20/' /var/lib/cachetier/restart-wanted");
  const again = await bench.rollOut();
  expect([again.status, again.stdout]).toEqual([0, expect.stringContaining(`changes are on ${second}`)]);
  await deploy();
});

test('with one node away nothing is touched, and the reason is named', async () => {
  const primary = await bench.primary();
  const [away, other] = others(bench, primary);
  const before = await pids();
  await bench.machine(other).exec("echo 'databases 24' >>/var/lib/cachetier/restart-wanted");
  await bench.machine(away).exec('systemctl stop valkey-server');
  const refused = await bench.rollOut();
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/cannot do without a node now.*nothing was changed/s),
  ]);
  await bench.machine(away).exec('systemctl start valkey-server');
  await bench.healthy();
  const after = await pids();
  expect(after[bench.letters.indexOf(other)]).toBe(before[bench.letters.indexOf(other)]);
  const dry = await bench.rollOut('--dry-run', '--json');
  expect((JSON.parse(dry.stdout) as { pending: Record<string, unknown> }).pending[other]).toEqual([
    { what: 'setting', name: 'databases', running: '16', wanted: '24' },
  ]);
  await deploy();
});

test('passwords of the tier are rotated without a refused request, and the old ones end with the next rotation', async () => {
  const old = bench.secrets;
  const fresh = await makeSecrets(bench.plan, authority);
  const next: NodeSecrets = { ...old, internal: fresh.internal, previous: { users: {}, internal: old.internal } };
  const primary = await bench.primary();
  const result = await change('rotation of internal passwords', () => deploy(bench.plan, next));
  expect(result).toMatchObject({ primary, refused: {} });
  const then = (await makeSecrets(bench.plan, authority)).internal;
  await change('second rotation', () =>
    deploy(bench.plan, { ...old, internal: then, previous: { users: {}, internal: next.internal } }),
  );
  const tls = '--tls --cacert /etc/cachetier/ca.crt --no-auth-warning';
  const login = async (password: string): Promise<string> =>
    (
      await bench
        .machine('a')
        .tryExec(
          `read -r REDISCLI_AUTH; export REDISCLI_AUTH; valkey-cli ${tls} --user cachetier-operator -h ${bench.address('a')} PING`,
          { input: `${password}\n` },
        )
    ).stdout;
  expect(await login(then.operator)).toContain('PONG');
  expect(await login(next.internal.operator)).toContain('PONG');
  expect(await login(old.internal.operator)).not.toContain('PONG');
});

test('the password of an application is rotated under it: the old one is admitted until the application has the new one', async () => {
  const old = bench.secrets;
  const fresh = await makeSecrets(bench.plan, authority);
  const result = await change('rotation of an application', async () => {
    await deploy(bench.plan, {
      ...old,
      users: fresh.users,
      previous: { users: old.users, internal: old.previous?.internal ?? {} },
    });
  });
  expect(result.refused).toEqual({});
  // Clients that start now have the new one.
  await change('with the new password', () => Promise.resolve());
});

test('users come and go, and the connections of others stay', async () => {
  const users = [
    ...bench.plan.access.users.map(({ name }) => ({ name })),
    { name: 'report', keys: 'orders:*', can: 'read-only' as const },
  ];
  const plan = nodesPlan({
    ...smallest,
    access: { ...smallest.access, users: users.map((user) => ({ keys: '*', ...user })) },
  }) as Bench['plan'];
  const secrets = { ...bench.secrets, users: { ...bench.secrets.users, report: 'r'.repeat(32) } };
  const result = await change('a user comes', () => deploy(plan, secrets));
  expect(result.refused).toEqual({});
  const gone = await change('a user goes', () => deploy(ordersPlan as Bench['plan'], bench.secrets));
  expect(gone.refused).toEqual({});
});

test('certificates are renewed without a refused request', async () => {
  const nodes = Object.fromEntries(
    await Promise.all(
      bench.plan.target.nodes.map(async (node) => [node.letter, await issue(authority, node, 900)] as const),
    ),
  );
  const primary = await bench.primary();
  const result = await change('certificates renewed', () => deploy(bench.plan, { ...bench.secrets, nodes }));
  expect(result).toMatchObject({ primary, refused: {} });
  await shows(nodes);
});

test('the CA is changed without a refused request: both are trusted, then certificates are issued anew, then the old one goes', async () => {
  const next = await makeAuthority();
  const old = bench.secrets.caCertificate;
  const fresh = (await makeSecrets(bench.plan, next)).nodes;
  const primary = await bench.primary();
  const both = `${old}\n${next.certificate.toString('pem')}`;
  const first = await change('CA: both trusted', () => deploy(bench.plan, { ...bench.secrets, caCertificate: both }));
  const second = await change('CA: issued anew', () => deploy(bench.plan, { ...bench.secrets, nodes: fresh }));
  const third = await change('CA: the old one gone', () =>
    deploy(bench.plan, { ...bench.secrets, caCertificate: next.certificate.toString('pem') }),
  );
  for (const result of [first, second, third]) expect(result).toMatchObject({ primary, refused: {} });
  await shows(fresh);
  authority = next;
});

test('a named node is replaced behind a handover, on its address, and copies the others', async () => {
  const primary = await bench.primary();
  const result = await change('node replaced', async () => {
    await bench.ssh(primary, leaveCommand);
    await bench.machine(primary).powerOff();
    await bench.rebuild(primary);
    await bench.apply(primary);
  });
  expect(result.primary).not.toBe(primary);
  expect(result.gapMs).toBeLessThan(5_000);
});

test('a node that may hold the last copy does not leave, whether its Valkey runs or not', async () => {
  const primary = await bench.primary();
  for (const letter of others(bench, primary)) await bench.machine(letter).exec('systemctl stop valkey-server');
  const leads = await bench.trySsh(primary, leaveCommand);
  expect([leads.status, leads.stderr]).toEqual([
    3,
    expect.stringMatching(/cachetier-node leave: no other node is a synced replica/),
  ]);
  await bench.machine(primary).exec('systemctl stop valkey-server');
  const down = await bench.trySsh(primary, leaveCommand);
  expect([down.status, down.stderr]).toEqual([3, expect.stringContaining('the data here may be the last copy')]);
  for (const letter of bench.letters) await bench.machine(letter).exec('systemctl start valkey-server');
  await bench.healthy();
});

/** Each server of each node shows its certificate. */
async function shows(nodes: NodeSecrets['nodes']): Promise<void> {
  for (const letter of bench.letters) {
    const { address, valkeyPort, sentinelPort } = hetznerPlacement(bench.plan).nodes[letter] ?? {
      address: '',
      valkeyPort: 0,
      sentinelPort: 0,
    };
    for (const port of [valkeyPort, sentinelPort]) {
      const shown = await bench
        .machine(letter)
        .exec(`openssl s_client -connect ${address}:${port} </dev/null 2>/dev/null | openssl x509 -outform PEM`);
      expect(shown.replaceAll(/\s/g, '')).toBe(nodes[letter]?.certificate.replaceAll(/\s/g, ''));
    }
  }
}
