import { type LocalTier, rolesOf } from './tier';
import { letterAt, namedPrimary, type NodeView, type ValkeyView } from './view';

/** A replica that heard nothing for longer has lost its primary; a primary speaks at least every 10 s. */
const SILENT_SECONDS = 15;

/** What keeps a tier from being whole, in words; empty when every node works and all agree. */
export function problemsOf(tier: LocalTier, views: readonly NodeView[]): readonly string[] {
  if (views.every(({ valkey, sentinel }) => !valkey && !sentinel)) return ['nothing runs'];
  const primaries = views.filter(({ valkey }) => valkey?.role === 'primary').map(({ letter }) => letter);
  const named = namedPrimary(views);
  return [
    ...(primaries.length === 1
      ? []
      : [primaries.length === 0 ? 'no primary' : `two primaries: ${primaries.join(', ')}`]),
    ...(named === null ? ['no majority of Sentinels names a primary'] : []),
    ...views.flatMap((view) => [
      ...valkeyProblems(tier, view, named),
      ...(rolesOf(tier.plan).includes('sentinel') ? sentinelProblems(view, views.length, named) : []),
    ]),
  ];
}

function valkeyProblems(tier: LocalTier, { letter, valkey }: NodeView, named: string | null): readonly string[] {
  if (!valkey) return [`valkey ${letter} does not answer`];
  if (valkey.role === 'primary') {
    const missing = Object.keys(tier.nodes).length - 1 - valkey.connectedReplicas;
    return missing > 0 ? [`${missing} of the replicas of ${letter} not connected`] : [];
  }
  return replicaProblems(tier, letter, valkey, named);
}

function replicaProblems(tier: LocalTier, letter: string, valkey: ValkeyView, named: string | null): readonly string[] {
  if (!valkey.synced) return [`replica ${letter} is not in sync`];
  if (letterAt(tier, valkey.follows ?? 0) !== named)
    return [`replica ${letter} follows another node than Sentinel names`];
  return (valkey.silentSeconds ?? 0) > SILENT_SECONDS
    ? [`replica ${letter} has not heard its primary for ${valkey.silentSeconds} s`]
    : [];
}

function sentinelProblems({ letter, sentinel }: NodeView, nodes: number, named: string | null): readonly string[] {
  if (!sentinel) return [`sentinel ${letter} does not answer`];
  if (sentinel.primary !== named) return [`sentinel ${letter} names another primary`];
  if (!sentinel.calm) return [`sentinel ${letter} sees the primary down or a failover under way`];
  if (!sentinel.quorum) return [`sentinel ${letter} cannot have a failover decided`];
  return sentinel.replicas === nodes - 1 && sentinel.otherSentinels === nodes - 1
    ? []
    : [
        `sentinel ${letter} would promote ${sentinel.replicas} replicas and knows ${sentinel.otherSentinels} other Sentinels, needed are ${nodes - 1}`,
      ];
}
