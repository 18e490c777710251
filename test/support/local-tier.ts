import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down, type LocalTier, up, type UpOptions, type UpResult } from '../../constructs/local';
import { plan, type CacheTierConfig, type CacheTierPlan } from '../../constructs/tier';
import { tools } from './tools';

/** A small queue on this machine; what it holds is written to disk. */
export const queue: CacheTierConfig = {
  name: 'orders',
  workload: 'job-queue',
  dataset: '64MiB',
  target: { kind: 'local' },
};

/** The plan of a config for this machine. */
export function localPlan(config: Partial<CacheTierConfig> = {}): CacheTierPlan {
  return plan({ ...queue, ...config }, { kind: 'local' });
}

/** A folder for tiers that is removed with all that runs in it. */
export interface Playground {
  readonly root: string;
  /** Brings a tier up in the folder, with Valkey as the distribution has it. */
  readonly up: (plan?: CacheTierPlan, options?: UpOptions) => Promise<UpResult>;
  readonly clean: () => Promise<void>;
}

/** Makes a playground; call `clean` in `afterAll` or `afterEach`. */
export function playground(): Playground {
  const root = mkdtempSync(join(tmpdir(), 'cachetier-test-'));
  const tiers: LocalTier[] = [];
  return {
    root,
    up: async (asked = localPlan(), options = {}) => {
      await tools();
      const result = await up(asked, { folder: join(root, 'tier'), find: { kinds: ['distribution'] }, ...options });
      tiers.push(result.tier);
      return result;
    },
    clean: async () => {
      for (const { layout } of tiers) await down(layout, { deleteData: true }).catch(() => undefined);
      const left = processesUnder(root);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      rmSync(root, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`processes were left behind: ${left.join(', ')}`);
    },
  };
}

/** Processes that were started with a path under a folder. */
export function processesUnder(folder: string): readonly number[] {
  return commandLines()
    .filter(({ words }) => words.some((word) => word.startsWith(folder)))
    .map(({ pid }) => pid);
}

/** Every process's command line that can be read. */
export function commandLines(): readonly { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ pid: Number(pid), words: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }];
      } catch {
        return [];
      }
    });
}
