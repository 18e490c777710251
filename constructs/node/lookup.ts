import type { NodeAddress, NodePlacement } from './placement';
import type { NodeSecrets } from './secrets';

/**
 * Address and ports of a node.
 *
 * @throws Error when the placement has no node of that letter
 */
export function addressOf(placement: NodePlacement, letter: string): NodeAddress {
  const address = placement.nodes[letter];
  if (!address) throw new Error(`no node "${letter}" in the placement, got ${Object.keys(placement.nodes).join(', ')}`);
  return address;
}

/**
 * Password of a user of the config.
 *
 * @throws Error when it is missing
 */
export function userPassword(secrets: NodeSecrets, user: string): string {
  const password = secrets.users[user];
  if (!password) throw new Error(`no password for user "${user}"; give one in secrets.users`);
  return password;
}

/**
 * Certificate and key of a node.
 *
 * @throws Error when they are missing
 */
export function nodeCertificate(secrets: NodeSecrets, letter: string): NodeSecrets['nodes'][string] {
  const pair = secrets.nodes[letter];
  if (!pair) throw new Error(`no certificate for node "${letter}"; give one in secrets.nodes`);
  return pair;
}
