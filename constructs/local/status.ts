import { problemsOf } from './health';
import { type LocalOutputs, outputsOf } from './outputs';
import { runningServers } from './start';
import type { LocalTier } from './tier';
import { namedPrimary, type NodeView, viewNodes } from './view';

/** A tier as it is now; plain JSON. */
export interface TierStatus {
  readonly name: string;
  readonly folder: string;
  readonly healthy: boolean;
  /** What keeps it from being whole, in words. */
  readonly problems: readonly string[];
  /** Letter of the node that a majority of Sentinels names, or null. */
  readonly primary: string | null;
  readonly nodes: readonly NodeStatus[];
  readonly endpoint: LocalOutputs['endpoint'];
}

/** A node as it is now. */
export interface NodeStatus extends NodeView {
  readonly address: string;
  readonly valkeyPort: number;
  readonly sentinelPort: number;
  /** Process numbers; null where it does not run, or runs in a container. */
  readonly pids: { readonly valkey: number | null; readonly sentinel: number | null };
  /** Bytes of the primary's stream that a replica does not have yet, or null where that is not known. */
  readonly lagBytes: number | null;
}

/** Looks at every server of a tier. It never throws for a server that is down. */
export async function status(tier: LocalTier): Promise<TierStatus> {
  const [views, running] = await Promise.all([viewNodes(tier), runningServers(tier)]);
  const problems = problemsOf(tier, views);
  const primary = namedPrimary(views);
  const stream = views.find(({ letter }) => letter === primary)?.valkey?.offset;
  const pid = (letter: string, role: string): number | null => {
    const handle = running.find((server) => server.letter === letter && server.role === role)?.started.handle;
    return handle?.kind === 'process' ? handle.pid : null;
  };
  return {
    name: tier.plan.target.primaryName,
    folder: tier.layout.folder,
    healthy: problems.length === 0,
    problems,
    primary,
    nodes: views.map((view) => ({
      ...view,
      address: tier.nodes[view.letter]?.address ?? '',
      valkeyPort: tier.nodes[view.letter]?.valkeyPort ?? 0,
      sentinelPort: tier.nodes[view.letter]?.sentinelPort ?? 0,
      pids: { valkey: pid(view.letter, 'valkey'), sentinel: pid(view.letter, 'sentinel') },
      lagBytes:
        stream !== undefined && view.valkey?.role === 'replica' ? Math.max(0, stream - view.valkey.offset) : null,
    })),
    endpoint: outputsOf(tier).endpoint,
  };
}
