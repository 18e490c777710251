import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CacheTierPlan } from '../tier';
import { hasNodes, lettersOf, type NodesTierPlan } from '../node';
import { findValkey, type FindOptions, type Runtime } from './binaries';
import { MachineError } from './errors';
import { stop } from './launcher';
import { type Layout, layoutOf } from './layout';
import { updateRunning } from './live';
import { withLock } from './lock';
import { makeTier, refuseForeignFolder, refuseOther, renewTier, writeTierFiles } from './make';
import { startMissing } from './missing';
import { observe, type Observation } from './observe';
import { type LocalOutputs, outputsOf } from './outputs';
import { runningServers, type Server, type StartedServer, startServer } from './start';
import { type LocalTier, readTier, rolesOf, tierExists } from './tier';
import { waitUntilWhole } from './whole';

/** How a tier is brought up. */
export interface UpOptions {
  /** Folder of the tier. @default - `$XDG_STATE_HOME/cachetier/<name>[-stage]` */
  readonly folder?: string;
  /** Told each step in a few words. */
  readonly onProgress?: (message: string) => void;
  /** Ends the attempt; what it started is stopped. */
  readonly signal?: AbortSignal;
  /** Whether exporters and a Prometheus measure the tier. @default false */
  readonly observe?: boolean;
  /** How Valkey is found. @default - installed, else from the distribution, else by a container engine */
  readonly find?: FindOptions;
  /** How long the tier may take to become whole, in milliseconds; reading data from disk does not count. @default 60000 */
  readonly waitMs?: number;
}

/** A tier that is up and whole. */
export interface UpResult {
  readonly tier: LocalTier;
  readonly outputs: LocalOutputs;
  /** Whether the tier was made by this call. */
  readonly created: boolean;
  /** Servers that this call started. */
  readonly started: readonly Server[];
  /** Settings that running servers were given. */
  readonly applied: readonly string[];
  /** Settings that running servers take only after `down` and `up`. */
  readonly needsRestart: readonly string[];
  /** What measures the tier, where that was asked for. */
  readonly observation: Observation | null;
  /** What runs the servers that this call started, or null where none was. */
  readonly runtime: Runtime | null;
}

/** How long another command may hold the tier. */
const LOCK_MS = 120_000;

/**
 * Brings a tier up on this machine: makes it if there is none, starts what is down, applies what has changed, and waits
 * until there is one primary, every replica is in sync and all Sentinels agree.
 *
 * Existing config files are never seeded again. If it fails, what this call started is stopped, and a tier that this
 * call made is removed.
 *
 * @throws MachineError when Valkey cannot be had, a port is taken, a server ends, the tier does not become whole in
 * time, or the folder holds another tier
 */
export async function up(plan: CacheTierPlan, options: UpOptions = {}): Promise<UpResult> {
  if (!hasNodes(plan) || plan.target.kind !== 'local')
    throw new MachineError(`needed is a plan for this machine, got one for ${plan.kind}`);
  if (process.platform === 'win32') throw new MachineError('Valkey does not run on Windows; use WSL');
  const layout = layoutOf(plan.target.primaryName, options.folder);
  const madeParent = mkdirSync(dirname(layout.folder), { recursive: true, mode: 0o700 });
  const lock = {
    what: `the tier in ${layout.folder}`,
    waitMs: LOCK_MS,
    onWait: (pid: number) => options.onProgress?.(`waiting for process ${pid}, which works on this tier`),
  };
  try {
    return await withLock(layout.lock, lock, () => bringUp(plan, layout, options));
  } catch (error) {
    if (madeParent !== undefined) removeEmpty(dirname(layout.folder), madeParent);
    throw options.signal?.aborted ? options.signal.reason : error;
  }
}

async function bringUp(plan: NodesTierPlan, layout: Layout, options: UpOptions): Promise<UpResult> {
  const created = !tierExists(layout);
  const folderWasThere = existsSync(layout.folder);
  if (created) refuseForeignFolder(layout);
  const started: StartedServer[] = [];
  try {
    const tier = created ? await makeTier(plan, layout) : renewTier(refuseOther(readTier(layout), plan), plan);
    const running = await runningServers(tier);
    const complete = running.length === lettersOf(plan).length * rolesOf(plan).length;
    const runtime = complete
      ? null
      : await findValkey(plan.engine.version, { onProgress: options.onProgress, ...options.find });
    const update = await updateRunning(tier, running, writeTierFiles(tier));
    if (runtime) {
      await startMissing(tier, running, { created, signal: options.signal }, async (server) => {
        options.signal?.throwIfAborted();
        options.onProgress?.(`starting ${server.role} ${server.letter}`);
        started.push(await startServer(tier, runtime, server));
      });
    }
    await waitUntilWhole(tier, started, options);
    const observation = options.observe ? await observe(tier, options) : null;
    const servers = started.map(({ letter, role }) => ({ letter, role }));
    return { tier, outputs: outputsOf(tier), created, started: servers, ...update, observation, runtime };
  } catch (error) {
    await Promise.all(started.map(({ handle }) => stop(handle)));
    if (created && !folderWasThere) rmSync(layout.folder, { recursive: true, force: true });
    else if (created) emptyFolder(layout);
    throw error;
  }
}

function emptyFolder(layout: Layout): void {
  rmSync(layout.folder, { recursive: true, force: true });
  mkdirSync(layout.folder, { mode: 0o700 });
}

/** Removes folders that were made for a tier which is not there now, from the inner to the outer. */
function removeEmpty(folder: string, last: string): void {
  for (let each = folder; each.startsWith(last); each = dirname(each)) {
    try {
      rmdirSync(each);
    } catch {
      return;
    }
  }
}
