import * as local from '../../constructs/local';
import { clientLibrary } from '../../constructs/local/redis';
import '../../constructs/local/secrets';
import { localPlan } from './local-tier';

/**
 * Brings a tier up and down as an ordinary user, with a cache of its own; prints what it saw as JSON.
 *
 * Everything is loaded before root is given up, since the checkout may lie in a folder that others cannot read.
 *
 * Arguments: user id, folder of the tier. `XDG_CACHE_HOME` is the cache.
 */
async function main(uid: number, folder: string): Promise<void> {
  clientLibrary();
  const plan = localPlan();
  if (process.getuid?.() === 0) {
    process.setgroups?.([]);
    process.setgid?.(uid);
    process.setuid?.(uid);
  }
  const { tier, runtime } = await local.up(plan, { folder, find: { kinds: ['distribution'] } });
  const now = await local.status(tier);
  const done = await local.down(tier.layout, { deleteData: true });
  process.stdout.write(
    JSON.stringify({ uid: process.getuid?.(), runtime, healthy: now.healthy, stopped: done.stopped }),
  );
}

void main(Number(process.argv[2]), process.argv[3] ?? '');
