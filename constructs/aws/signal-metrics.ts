import { type CloudWatchSignal, MOST_METRICS } from '../monitoring/alarms';
import type { CloudWatchBackend } from '../monitoring/cloudwatch';

/** How a tier is found in CloudWatch. */
export interface MetricIdentity {
  readonly backend: CloudWatchBackend;
  /** Value of the dimension that names the cache, where it has one value. */
  readonly cacheId: string;
  /** Replication group, where the tier is one. */
  readonly groupId: string | null;
  /** Ids of the nodes of each shard, where each node has metrics of its own. */
  readonly shards: readonly (readonly string[])[];
}

/** One metric of CloudWatch. */
export interface MetricQuery {
  /** Name within the expression. */
  readonly id: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One value over time, as an alarm or a dashboard takes it, and what it is of. */
export interface SignalMetric {
  /** Shard, and part of it where a shard has more nodes than one alarm takes; empty for the whole cache. */
  readonly part: string;
  readonly queries: readonly MetricQuery[];
  /** How they become one; null where there is one only. */
  readonly expression: string | null;
}

/** The values of a signal: one for the whole cache, or one for each shard. */
export function signalMetrics({ cloudWatch }: CloudWatchSignal, identity: MetricIdentity): readonly SignalMetric[] {
  const { metrics, scope } = cloudWatch;
  const { dimension } = identity.backend;
  const whole = (dimensions: MetricQuery['dimensions']): readonly SignalMetric[] => [
    combined('', [metrics.map((name, index) => query(0, index, name, dimensions))], cloudWatch),
  ];
  switch (scope) {
    case 'cache':
      return whole({ [dimension]: identity.cacheId });
    case 'group':
      return whole({ ReplicationGroupId: identity.groupId ?? '' });
    case 'primaries':
      return whole({ ReplicationGroupId: identity.groupId ?? '', Role: 'Primary' });
    case 'node':
      return identity.shards.flatMap((nodes, shard) =>
        chunksOf(nodes, Math.floor(MOST_METRICS / metrics.length)).map((chunk, part) => {
          const name = [
            ...(identity.shards.length > 1 ? [`Shard${shard + 1}`] : []),
            ...(part > 0 ? [`Part${part + 1}`] : []),
          ];
          const queries = chunk.map((node, index) =>
            metrics.map((metric, each) => query(index, each, metric, { [dimension]: node })),
          );
          return combined(name.join(''), queries, cloudWatch);
        }),
      );
  }
}

function query(node: number, index: number, metricName: string, dimensions: MetricQuery['dimensions']): MetricQuery {
  return { id: `n${node + 1}m${index + 1}`, metricName, dimensions };
}

/** Metric math over nodes; a node that sends nothing counts as zero where silence is the news. */
function combined(
  part: string,
  nodes: readonly (readonly MetricQuery[])[],
  { together = 'SUM', combine = 'MAX', missing }: CloudWatchSignal['cloudWatch'],
): SignalMetric {
  const queries = nodes.flat();
  const silent = missing === 'breaching';
  if (queries.length === 1 && !silent) return { part, queries, expression: null };
  const named = nodes.map((each) => each.map(({ id }) => (silent ? `FILL(${id}, 0)` : id)));
  const values = named.map((ids) => (ids.length === 1 ? ids.join('') : `${together}([${ids.join(', ')}])`));
  return { part, queries, expression: values.length === 1 ? values.join('') : `${combine}([${values.join(', ')}])` };
}

function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_chunk, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
