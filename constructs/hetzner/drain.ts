import * as pulumi from '@pulumi/pulumi';
import { nodeCommand } from '../node';
import { openSsh } from '../rollout';

/** Hands over, and says whether the node may go for good. */
export const leaveCommand = `${nodeCommand} leave`;

/** What the hook needs of a node. */
export interface DrainedNode {
  readonly letter: string;
  /** Private key of the deployment, in OpenSSH format. */
  readonly deployKey: pulumi.Input<string>;
}

/**
 * Hooks of a server. Pulumi's mocks cannot register a hook, and a program that is tested with them must not fail for it.
 */
export function serverHooks(node: DrainedNode, hostKey: pulumi.Output<string>): pulumi.ResourceHookBinding {
  const monitor = pulumi.runtime.getMonitor() as { readonly registerResourceHook?: unknown } | undefined;
  if (typeof monitor?.registerResourceHook !== 'function') return {};
  return { beforeUpdate: [drainBeforeChangeOfType(node, hostKey)] };
}

/**
 * Hands the role of the primary over before the provider powers a server off to change its type, which it does without
 * a shutdown in order (terraform-provider-hcloud: `server_type`). A server that cannot be reached has no role to hand
 * over, and is changed all the same.
 *
 * @throws Error where the node leads and nobody can take over: the update stops before the server is touched
 */
export function drainBeforeChangeOfType(
  node: DrainedNode,
  hostKey: pulumi.Output<string>,
): pulumi.ResourceHookFunction {
  const known = new Promise<{ privateKey: string; hostKey: string }>((resolve) => {
    pulumi.all([node.deployKey, hostKey]).apply(([privateKey, key]) => resolve({ privateKey, hostKey: key }));
  });
  return async ({ oldInputs, newInputs, oldOutputs }) => {
    const host: unknown = oldOutputs?.['ipv4Address'];
    if (oldInputs?.['serverType'] === newInputs?.['serverType'] || typeof host !== 'string') return;
    const { privateKey, hostKey: key } = await known;
    const nodes = openSsh({ tier: '', user: 'root', privateKey, nodes: [{ letter: node.letter, host, hostKey: key }] });
    try {
      const done = await nodes.run(node.letter, `${leaveCommand} --for-a-while`);
      if (done.status === null) {
        await pulumi.log.warn(`node ${node.letter} cannot be reached and is changed as it is: ${done.stderr.trim()}`);
      } else if (done.status !== 0) throw new Error(done.stderr.trim());
    } finally {
      nodes.close();
    }
  };
}
