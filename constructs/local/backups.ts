import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { backupPrograms, keeperFiles } from '../node';
import { type BackupOrder, toArguments } from '../tier/backup-order';
import { fetchPackages } from './distribution/fetch';
import { fetchValkey } from './distribution/valkey';
import { MachineError } from './errors';
import { findOnPath } from './programs';
import { complaint, type Finished, run } from './run';

/** The buckets of a tier as this machine reaches them, with no node between. */
export interface LocalBackups {
  /** What the buckets hold: the JSON of `cachetier-backup list --json`. */
  list(tier?: string): Promise<Finished>;
  /** Writes a backup to a file: a plain RDB. */
  export(order: BackupOrder, file: string): Promise<Finished>;
  /** Opens a backup in a throw-away Valkey on a socket that only this user reaches; call `end` when done. */
  look(order: BackupOrder): Promise<{ readonly socket: string; readonly client: string; readonly end: () => void }>;
  /** Removes what was written, the keys first. */
  close(): void;
}

const needed = {
  packages: ['age', 'rclone'],
  programs: ['age', 'rclone'],
} as const;
const valkeyPrograms = ['valkey-server', 'valkey-cli', 'valkey-check-rdb', 'valkey-check-aof'] as const;

/**
 * The programs that run on the nodes, run here: one way to read a backup, wherever it is read. Keys lie in a folder of
 * this user alone for as long as it is open.
 *
 * @param settings - `backup` of the description of the tier
 * @throws MachineError when a program is missing and cannot be fetched, with what to install
 */
export async function openBackups(
  settings: string,
  onProgress: (message: string) => void = () => undefined,
): Promise<LocalBackups> {
  const path = await programPath(onProgress);
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-backup-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', close);
  // As they lie on a node: modules in their folders, commands beside them.
  for (const { path: name, content } of [...keeperFiles, ...backupPrograms]) {
    const place = name.endsWith('.py') ? join(folder, basename(dirname(name))) : folder;
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, basename(name)), content);
  }
  writeFileSync(join(folder, 'backup.json'), settings, { mode: 0o600 });
  const env = {
    ...process.env,
    PATH: path,
    CACHETIER_ETC: folder,
    CACHETIER_LIB: folder,
    STATE_DIRECTORY: folder,
    CREDENTIALS_DIRECTORY: folder,
    AWS_CA_BUNDLE: '',
  };
  const command = (args: readonly string[]): Promise<Finished> =>
    run('python3', ['-B', join(folder, 'cachetier-backup'), ...args], { env });
  return {
    list: (tier) => command(['list', '--json', ...(tier === undefined ? [] : ['--tier', tier])]),
    export: (order, file) => command(['export', ...toArguments(order), file]),
    look: async (order) => {
      const data = join(folder, 'data');
      mkdirSync(data);
      const fetched = await command(['fetch', ...toArguments(order), data]);
      if (fetched.status !== 0) throw new MachineError(complaint(fetched));
      return start(path, data);
    },
    close: () => {
      process.removeListener('exit', close);
      close();
    },
  };
}

/** A replica of nobody, so that no key ends while it is looked at. */
async function start(
  path: string,
  data: string,
): Promise<{ readonly socket: string; readonly client: string; readonly end: () => void }> {
  const socket = join(data, 'socket');
  const appendonly = (await run('test', ['-d', join(data, 'appendonlydir')])).status === 0 ? 'yes' : 'no';
  const settings = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', data, '--save', ''];
  const child = spawn(
    'valkey-server',
    [...settings, '--appendonly', appendonly, '--replicaof', '127.0.0.1', '1', '--logfile', join(data, 'log')],
    { env: { PATH: path }, stdio: 'ignore' },
  );
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const ready = await run(
    'sh',
    [
      '-c',
      'until valkey-cli -s "$0" INFO persistence 2>/dev/null | grep -q "^loading:0"; do kill -0 "$1" || exit 1; sleep 0.1; done',
      socket,
      String(child.pid),
    ],
    { env: { PATH: path } },
  );
  if (ready.status !== 0) throw new MachineError(`Valkey does not read the backup; see ${join(data, 'log')}`);
  return { socket, client: findOnPath('valkey-cli', path) ?? 'valkey-cli', end };
}

/** What is installed here comes first; the rest is fetched from the distribution, without root. */
async function programPath(onProgress: (message: string) => void): Promise<string> {
  const path = process.env['PATH'] ?? '';
  if (findOnPath('python3') === null) throw new MachineError('python3 is not on PATH; install it, then try again');
  const folders: string[] = [];
  try {
    if (needed.programs.some((name) => findOnPath(name) === null))
      folders.push((await fetchPackages(needed, { onProgress })).bin);
    if (valkeyPrograms.some((name) => findOnPath(name) === null)) folders.push((await fetchValkey({ onProgress })).bin);
  } catch (error) {
    throw new MachineError(
      `reading a backup needs age, rclone and Valkey, which could not be fetched: ${(error as Error).message}; install them, then try again`,
    );
  }
  return [path, ...folders].filter(Boolean).join(':');
}
