import { randomBytes } from 'node:crypto';
import type { NodesTierPlan, NodeSecrets } from '../node';

/** A password for each user of the plan; a user that was there keeps its own. */
export function passwordsOf(plan: NodesTierPlan, earlier: NodeSecrets['users']): NodeSecrets['users'] {
  return Object.fromEntries(plan.access.users.map(({ name }) => [name, earlier[name] ?? password()]));
}

/** 192 bits in characters that no config file needs to quote. */
export function password(): string {
  return randomBytes(24).toString('base64url');
}
