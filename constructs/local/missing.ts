import { livingPrimary, refuseEmptyPrimary, writtenPrimary } from './primary';
import type { Launching, Server } from './start';
import { type LocalTier, type Role, rolesOf } from './tier';

/**
 * Starts the servers that do not run, each Valkey under the right primary.
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
  start: (server: Launching) => Promise<void>,
): Promise<void> {
  const lettersOf = (role: Role): string[] =>
    running.filter((server) => server.role === role).map(({ letter }) => letter);
  const downOf = (role: Role): string[] =>
    rolesOf(tier.plan).includes(role)
      ? Object.keys(tier.nodes).filter((letter) => !lettersOf(role).includes(letter))
      : [];
  const startSentinels = async (): Promise<void> => {
    for (const letter of downOf('sentinel')) await start({ letter, role: 'sentinel' });
  };
  const startValkeys = async (primary: string): Promise<void> => {
    const primaryFirst = downOf('valkey').sort((a, b) => Number(b === primary) - Number(a === primary));
    for (const letter of primaryFirst) await start({ letter, role: 'valkey', primary });
  };
  const valkeys = lettersOf('valkey');
  if (valkeys.length === 0) {
    const primary =
      created || !rolesOf(tier.plan).includes('sentinel') ? tier.plan.target.firstPrimary : writtenPrimary(tier);
    refuseEmptyPrimary(tier, primary);
    await startValkeys(primary);
    await startSentinels();
  } else {
    await startSentinels();
    if (downOf('valkey').length > 0) await startValkeys(await livingPrimary(tier, valkeys, signal));
  }
}
