import { livingPrimary, refuseEmptyPrimary, writtenPrimary } from './primary';
import type { Server } from './start';
import type { LocalTier, Role } from './tier';

/** Starts one server; a Valkey under the primary of that letter. */
export type Start = (server: Server, primary: string) => Promise<void>;

/**
 * Starts the servers that do not run, each under the right primary.
 *
 * Where some Valkeys run, Sentinels come first, since they decide who is primary; else they come last, since they would
 * call a primary down that has not started yet.
 *
 * @throws MachineError when no primary can be told without guessing
 */
export async function startMissing(
  tier: LocalTier,
  running: readonly Server[],
  { created, signal }: { readonly created: boolean; readonly signal?: AbortSignal },
  start: Start,
): Promise<void> {
  const lettersOf = (role: Role): string[] => running.filter((server) => server.role === role).map(({ letter }) => letter);
  const startAll = async (role: Role, primary: string): Promise<void> => {
    const down = Object.keys(tier.nodes).filter((letter) => !lettersOf(role).includes(letter));
    const primaryFirst = down.sort((a, b) => Number(b === primary) - Number(a === primary));
    for (const letter of primaryFirst) await start({ letter, role }, primary);
  };
  const valkeys = lettersOf('valkey');
  if (valkeys.length === 0) {
    const primary = created ? tier.plan.target.firstPrimary : writtenPrimary(tier);
    refuseEmptyPrimary(tier, primary);
    await startAll('valkey', primary);
    await startAll('sentinel', primary);
  } else {
    await startAll('sentinel', tier.plan.target.firstPrimary);
    if (valkeys.length < Object.keys(tier.nodes).length) await startAll('valkey', await livingPrimary(tier, valkeys, signal));
  }
}
