import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheTierPlan } from '../tier';
import {
  hasNodes,
  hasSentinel,
  type NodeAddress,
  type NodePlacement,
  type NodeSecrets,
  type NodesTierPlan,
} from '../node';
import { readText, writePrivately } from './disk';
import { MachineError } from './errors';
import type { Handle } from './launcher';
import { type Layout, placementOf } from './layout';

/** A tier on this machine, as it was last brought up. */
export interface LocalTier {
  readonly layout: Layout;
  readonly plan: NodesTierPlan;
  readonly nodes: Readonly<Record<string, NodeAddress>>;
  readonly secrets: NodeSecrets;
}

/** The two servers that a node can have. */
export const roles = ['valkey', 'sentinel'] as const;

/** One of the two servers of a node. */
export type Role = (typeof roles)[number];

/** The servers of each node of a tier: one node alone has no Sentinel. */
export function rolesOf(plan: NodesTierPlan): readonly Role[] {
  return hasSentinel(plan) ? roles : ['valkey'];
}

/** A server that was started, and how to find it. */
export interface Started {
  readonly handle: Handle;
}

/** Settings of a server by name, as text. */
export type Settings = Readonly<Record<string, string>>;

interface Stored {
  readonly format: 'cachetier.local/1';
  readonly plan: CacheTierPlan;
  readonly nodes: Readonly<Record<string, NodeAddress>>;
}

/** Whether a tier was made in the folder. */
export function tierExists(layout: Layout): boolean {
  return existsSync(layout.tier);
}

/**
 * Reads a tier from its folder.
 *
 * @throws MachineError when there is none, or its files are damaged
 */
export function readTier(layout: Layout): LocalTier {
  const [stored, secrets] = [readJson(layout.tier) as Stored | null, readJson(layout.secrets) as NodeSecrets | null];
  if (stored === null) throw new MachineError(`no tier in ${layout.folder}; start one with: cachetier up FILE`);
  if (stored.format !== 'cachetier.local/1' || secrets === null || !hasNodes(stored.plan)) {
    throw new MachineError(
      `${layout.folder} is incomplete or of another version; remove it with: cachetier down --delete-data`,
    );
  }
  return { layout, plan: stored.plan, nodes: stored.nodes, secrets };
}

/** Writes what the tier is; the secrets lie apart, in a file of mode 0600 like the rest. */
export function writeTier({ layout, plan, nodes, secrets }: LocalTier): void {
  const stored: Stored = { format: 'cachetier.local/1', plan, nodes };
  writePrivately(layout.secrets, `${JSON.stringify(secrets, null, 2)}\n`);
  writePrivately(layout.tier, `${JSON.stringify(stored, null, 2)}\n`);
}

/** The placement of a node of the tier. */
export function placementIn(tier: Pick<LocalTier, 'layout' | 'nodes'>, letter: string): NodePlacement {
  return placementOf(tier.layout, tier.nodes, letter);
}

/** The server that was started, whether it still runs or not. */
export function readStarted(tier: Pick<LocalTier, 'layout' | 'nodes'>, letter: string, role: Role): Started | null {
  return readJson(startedFile(tier, letter, role)) as Started | null;
}

/** The file that says which process is which server. */
export function startedFile(tier: Pick<LocalTier, 'layout' | 'nodes'>, letter: string, role: Role): string {
  return join(placementIn(tier, letter).folders.run, `${role}.json`);
}

/** The settings that a server has, or had when it was stopped. */
export function readSettings(tier: Pick<LocalTier, 'layout' | 'nodes'>, letter: string, role: Role): Settings {
  return (readJson(settingsFile(tier, letter, role)) ?? {}) as Settings;
}

/** Notes the settings that a server has. */
export function writeSettings(
  tier: Pick<LocalTier, 'layout' | 'nodes'>,
  letter: string,
  role: Role,
  settings: Settings,
): void {
  writePrivately(settingsFile(tier, letter, role), `${JSON.stringify(settings, null, 2)}\n`);
}

function settingsFile(tier: Pick<LocalTier, 'layout' | 'nodes'>, letter: string, role: Role): string {
  return join(placementIn(tier, letter).folders.config, `${role}.settings.json`);
}

function readJson(path: string): unknown {
  const text = readText(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MachineError(`${path} is damaged; remove the tier with: cachetier down --delete-data`);
  }
}
