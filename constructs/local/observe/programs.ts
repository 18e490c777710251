import { fetchPackages } from '../distribution/fetch';
import { MachineError } from '../errors';
import { findOnPath } from '../programs';
import { run } from '../run';

/** Programs that measure a tier on this machine. */
export interface Observers {
  readonly prometheus: string;
  readonly exporter: string;
}

/** Packages of Debian and Ubuntu that hold them. */
const packages = {
  packages: ['prometheus', 'prometheus-redis-exporter'],
  programs: ['prometheus', 'prometheus-redis-exporter'],
} as const;

/**
 * Prometheus and the exporter: installed, else fetched from the distribution without root.
 *
 * @throws MachineError with what was tried and the command that installs them
 */
export async function findObservers(onProgress?: (message: string) => void): Promise<Observers> {
  const prometheus = findOnPath('prometheus');
  const exporter = findOnPath('prometheus-redis-exporter') ?? findOnPath('redis_exporter');
  if (prometheus && exporter && (await runs(prometheus)) && (await runs(exporter))) return { prometheus, exporter };
  try {
    const { bin } = await fetchPackages(packages, onProgress ? { onProgress } : {});
    return { prometheus: `${bin}/prometheus`, exporter: `${bin}/prometheus-redis-exporter` };
  } catch (cause) {
    throw new MachineError(
      `no Prometheus with its exporter on this machine: ${(cause as Error).message}\n` +
        'install them, then try again: sudo apt install prometheus prometheus-redis-exporter',
    );
  }
}

/** A wrapper of a version manager may be on `PATH` for a program that is not there. */
async function runs(program: string): Promise<boolean> {
  return (await run(program, ['--version'], { timeoutMs: 20_000 })).status === 0;
}
