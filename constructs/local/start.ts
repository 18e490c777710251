import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sentinelTuning } from '../node';
import type { Runtime } from './binaries';
import { withClient } from './connection';
import { readText, writePrivately } from './disk';
import { MachineError } from './errors';
import { type Handle, isAlive, kill, launch, stop } from './launcher';
import { takenOf } from './ports';
import { refreshSentinelConf, refreshValkeyConf, settingsOf } from './settings';
import { type LocalTier, placementIn, readStarted, type Role, type Started, startedFile, writeSettings } from './tier';

/** One server of one node. */
export interface Server {
  readonly letter: string;
  readonly role: Role;
}

/** A server to start; a Valkey under the node that is primary, itself or another. A Sentinel goes by what it knows. */
export type Launching =
  | { readonly letter: string; readonly role: 'sentinel' }
  | { readonly letter: string; readonly role: 'valkey'; readonly primary: string };

/** A server that was just started. */
export interface StartedServer extends Server {
  readonly handle: Handle;
}

/** A server that runs, and what was noted of it. */
export interface RunningServer extends Server {
  readonly started: Started;
}

/** The servers of the tier that run now. */
export async function runningServers(tier: LocalTier): Promise<readonly RunningServer[]> {
  const all = Object.keys(tier.nodes).flatMap((letter) =>
    (['valkey', 'sentinel'] as const).map((role) => ({ letter, role })),
  );
  const found = await Promise.all(
    all.map(async (server) => {
      const started = readStarted(tier, server.letter, server.role);
      return started && (await isAlive(started.handle)) ? [{ ...server, started }] : [];
    }),
  );
  return found.flat();
}

/** Starts one server and notes which process it is. */
export async function startServer(tier: LocalTier, runtime: Runtime, server: Launching): Promise<StartedServer> {
  const { letter, role } = server;
  const { folders } = placementIn(tier, letter);
  for (const folder of [folders.data, folders.log, folders.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  await discardEarlier(tier, server);
  await refusePort(tier, server);
  if (server.role === 'sentinel') refreshSentinelConf(tier, letter);
  else refreshValkeyConf(tier, letter, server.primary);
  const handle = await launch(runtime, {
    name: `cachetier-${tier.plan.target.primaryName}-${letter}-${role}`,
    config: join(folders.config, `${role}.conf`),
    sentinel: role === 'sentinel',
    folder: tier.layout.folder,
    output: join(folders.log, `${role}.out`),
  });
  try {
    writePrivately(startedFile(tier, letter, role), JSON.stringify({ handle } satisfies Started));
    writeSettings(tier, letter, role, settingsOf(tier.plan, role));
  } catch (error) {
    await stop(handle);
    throw error;
  }
  return { letter, role, handle };
}

/** Settings of Sentinel that no file has, so that it knows replicas and notices a lost node sooner. */
export async function tuneSentinel(tier: LocalTier, letter: string): Promise<void> {
  await withClient(tier, letter, 'sentinel', async (client) => {
    for (const [command = '', ...args] of sentinelTuning) await client.call(command, ...args);
  });
}

/** Why a server that was started has ended, from what it wrote last; passwords never appear. */
export function lastWords(tier: LocalTier, { letter, role }: Server): string {
  const { log } = placementIn(tier, letter).folders;
  const text = [role === 'valkey' ? 'valkey-server.log' : 'valkey-sentinel.log', `${role}.out`]
    .map((name) => readText(join(log, name)) ?? '')
    .join('\n');
  const { users, internal } = tier.secrets;
  const secrets = [...Object.values(users), ...Object.values<string>({ ...internal })];
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-4)
    .join('; ');
  return secrets.reduce((said, secret) => said.replaceAll(secret, '***'), lines);
}

/** A container that ended keeps its name until it is removed. */
async function discardEarlier(tier: LocalTier, { letter, role }: Server): Promise<void> {
  const earlier = readStarted(tier, letter, role);
  if (earlier?.handle.kind === 'container') await kill(earlier.handle);
}

async function refusePort(tier: LocalTier, { letter, role }: Server): Promise<void> {
  const node = tier.nodes[letter];
  const port = role === 'valkey' ? node?.valkeyPort : node?.sentinelPort;
  if (port !== undefined && (await takenOf([port])) !== null) {
    throw new MachineError(
      `port ${port} of ${role} ${letter} is taken by another program; stop that, or give the tier other ports by down --delete-data and up`,
    );
  }
}
