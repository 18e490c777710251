import { elasticacheRows, memorydbRows, type NodeRow } from './node-rows';

/**
 * A node type of ElastiCache or MemoryDB. Data, not code: a new type is a new row.
 */
export interface NodeType {
  readonly name: string;
  readonly target: 'elasticache' | 'memorydb';
  /** Family such as `r7g`. */
  readonly family: string;
  /** Memory of the instance. */
  readonly memoryBytes: number;
  /** What the service gives to the engine as `maxmemory`, reserved memory included. */
  readonly maxmemoryBytes: number;
  readonly vcpus: number;
  /** Whether `auto` chooses among it: the families that are sold in nearly every Region. */
  readonly automatic: boolean;
  readonly source: string;
  /** Day on which the source was read, ISO 8601. */
  readonly date: string;
}

/** Families that offer durability, newest first. Source: AmazonElastiCache/latest/dg/Durability.Limitations, November 2026. */
export const durableFamilies: readonly string[] = ['r8g', 'r7g', 'r6g', 'm8g', 'm7g', 'm6g', 'c8gn', 'c7gn'];

/**
 * Families that `auto` chooses among. Older ones cost much the same and are slower; newer ones are missing from many
 * Regions. Source: AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes, supported node types by Region.
 */
const automaticFamilies: readonly string[] = ['t4g', 'm7g', 'r7g'];

const elasticacheSource =
  'docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, Valkey node-type specific parameters';
const memorydbSource =
  'docs.aws.amazon.com/memorydb/latest/devguide/nodes.supportedtypes.html; maxmemory as of the ElastiCache type of the same size';
const readOn = '2026-11-20';

const GIB = 2 ** 30;

/** Every node type that we know. */
export const nodeTypes: readonly NodeType[] = [
  ...elasticacheRows.map(typed('elasticache', elasticacheSource)),
  ...memorydbRows.map(typed('memorydb', memorydbSource)),
];

/** A node type by name, or undefined where we do not know it. */
export function nodeType(name: string): NodeType | undefined {
  return nodeTypes.find((type) => type.name === name);
}

/** Node types of a service. */
export function nodeTypesFor(target: NodeType['target']): readonly NodeType[] {
  return nodeTypes.filter((type) => type.target === target);
}

/** Whether a node type can keep acknowledged writes through a failover (`durability: sync`). */
export function offersDurability(type: NodeType): boolean {
  return type.target === 'memorydb' || durableFamilies.includes(type.family);
}

/** Whether a name is of the family with data tiering, which needs settings of its own on a group and is not drawn. */
export function hasDataTiering(name: string): boolean {
  return name.split('.')[1] === 'r6gd';
}

function typed(target: NodeType['target'], source: string) {
  return ([name, memoryGiB, maxmemoryBytes, vcpus]: NodeRow): NodeType => {
    const family = name.split('.')[1] ?? '';
    return {
      name,
      target,
      family,
      memoryBytes: memoryGiB * GIB,
      maxmemoryBytes,
      vcpus,
      automatic: automaticFamilies.includes(family),
      source,
      date: readOn,
    };
  };
}
