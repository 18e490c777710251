import { nodesPlan, smallest } from '../node/plans';
import { eventually } from '../support/eventually';
import { Bench, monitoringHost } from './bench/bench';
import { note } from './support';

/** The tier's own Prometheus and Alertmanager: a fourth machine, booted from its user data, that watches the other three. */
let bench: Bench;

const plan = nodesPlan({
  ...smallest,
  monitoring: {
    notify: { email: 'ops@example.com' },
    server: { smtp: { relay: 'smtp.example.com:587', from: 'alerts@example.com', login: 'alerts' } },
  },
});

const smtpPassword = 'a-password-for-the-relay';

beforeAll(async () => {
  bench = await Bench.up({ plan, onProgress: note });
  await bench.deploy();
  await bench.applyMonitoring(smtpPassword);
}, 900_000);

afterAll(() => Bench.down());

/** What the API of a server on the machine answers, asked from the machine itself. */
async function ask(url: string): Promise<unknown> {
  const script = `import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())`;
  return JSON.parse(await bench.machine(monitoringHost).exec(`python3 -c '${script}' '${url}'`));
}

const prometheus = `http://${plan.target.kind === 'hetzner' ? plan.target.monitoringServer?.address : ''}:9090/api/v1`;

async function query(expr: string): Promise<readonly unknown[]> {
  const answer = (await ask(`${prometheus}/query?query=${encodeURIComponent(expr)}`)) as {
    data: { result: readonly unknown[] };
  };
  return answer.data.result;
}

test('it boots from user data, and no unit fails', async () => {
  const machine = bench.machine(monitoringHost);
  expect(await machine.exec('systemctl --failed --plain --no-legend')).toBe('');
  const units = 'prometheus prometheus-alertmanager cachetier-firewall cachetier-address';
  expect((await machine.exec(`systemctl is-active ${units}`)).trim().split('\n')).toEqual(Array(4).fill('active'));
});

test('it scrapes every exporter of every node, and has the rules of the tier', async () => {
  await eventually(async () => expect(await query('up == 1')).toHaveLength(9), { withinMs: 60_000, everyMs: 1000 });
  await eventually(async () => expect(await query('tier:cachetier_primaries:count == 1')).toHaveLength(1), {
    withinMs: 60_000,
    everyMs: 1000,
  });
});

test('what happens to the tier reaches Alertmanager, at the receiver of its severity', async () => {
  const raised = async (): Promise<readonly string[]> => {
    const alerts = (await ask('http://127.0.0.1:9093/api/v2/alerts')) as readonly {
      labels: Record<string, string>;
      receivers: readonly { name: string }[];
    }[];
    return alerts.map(({ labels, receivers }) => `${labels['alertname']} to ${receivers[0]?.name}`);
  };
  // What the term was before is known once it was scraped.
  await eventually(async () => expect(await query('tier:cachetier_failovers:count == 0')).toHaveLength(1), {
    withinMs: 60_000,
    everyMs: 1000,
  });
  const since = Date.now();
  await bench.machine(await bench.primary()).exec('cachetier-node handover');
  await eventually(async () => expect(await raised()).toContain('CachetierFailover to orders-ticket'), {
    withinMs: 120_000,
    everyMs: 1000,
  });
  note(`a handover reached Alertmanager after ${((Date.now() - since) / 1000).toFixed(0)} s`);
  await bench.healthy();
}, 300_000);

test('nobody but an administrator by SSH gets through to it, and the password of the relay is for Alertmanager alone', async () => {
  const address = bench.address(monitoringHost);
  const port = (from: string, host: string, number: number): Promise<{ status: number | null }> =>
    bench.on(from, ['timeout', '3', 'bash', '-c', `exec 3<>/dev/tcp/${host}/${number}`]).catch(() => ({ status: 1 }));
  for (const from of ['client', 'prometheus', 'stranger']) {
    for (const number of [22, 9090, 9093]) expect((await port(from, address, number)).status).not.toBe(0);
  }
  expect((await port('outsider', bench.publicAddress(monitoringHost), 22)).status).not.toBe(0);
  expect((await port('operator', bench.publicAddress(monitoringHost), 22)).status).toBe(0);
  const machine = bench.machine(monitoringHost);
  const read = await machine.tryExec('runuser -u nobody -- cat /etc/prometheus/smtp-password');
  expect([read.status, read.stdout]).toEqual([1, '']);
  expect(await machine.exec('runuser -u prometheus -- cat /etc/prometheus/smtp-password')).toBe(smtpPassword);
});

test('changed rules reach it by the same step, and what it measured is kept', async () => {
  const before = await query('count_over_time(up[1h])');
  await bench.applyMonitoring(null);
  expect((await query('count_over_time(up[1h])')).length).toBeGreaterThanOrEqual(before.length);
  const gone = await bench.machine(monitoringHost).tryExec('cat /etc/prometheus/smtp-password');
  expect(gone.status).toBe(1);
});
