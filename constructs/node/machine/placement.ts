import type { NodePlacement } from '../placement';
import type { NodesTierPlan } from '../plan';

/** Ports of every machine; addresses tell the nodes apart. */
export const machinePorts = { valkey: 6379, sentinel: 26379 } as const;

/** Where the distribution's packages and their units expect the files of Valkey. */
export const valkeyFolders = {
  config: '/etc/valkey',
  tls: '/etc/valkey/tls',
  data: '/var/lib/valkey',
  log: '/var/log/valkey',
  run: '/run/valkey',
} as const;

/** The placement of servers at Hetzner: one node a machine, on the private address that it keeps for life. */
export function hetznerPlacement(plan: NodesTierPlan): NodePlacement {
  return {
    nodes: Object.fromEntries(
      plan.target.nodes.map(({ letter, address }) => [
        letter,
        { address, valkeyPort: machinePorts.valkey, sentinelPort: machinePorts.sentinel },
      ]),
    ),
    folders: valkeyFolders,
    user: 'valkey',
  };
}
