import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { down } from '../../constructs/local';
import { observe } from '../../constructs/local/observe';
import { isRunning, type ProcessIdentity, signal } from '../../constructs/local/processes';
import { dashboardQueries } from '../../constructs/monitoring/grafana';
import { isScraped } from '../../constructs/monitoring';
import { eventually } from '../support/eventually';
import { commandLines, localPlan, playground } from '../support/local-tier';

jest.setTimeout(300_000);

const ground = playground();
afterAll(() => ground.clean());

interface Stored {
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
}

test('a tier on this machine is measured by real exporters and a real Prometheus, until it is ended', async () => {
  const { tier, observation } = await ground.up(localPlan(), { observe: true });
  if (!observation || !isScraped(tier.plan)) throw new Error('it is not measured');
  expect(observation.started).toBe(7);
  const folder = join(tier.layout.folder, 'observe');
  const processes = (): Stored['processes'] =>
    (JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as Stored).processes;
  const query = async (expr: string): Promise<readonly unknown[]> => {
    const answer = await fetch(`${observation.prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
    return ((await answer.json()) as { data: { result: readonly unknown[] } }).data.result;
  };

  const queries = dashboardQueries(tier.plan);
  const hits = queries.filter(({ panel }) => panel === 'Hit rate').map(({ expr }) => expr);
  expect(queries.length).toBeGreaterThan(20);
  expect(hits).toHaveLength(1);
  await eventually(
    async () => {
      const found = await Promise.all(queries.map(({ expr }) => query(expr)));
      // Nobody reads from this tier, so there is no share of reads that find their key, and no time that commands take.
      const idle = ['Hit rate', 'Time of a command, median', 'Time of a command, 99th percentile'];
      expect(queries.filter(({ panel }, index) => found[index]?.length === 0 && !idle.includes(panel))).toEqual([]);
      expect(await query('tier_node:cachetier_node_up:yes_or_no == 1')).toHaveLength(3);
      expect(await query('ALERTS{alertstate="firing"}')).toEqual([]);
    },
    { withinMs: 120_000, everyMs: 1000 },
  );

  // No secret where another account could read it.
  const secret = tier.secrets.internal.exporter;
  expect(readFileSync(join(folder, 'passwords.json'), 'utf8')).toContain(secret);
  expect(commandLines().filter(({ words }) => words.some((word) => word.includes(secret)))).toEqual([]);
  for (const { pid } of Object.values(processes())) {
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(secret);
  }

  const lost = processes()['exporter-valkey-a'];
  if (!lost) throw new Error('there is no exporter of node a');
  signal(lost, 'SIGKILL');
  await eventually(() => expect(isRunning(lost)).toBe(false));
  expect((await observe(tier)).started).toBe(1);
  expect((await observe(tier)).started).toBe(0);
  expect((await observe(tier)).prometheus).toBe(observation.prometheus);

  const all = Object.values(processes());
  expect((await down(tier.layout)).stopped).toBe(13);
  expect(all.filter(isRunning)).toEqual([]);
  expect(existsSync(join(folder, 'data'))).toBe(true);
});
