import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readText, writePrivately } from '../disk';
import { MachineError } from '../errors';
import { isAlive, lastLines, launchProgram, stop } from '../launcher';
import { choosePorts, takenOf } from '../ports';
import type { ProcessIdentity } from '../processes';
import { type LocalTier, rolesOf } from '../tier';
import { findObservers } from './programs';
import { type Exporter, exporterEnvironment, exportersOn, observeFolder, writeObserveFiles } from './settings';

/** What measures a tier on this machine. */
export interface Observation {
  /** Address of Prometheus. */
  readonly prometheus: string;
  /** Dashboard for Grafana, as a file to import. */
  readonly dashboard: string;
  /** Addresses of the exporters. */
  readonly exporters: readonly string[];
  /** Processes that this call started. */
  readonly started: number;
}

/** How the observation of a tier is begun. */
export interface ObserveOptions {
  /** Told each step in a few words. */
  readonly onProgress?: (message: string) => void;
  /** Ends the attempt; what it started is stopped. */
  readonly signal?: AbortSignal;
}

interface Stored {
  readonly ports: readonly number[];
  /** By the name of the process. */
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
}

/** How long Prometheus may take to answer. */
const READY_MS = 30_000;

/**
 * Measures a tier that is up: an exporter beside each Valkey and each Sentinel, and a Prometheus with the rules of the
 * tier, all on loopback. Repeated, it starts only what is down. `down` ends them with the tier.
 *
 * @throws MachineError when the programs cannot be had, a port is taken, or one of them ends at once
 */
export async function observe(tier: LocalTier, options: ObserveOptions = {}): Promise<Observation> {
  const programs = await findObservers(options.onProgress);
  const folder = observeFolder(tier);
  const before = readStored(folder);
  const count = Object.keys(tier.nodes).length * rolesOf(tier.plan).length + 1;
  const ports = before?.ports.length === count ? before.ports : await choosePorts(count, null);
  const [own = 0, ...others] = ports;
  const exporters = exportersOn(tier, others);
  writeObserveFiles(tier, exporters);
  const processes: Record<string, ProcessIdentity> = { ...before?.processes };
  const started: ProcessIdentity[] = [];
  const start = async (
    name: string,
    port: number,
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const known = processes[name];
    if (known && (await isAlive({ kind: 'process', ...known }))) return;
    options.signal?.throwIfAborted();
    options.onProgress?.(`starting ${name}`);
    if ((await takenOf([port])) !== null)
      throw new MachineError(`port ${port} of ${name} is taken; end what listens there, then try again`);
    const identity = await launchProgram({ name, program, args, env, folder, output: join(folder, `${name}.log`) });
    started.push(identity);
    processes[name] = identity;
    writeStored(folder, { ports, processes });
  };
  try {
    for (const one of exporters) {
      await start(
        `exporter-${one.role}-${one.letter}`,
        one.port,
        programs.exporter,
        [],
        exporterEnvironment(tier, one),
      );
    }
    await start('prometheus', own, programs.prometheus, argumentsOf(folder, own), {});
    await waitUntilReady(own, processes['prometheus'], folder);
    // A Prometheus that ran already has not read what a changed config says.
    if (processes['prometheus'] === before?.processes['prometheus'])
      await fetch(`http://127.0.0.1:${own}/-/reload`, { method: 'POST' });
  } catch (cause) {
    await Promise.all(started.map((identity) => stop({ kind: 'process', ...identity })));
    throw cause;
  }
  return { ...describe(folder, own, exporters), started: started.length };
}

/** Ends what measures a tier; none is fine. */
export async function stopObserving(
  layout: LocalTier['layout'],
  onProgress?: (message: string) => void,
): Promise<number> {
  const folder = observeFolder({ layout });
  const stored = readStored(folder);
  let stopped = 0;
  for (const [name, identity] of Object.entries(stored?.processes ?? {})) {
    if (!(await isAlive({ kind: 'process', ...identity }))) continue;
    onProgress?.(`stopping ${name}`);
    await stop({ kind: 'process', ...identity });
    stopped += 1;
  }
  if (stored) writeStored(folder, { ...stored, processes: {} });
  return stopped;
}

function describe(folder: string, port: number, exporters: readonly Exporter[]): Omit<Observation, 'started'> {
  return {
    prometheus: `http://127.0.0.1:${port}`,
    dashboard: join(folder, 'grafana-dashboard.json'),
    exporters: exporters.map((one) => `http://127.0.0.1:${one.port}/metrics`),
  };
}

function argumentsOf(folder: string, port: number): readonly string[] {
  return [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=2d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-lifecycle',
  ];
}

async function waitUntilReady(port: number, identity: ProcessIdentity | undefined, folder: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
    if (answer?.ok) return;
    const alive = identity !== undefined && (await isAlive({ kind: 'process', ...identity }));
    if (!alive || Date.now() > deadline) {
      throw new MachineError(`Prometheus does not become ready: ${lastLines(join(folder, 'prometheus.log'))}`);
    }
    await delay(100);
  }
}

function readStored(folder: string): Stored | null {
  const text = readText(join(folder, 'processes.json'));
  if (text === null) return null;
  try {
    return JSON.parse(text) as Stored;
  } catch {
    throw new MachineError(
      `${join(folder, 'processes.json')} is damaged; end its processes by hand and remove the file`,
    );
  }
}

function writeStored(folder: string, stored: Stored): void {
  writePrivately(join(folder, 'processes.json'), `${JSON.stringify(stored, null, 2)}\n`);
}
