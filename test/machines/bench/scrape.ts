import { exporterPorts } from '../../../constructs/tier/exporters';
import { eventually } from '../../support/eventually';
import { metricsUsed } from '../../monitoring/metrics';
import type { Bench } from './bench';

/** Names of the metrics that an exporter of a node answers Prometheus with. */
export async function scrape(bench: Bench, letter: string, exporter: keyof typeof exporterPorts): Promise<Set<string>> {
  const url = `http://${bench.address(letter)}:${exporterPorts[exporter]}/metrics`;
  const script = `fetch('${url}').then((answer) => answer.text()).then((text) => console.log(text))`;
  const { stdout } = await bench.on('prometheus', [process.execPath, '-e', script]);
  return new Set([...stdout.matchAll(/^(\w+)[{ ]/gm)].map(([, name = '']) => name));
}

/** Metrics that the signals of the tier use and no exporter of the image publishes, with how many are used. */
export async function missingMetrics(
  bench: Bench,
): Promise<{ readonly used: number; readonly missing: readonly string[] }> {
  const used = metricsUsed(bench.plan);
  let missing: readonly string[] = used;
  await eventually(
    async () => {
      const found = new Set<string>();
      for (const letter of bench.letters) {
        for (const exporter of ['valkey', 'sentinel', 'node'] as const) {
          for (const name of await scrape(bench, letter, exporter)) found.add(name);
        }
      }
      missing = used.filter((name) => !found.has(name));
      if (missing.length > 0) throw new Error(`nobody publishes ${missing.join(', ')}`);
    },
    { withinMs: 60_000, everyMs: 2_000 },
  ).catch(() => undefined);
  return { used: used.length, missing };
}
