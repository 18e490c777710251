import { fetchValkey } from './distribution/valkey';
import { MachineError } from './errors';
import { findOnPath } from './programs';
import { complaint, run } from './run';

/** What runs Valkey and Sentinel on this machine. */
export interface Runtime {
  /** `path`: installed here; `distribution`: unpacked from its packages into the cache; `container`: an image. */
  readonly kind: 'path' | 'distribution' | 'container';
  /** `valkey-server`, or the container engine. */
  readonly program: string;
  /** Image of a container, else null. */
  readonly image: string | null;
  /** Such as `8.1.1`; of an image its tag. */
  readonly version: string;
}

/** How Valkey is looked for. */
export interface FindOptions {
  /** @default - nothing is reported */
  readonly onProgress?: (message: string) => void;
  /** @default - the environment's `PATH` */
  readonly path?: string;
  /** Kinds that may be used, the first that works is. @default - all, in this order: path, distribution, container */
  readonly kinds?: readonly Runtime['kind'][];
}

/** Oldest release that the files of the nodes are written for. */
const OLDEST: readonly [number, number] = [7, 2];

/**
 * Valkey 7.2 or newer with TLS: installed, else fetched from the distribution without root, else by a container engine.
 *
 * @param version - `major.minor` of the plan; it decides the image, and is otherwise a wish
 * @throws MachineError with what was tried and the command that installs Valkey
 */
export async function findValkey(version: string, options: FindOptions = {}): Promise<Runtime> {
  const tried: string[] = [];
  for (const kind of options.kinds ?? ['path', 'distribution', 'container']) {
    const found = await finders[kind](version, options).catch((error: unknown) => String((error as Error).message));
    if (typeof found !== 'string') return found;
    tried.push(found);
  }
  throw new MachineError(`no Valkey ${OLDEST.join('.')} or newer on this machine: ${tried.join('; ')}\n${installHelp}`);
}

/** How Valkey is installed where nothing else worked. */
export const installHelp = [
  'install it, then try again:',
  '  Debian 13 or newer     sudo apt install valkey-server valkey-sentinel',
  '  Ubuntu 24.04 or newer  sudo apt install valkey-server valkey-sentinel',
  '  Fedora                 sudo dnf install valkey',
  '  macOS                  brew install valkey',
].join('\n');

type Finder = (version: string, options: FindOptions) => Promise<Runtime | string>;

const finders: Record<Runtime['kind'], Finder> = {
  path: onPath,
  distribution: fromDistribution,
  container: inContainer,
};

async function onPath(_version: string, { path }: FindOptions): Promise<Runtime | string> {
  const program = findOnPath('valkey-server', path);
  return program === null ? 'valkey-server is not on PATH' : examine('path', program);
}

async function fromDistribution(_version: string, { onProgress }: FindOptions): Promise<Runtime | string> {
  const tree = await fetchValkey({ onProgress });
  return examine('distribution', `${tree.bin}/valkey-server`);
}

/** A program that exists may still be too old, or be built without TLS. */
async function examine(kind: Runtime['kind'], program: string): Promise<Runtime | string> {
  const said = await run(program, ['--version'], { timeoutMs: 10_000 });
  const version = /v=(\d+)\.(\d+)(\.\d+)*/.exec(said.stdout);
  if (!version) return `${program} does not tell its version: ${complaint(said)}`;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const name = version[0].slice(2);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return `${program} is ${name}, needed is ${OLDEST.join('.')} or newer`;
  if (!(await knowsTls(program))) return `${program} is built without TLS`;
  return { kind, program, image: null, version: name };
}

/** A config that ends in an unknown line stops the server before it does anything, at the first line it does not know. */
async function knowsTls(program: string): Promise<boolean> {
  const said = await run(program, ['-'], { input: 'port 0\ntls-port 0\ncachetier-probe yes\n', timeoutMs: 10_000 });
  return `${said.stdout}${said.stderr}`.includes("'cachetier-probe");
}

/**
 * A container shares the host's network, because the nodes find each other, and clients find them, at the same
 * addresses; an engine inside a virtual machine, as on macOS, cannot do that.
 */
async function inContainer(version: string): Promise<Runtime | string> {
  if (process.platform !== 'linux') return 'a container engine is used on Linux only';
  const refusals: string[] = [];
  for (const engine of ['docker', 'podman']) {
    const program = findOnPath(engine);
    if (program === null) continue;
    const info = await run(program, ['info'], { timeoutMs: 20_000 });
    const image = `docker.io/valkey/valkey:${version}`;
    if (info.status === 0) return { kind: 'container', program, image, version };
    refusals.push(`${engine} does not work: ${complaint(info, 1)}`);
  }
  return refusals.join('; ') || 'no container engine (docker, podman) is on PATH';
}
