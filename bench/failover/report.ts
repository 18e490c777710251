import { type EventName, eventNames, type Run } from './events';

/** All runs of one contender through one event. */
export interface Measured {
  readonly contender: string;
  readonly settings: string;
  readonly event: EventName;
  readonly runs: readonly Run[];
}

export interface Report {
  readonly date: string;
  /** From servers that answer to a tier that serves; the steps bring files and secrets. */
  readonly deploy: { readonly stepsMs: number; readonly servingMs: number };
  readonly measured: readonly Measured[];
}

/** The report as a page for people. */
export function table({ date, deploy, measured }: Report): string {
  const names = [...new Set(measured.map(({ contender }) => contender))];
  const sections = eventNames
    .map((event) => [event, measured.filter((one) => one.event === event)] as const)
    .filter(([, rows]) => rows.length > 0)
    .map(([event, rows]) => section(event, rows));
  const settings = names.map(
    (name) => `- **${name}**: ${measured.find(({ contender }) => contender === name)?.settings}`,
  );
  return `# Failover, measured

By \`npm run bench -- failover\` on ${date}: three Debian 13 machines, booted from user data on one host, each with its own disk and
network. A client writes a hundred times a second; the gap is the longest time in which none of its writes was
acknowledged, lost is what was acknowledged and is not there once the tier is whole again. All of them on the same machines in one run.
On one host the network takes no time, and all disks are one: what is measured is what settings and acts take.

${sections.join('\n')}
## Settings

${settings.join('\n')}

The others' clients are ioredis with its own defaults, ours has the settings that the tier hands out. The partition lasts
15 s, and a second client of each kind is on the side of the primary: lost counts all clients.

## From servers to a tier

${(deploy.stepsMs / 1000).toFixed(1)} s for the steps that bring files and secrets to the three nodes, one after another; ${(deploy.servingMs / 1000).toFixed(1)} s from there to a verified tier.
`;
}

function section(event: EventName, rows: readonly Measured[]): string {
  const ours = rows[0] ? median(gaps(rows[0])) : 0;
  const header = `## ${event[0]?.toUpperCase()}${event.slice(1)} of the primary

| | runs | gap, median | worst | beside the first | writes lost, median | most | most, of those that waited for a replica |
| --- | --- | --- | --- | --- | --- | --- | --- |`;
  const lines = rows.map((row) => {
    const lost = row.runs.map((run) => run.lost);
    const sure = row.runs.map((run) => run.lostSure).filter((count) => count !== null);
    const cells = [
      row.contender,
      row.runs.length,
      seconds(median(gaps(row))),
      seconds(Math.max(...gaps(row))),
      ours === 0 ? '-' : (median(gaps(row)) / ours).toFixed(2),
      median(lost),
      Math.max(...lost),
      sure.length === 0 ? '-' : Math.max(...sure),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${header}\n${lines.join('\n')}\n`;
}

function gaps({ runs }: Measured): readonly number[] {
  return runs.map(({ gapMs }) => gapMs);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
