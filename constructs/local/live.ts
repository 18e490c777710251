import { existsSync } from 'node:fs';
import { renderConfigFiles } from '../node';
import { withClient } from './connection';
import { readText, writePrivately } from './disk';
import { compareSettings, settingsOf } from './settings';
import type { RunningServer, Server } from './start';
import { type LocalTier, placementIn, readSettings, type Role, writeSettings } from './tier';

/** What a running server was given, and what it takes only at its next start. */
export interface LiveChange {
  readonly applied: readonly string[];
  readonly needsRestart: readonly string[];
}

/** Gives running servers what has changed: users where their file has, and settings. */
export async function updateRunning(
  tier: LocalTier,
  running: readonly RunningServer[],
  usersChanged: readonly Server[],
): Promise<LiveChange> {
  const changes: LiveChange[] = [];
  for (const { letter, role } of running) {
    if (usersChanged.some((server) => server.letter === letter && server.role === role))
      await reloadUsers(tier, letter, role);
    changes.push(await applyLive(tier, letter, role));
  }
  const unique = (pick: (change: LiveChange) => readonly string[]): string[] => [...new Set(changes.flatMap(pick))];
  return { applied: unique(({ applied }) => applied), needsRestart: unique(({ needsRestart }) => needsRestart) };
}

/** Gives a running server the settings of the plan as far as it takes them while it runs. */
async function applyLive(tier: LocalTier, letter: string, role: Role): Promise<LiveChange> {
  const has = readSettings(tier, letter, role);
  const { changed, dropped } = compareSettings(has, settingsOf(tier.plan, role));
  if (changed.length === 0 && dropped.length === 0) return { applied: [], needsRestart: [] };
  const [settings, applied, needsRestart] = [{ ...has }, [] as string[], [...dropped]];
  await withClient(tier, letter, role, async (client) => {
    for (const [name, value] of changed) {
      try {
        if (role === 'valkey') await client.config('SET', name, value);
        else await client.call('SENTINEL', 'SET', tier.plan.target.primaryName, name, value);
        settings[name] = value;
        applied.push(name);
      } catch {
        needsRestart.push(name);
      }
    }
    if (role === 'valkey' && applied.length > 0) await client.config('REWRITE');
  });
  writeSettings(tier, letter, role, settings);
  return { applied, needsRestart };
}

/** Files that hold users, by the server that reads them. */
const userFiles = { valkey: 'users.acl', sentinel: 'sentinel-users.acl' } as const;

/**
 * Writes the files of a node: all of a new one; of one that was there only what the servers do not rewrite themselves.
 *
 * @returns the servers whose users have changed
 */
export function writeFiles(tier: LocalTier, letter: string): readonly Role[] {
  const placement = placementIn(tier, letter);
  const changed = renderConfigFiles(tier.plan, letter, placement, tier.secrets).filter((file) => {
    if (file.seedOnce ? existsSync(file.path) : readText(file.path) === file.content) return false;
    writePrivately(file.path, file.content, parseInt(file.mode, 8));
    return true;
  });
  const { config } = placement.folders;
  return (['valkey', 'sentinel'] as const).filter((role) =>
    changed.some(({ path }) => path === `${config}/${userFiles[role]}`),
  );
}

/** Makes a running server read its users again; those that are gone lose their connections. */
async function reloadUsers(tier: LocalTier, letter: string, role: Role): Promise<void> {
  await withClient(tier, letter, role, (client) => client.call('ACL', 'LOAD'));
}
