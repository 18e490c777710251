import { jobsOf, page, type Signal, ticket } from '../signal';
import type { ScrapedPlan } from '../scrape';

const DAY = 86_400;

/** Processor time of the engine, which uses one core for commands. */
export function engineSignals(plan: ScrapedPlan): readonly Signal[] {
  const { valkey } = jobsOf(plan);
  return [
    {
      cloudWatch: null,
      runbook: 'machine.md',
      name: 'engine-cpu',
      title: 'Main thread, of one core',
      meaning:
        'Time that the thread which runs all commands is busy. At the full core every client waits for the others.',
      unit: 'ratio',
      alert: 'CachetierEngineBusy',
      summary:
        'Valkey on node {{ $labels.node }} of {{ $labels.tier }} uses {{ $value | humanizePercentage }} of its core',
      thresholds: [ticket('above', 0.8, 600), page('above', 0.95, 600)],
      prometheus: {
        by: ['tier', 'node'],
        expr:
          `max by (tier, node) (rate(redis_cpu_sys_main_thread_seconds_total{${valkey}}[5m]) + ` +
          `rate(redis_cpu_user_main_thread_seconds_total{${valkey}}[5m]))`,
      },
    },
  ];
}

/** The machine below: disk, processors, memory, certificates, and the keeper. Processes on one machine have none of these. */
export function machineSignals(plan: ScrapedPlan): readonly Signal[] {
  if (plan.kind === 'local') return [];
  const { node } = jobsOf(plan);
  const common = { cloudWatch: null, runbook: 'machine.md' };
  const by = ['tier', 'node'];
  // Whichever of these is a file system of its own.
  const folders = 'mountpoint=~"/|/var|/var/lib|/var/lib/valkey"';
  return [
    {
      ...common,
      name: 'disk',
      title: 'Disk used',
      meaning:
        'Share of the file system that holds the data. A rewrite of the append-only file needs twice its size for a while.',
      unit: 'ratio',
      alert: 'CachetierDiskFull',
      summary: 'the disk of node {{ $labels.node }} of {{ $labels.tier }} is {{ $value | humanizePercentage }} full',
      thresholds: [ticket('above', 0.7, 300), page('above', 0.9, 30)],
      prometheus: {
        by,
        expr: `1 - min by (tier, node) (node_filesystem_avail_bytes{${node},${folders}} / (node_filesystem_size_bytes{${node},${folders}} > 0))`,
      },
    },
    {
      ...common,
      name: 'cpu-steal',
      title: 'Stolen processor time',
      meaning: 'Time in which the host ran other servers while this one wanted to. Latency follows it.',
      unit: 'ratio',
      alert: 'CachetierCpuStolen',
      summary:
        'the host of node {{ $labels.node }} of {{ $labels.tier }} takes {{ $value | humanizePercentage }} of its time',
      thresholds: [ticket('above', 0.1, 600)],
      prometheus: { by, expr: `avg by (tier, node) (rate(node_cpu_seconds_total{${node},mode="steal"}[5m]))` },
    },
    {
      ...common,
      name: 'cpu',
      title: 'Processors busy',
      meaning: 'Share of all processors. Saves, rewrites and backups use the others than the main thread’s.',
      unit: 'ratio',
      alert: 'CachetierCpuBusy',
      summary:
        'the processors of node {{ $labels.node }} of {{ $labels.tier }} are {{ $value | humanizePercentage }} busy',
      thresholds: [ticket('above', 0.9, 900)],
      prometheus: { by, expr: `1 - avg by (tier, node) (rate(node_cpu_seconds_total{${node},mode="idle"}[5m]))` },
    },
    {
      ...common,
      name: 'machine-memory',
      title: 'Memory of the machine that is free',
      meaning: 'What the machine could still give. A save copies the pages that are written meanwhile.',
      unit: 'ratio',
      alert: 'CachetierMachineMemoryLow',
      summary: 'node {{ $labels.node }} of {{ $labels.tier }} has {{ $value | humanizePercentage }} of its memory left',
      thresholds: [ticket('below', 0.08, 300)],
      prometheus: {
        by,
        expr: `min by (tier, node) (node_memory_MemAvailable_bytes{${node}} / node_memory_MemTotal_bytes{${node}})`,
      },
    },
    {
      ...common,
      runbook: 'expired-certificate.md',
      name: 'certificate',
      title: 'Certificate is good for',
      meaning:
        'Time until the first certificate that the node shows, or the CA that signed it, runs out. Then nobody connects any more.',
      unit: 'seconds',
      alert: 'CachetierCertificateExpires',
      summary:
        'a certificate of node {{ $labels.node }} of {{ $labels.tier }} runs out in {{ $value | humanizeDuration }}',
      thresholds: [ticket('below', 21 * DAY, 0), page('below', 7 * DAY, 0)],
      prometheus: {
        by,
        expr: `min by (tier, node) (cachetier_certificate_expiry_timestamp_seconds{${node}}) - time()`,
      },
    },
    {
      ...common,
      runbook: 'keeper.md',
      name: 'keeper-alarm',
      title: 'Keeper asks for a person',
      meaning:
        'Whether the keeper of the node has come upon what it must not decide, such as two histories of the data.',
      unit: 'yes-or-no',
      alert: 'CachetierKeeperAsks',
      summary: 'the keeper of node {{ $labels.node }} of {{ $labels.tier }} asks for a person',
      thresholds: [page('above', 0, 60)],
      prometheus: { by, expr: `max by (tier, node) (cachetier_keeper_alarm{${node}})` },
    },
    {
      ...common,
      runbook: 'keeper.md',
      name: 'keeper-age',
      title: 'Since the keeper last spoke',
      meaning:
        'Age of what the keeper publishes. It writes every two seconds; without it a node that starts stays held.',
      unit: 'seconds',
      alert: 'CachetierKeeperSilent',
      summary:
        'the keeper of node {{ $labels.node }} of {{ $labels.tier }} has been silent for {{ $value | humanizeDuration }}',
      thresholds: [ticket('above', 60, 60)],
      prometheus: {
        by,
        expr: `max by (tier, node) (time() - node_textfile_mtime_seconds{${node},file=~".*keeper.prom"})`,
      },
    },
    {
      ...common,
      name: 'machine-up',
      title: 'Machine answers',
      meaning: 'Whether the machine’s own exporter answers. Disk, certificates and backups are not known without it.',
      unit: 'yes-or-no',
      alert: 'CachetierMachineSilent',
      summary: 'the machine of node {{ $labels.node }} of {{ $labels.tier }} does not answer Prometheus',
      thresholds: [ticket('below', 1, 120)],
      prometheus: { by, expr: `min by (tier, node) (up{${node}})` },
    },
  ];
}
