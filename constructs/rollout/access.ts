/** How the nodes of a tier are reached by SSH. A secret: it holds the key of the deployment. */
export interface RolloutAccess {
  /** Name of the tier with its stage, for messages. */
  readonly tier: string;
  /** Login on the nodes. */
  readonly user: string;
  /** Private key in OpenSSH format. */
  readonly privateKey: string;
  readonly nodes: readonly NodeAccess[];
  /**
   * Settings of the backups as the nodes have them, as JSON: buckets, their keys and the keys of the backups.
   *
   * @default - none: the tier has no bucket
   */
  readonly backup?: string;
}

/** How one node is reached. */
export interface NodeAccess {
  readonly letter: string;
  /** Address or name. */
  readonly host: string;
  /** @default - 22 */
  readonly port?: number;
  /** Public host key, such as `ssh-ed25519 AAAA…`: no other is accepted. */
  readonly hostKey: string;
}

/**
 * Reads the description that the component gives as its output `rollout`.
 *
 * @throws Error naming the field that is missing; never showing a value
 */
export function parseAccess(text: string): RolloutAccess {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('the description of the nodes is not JSON; give the output "rollout" of the stack');
  }
  const access = given as Partial<RolloutAccess> | null;
  for (const field of ['tier', 'user', 'privateKey'] as const) {
    if (typeof access?.[field] !== 'string') throw missing(field);
  }
  if (!Array.isArray(access?.nodes) || access.nodes.length === 0) throw missing('nodes');
  access.nodes.forEach((node: Partial<NodeAccess> | null, index) => {
    for (const field of ['letter', 'host', 'hostKey'] as const) {
      if (typeof node?.[field] !== 'string') throw missing(`nodes[${index}].${field}`);
    }
    // Both become words of a command line of ssh.
    if (!/^[a-z]$/.test(node?.letter ?? '')) throw new Error(`nodes[${index}].letter: one letter is needed`);
    if (!/^[0-9A-Za-z.:][0-9A-Za-z.:-]*$/.test(node?.host ?? ''))
      throw new Error(`nodes[${index}].host: an address or a name is needed`);
  });
  if (!/^[a-z_][a-z0-9_-]*$/.test(access.user ?? '')) throw new Error('user: the name of a login is needed');
  return access as RolloutAccess;
}

function missing(field: string): Error {
  return new Error(`${field}: missing from the description of the nodes; give the output "rollout" of the stack`);
}
