import type { Runtime } from './binaries';
import type { Launch } from './launcher';
import { run } from './run';

/** Arguments that start a server in a container of its own, on the host's network and the tier's own folder. */
export async function containerArgs(runtime: Runtime, launch: Launch): Promise<readonly string[]> {
  const engine = runtime.program.endsWith('podman') ? 'podman' : 'docker';
  const rootless = engine === 'docker' && (await isRootless(runtime.program));
  return renderContainerArgs(runtime, launch, {
    engine,
    rootless,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  });
}

/** What decides how files of the container belong to this account. */
export interface ContainerHost {
  readonly engine: 'docker' | 'podman';
  /** A rootless Docker maps the container's root to this account. */
  readonly rootless: boolean;
  readonly uid: number;
  readonly gid: number;
}

/** The arguments, from what is known of the engine. */
export function renderContainerArgs({ image }: Runtime, launch: Launch, host: ContainerHost): readonly string[] {
  const account = host.rootless ? ['--user', '0:0'] : ['--user', `${host.uid}:${host.gid}`];
  return [
    'run',
    '--detach',
    '--name',
    launch.name,
    '--network',
    'host',
    '--volume',
    `${launch.folder}:${launch.folder}`,
    '--workdir',
    launch.folder,
    // SELinux would otherwise deny the folder; relabelling it would change the user's own files.
    '--security-opt',
    'label=disable',
    ...(host.engine === 'podman' && host.uid !== 0 ? ['--userns', 'keep-id'] : []),
    ...account,
    // The image's own entry point changes account and owner.
    '--entrypoint',
    'valkey-server',
    image ?? '',
    launch.config,
    ...(launch.sentinel ? ['--sentinel'] : []),
  ];
}

async function isRootless(engine: string): Promise<boolean> {
  const info = await run(engine, ['info', '--format', '{{.SecurityOptions}}'], { timeoutMs: 20_000 });
  return info.stdout.includes('rootless');
}
