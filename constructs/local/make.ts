import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lettersOf, type NodesTierPlan } from '../node';
import { writePrivately } from './disk';
import { MachineError } from './errors';
import { addressesOf, type Layout, passwordFile } from './layout';
import { writeFiles } from './live';
import { choosePorts } from './ports';
import type { Server } from './start';
import { type LocalTier, placementIn, roles, writeTier } from './tier';
import { passwordsOf } from './users';

/** A new tier, with ports and secrets of its own; nothing is written yet. */
export async function makeTier(plan: NodesTierPlan, layout: Layout): Promise<LocalTier> {
  const letters = lettersOf(plan);
  const ports = await choosePorts(letters.length * roles.length, askedPort(plan));
  // Loads the certificate library, which only a new tier needs.
  const { makeSecrets } = require('./secrets') as typeof import('./secrets');
  return { layout, plan, nodes: addressesOf(letters, ports), secrets: await makeSecrets(plan) };
}

/** The tier as the plan has it now: its addresses and secrets stay, users come and go. */
export function renewTier(tier: LocalTier, plan: NodesTierPlan): LocalTier {
  return { ...tier, plan, secrets: { ...tier.secrets, users: passwordsOf(plan, tier.secrets.users) } };
}

/** Writes everything of the tier but what its servers rewrite themselves, and says whose users have changed. */
export function writeTierFiles(tier: LocalTier): readonly Server[] {
  writeTier(tier);
  writePrivately(tier.layout.ca, tier.secrets.caCertificate, 0o644);
  for (const [user, password] of Object.entries(tier.secrets.users))
    writePrivately(passwordFile(tier.layout, user), password);
  forgetFormerUsers(tier);
  return Object.keys(tier.nodes).flatMap((letter) => {
    mkdirSync(placementIn(tier, letter).folders.config, { recursive: true, mode: 0o700 });
    return writeFiles(tier, letter).map((role) => ({ letter, role }));
  });
}

/**
 * Refuses a folder that holds something else.
 *
 * @throws MachineError
 */
export function refuseForeignFolder(layout: Layout): void {
  if (existsSync(layout.folder) && readdirSync(layout.folder).length > 0) {
    throw new MachineError(`${layout.folder} is not empty and holds no tier; choose another folder by --dir`);
  }
}

/**
 * Refuses a change that a tier cannot take: another identity, other nodes, other ports.
 *
 * @returns the tier
 * @throws MachineError
 */
export function refuseOther(tier: LocalTier, asked: NodesTierPlan): LocalTier {
  const { plan, nodes } = tier;
  const anew = 'use another folder by --dir, or remove the tier by down --delete-data';
  if (plan.identity !== asked.identity)
    throw new MachineError(`the folder holds the tier ${plan.identity}, got ${asked.identity}; ${anew}`);
  const [has, wants] = [Object.keys(nodes).join(' '), lettersOf(asked).join(' ')];
  if (has !== wants) throw new MachineError(`the tier has the nodes ${has}, the config asks for ${wants}; ${anew}`);
  const [first, port] = [Object.values(nodes)[0]?.valkeyPort, askedPort(asked)];
  if (port !== null && port !== first)
    throw new MachineError(`the tier has its ports from ${first} on, the config asks for ${port}; ${anew}`);
  return tier;
}

function askedPort({ target }: NodesTierPlan): number | null {
  return target.kind === 'local' ? target.port : null;
}

function forgetFormerUsers({ layout, secrets }: LocalTier): void {
  const folder = dirname(passwordFile(layout, 'any'));
  for (const name of readdirSync(folder)) if (!(name in secrets.users)) rmSync(join(folder, name));
}
