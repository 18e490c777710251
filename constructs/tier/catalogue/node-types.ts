/**
 * Node types of ElastiCache and MemoryDB with their memory. Data, not code: a new type is a new row.
 */

/** A node type. */
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
  readonly source: string;
  /** Day on which the source was read, ISO 8601. */
  readonly date: string;
}

/** Name, memory of the instance in GiB, `maxmemory` in bytes, virtual processors. */
type Row = readonly [name: string, memoryGiB: number, maxmemoryBytes: number, vcpus: number];

/** Families that offer durability. Source: AmazonElastiCache/latest/dg/Durability.Limitations, November 2026. */
const durableFamilies = new Set(['r6g', 'r7g', 'r8g', 'm6g', 'm7g', 'm8g', 'c7gn', 'c8gn']);

const elasticacheSource =
  'docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, node-type specific parameters';
const memorydbSource =
  'docs.aws.amazon.com/memorydb/latest/devguide/nodes.supportedtypes.html; maxmemory as of the ElastiCache type of the same size';
const readOn = '2026-11-20';

const elasticacheRows: readonly Row[] = [
  ['cache.t4g.micro', 1, 536_870_912, 2],
  ['cache.t4g.small', 2, 1_471_026_299, 2],
  ['cache.t4g.medium', 4, 3_317_862_236, 2],
  ['cache.m7g.large', 8, 6_854_542_746, 2],
  ['cache.m7g.xlarge', 16, 13_891_921_715, 4],
  ['cache.m7g.2xlarge', 32, 27_966_669_210, 8],
  ['cache.m7g.4xlarge', 64, 56_116_178_125, 16],
  ['cache.m7g.8xlarge', 128, 111_325_552_312, 32],
  ['cache.m7g.12xlarge', 192, 168_715_971_994, 48],
  ['cache.m7g.16xlarge', 256, 225_000_375_228, 64],
  ['cache.m8g.large', 8, 7_294_178_820, 2],
  ['cache.m8g.xlarge', 16, 15_222_495_510, 4],
  ['cache.m8g.2xlarge', 32, 31_866_224_640, 8],
  ['cache.m8g.4xlarge', 64, 65_856_864_256, 16],
  ['cache.m8g.8xlarge', 128, 133_838_143_488, 32],
  ['cache.m8g.12xlarge', 192, 201_819_422_720, 48],
  ['cache.m8g.16xlarge', 256, 269_800_701_952, 64],
  ['cache.r7g.large', 16, 14_037_181_030, 2],
  ['cache.r7g.xlarge', 32, 28_261_849_702, 4],
  ['cache.r7g.2xlarge', 64, 56_711_183_565, 8],
  ['cache.r7g.4xlarge', 128, 113_609_865_216, 16],
  ['cache.r7g.8xlarge', 256, 225_000_375_228, 32],
  ['cache.r7g.12xlarge', 384, 341_206_346_547, 48],
  ['cache.r7g.16xlarge', 512, 450_000_750_456, 64],
  ['cache.r6g.large', 16, 14_037_181_030, 2],
  ['cache.r6g.xlarge', 32, 28_261_849_702, 4],
  ['cache.r6g.2xlarge', 64, 56_711_183_565, 8],
  ['cache.r6g.4xlarge', 128, 113_609_865_216, 16],
  ['cache.r6g.8xlarge', 256, 225_000_375_228, 32],
  ['cache.r6g.12xlarge', 384, 341_206_346_547, 48],
  ['cache.r6g.16xlarge', 512, 450_000_750_456, 64],
  ['cache.r8g.large', 16, 15_222_495_510, 2],
  ['cache.r8g.xlarge', 32, 31_866_224_640, 4],
  ['cache.r8g.2xlarge', 64, 65_856_864_256, 8],
  ['cache.r8g.4xlarge', 128, 133_838_143_488, 16],
  ['cache.r8g.8xlarge', 256, 269_800_701_952, 32],
  ['cache.r8g.12xlarge', 384, 405_763_260_416, 48],
  ['cache.r8g.16xlarge', 512, 541_725_818_880, 64],
];

const memorydbRows: readonly Row[] = [
  ['db.t4g.small', 2, 1_471_026_299, 2],
  ['db.t4g.medium', 4, 3_317_862_236, 2],
  ['db.r7g.large', 16, 14_037_181_030, 2],
  ['db.r7g.xlarge', 32, 28_261_849_702, 4],
  ['db.r7g.2xlarge', 64, 56_711_183_565, 8],
  ['db.r7g.4xlarge', 128, 113_609_865_216, 16],
  ['db.r7g.8xlarge', 256, 225_000_375_228, 32],
  ['db.r7g.12xlarge', 384, 341_206_346_547, 48],
  ['db.r7g.16xlarge', 512, 450_000_750_456, 64],
  ['db.r6g.large', 16, 14_037_181_030, 2],
  ['db.r6g.xlarge', 32, 28_261_849_702, 4],
  ['db.r6g.2xlarge', 64, 56_711_183_565, 8],
  ['db.r6g.4xlarge', 128, 113_609_865_216, 16],
  ['db.r6g.8xlarge', 256, 225_000_375_228, 32],
  ['db.r6g.12xlarge', 384, 341_206_346_547, 48],
  ['db.r6g.16xlarge', 512, 450_000_750_456, 64],
];

const GIB = 2 ** 30;

function typed(target: NodeType['target'], source: string) {
  return ([name, memoryGiB, maxmemoryBytes, vcpus]: Row): NodeType => ({
    name,
    target,
    family: name.split('.')[1] ?? '',
    memoryBytes: memoryGiB * GIB,
    maxmemoryBytes,
    vcpus,
    source,
    date: readOn,
  });
}

/** Every node type that we know; of two of the same size the newer one stands first, and is chosen first. */
export const nodeTypes: readonly NodeType[] = [
  ...elasticacheRows.map(typed('elasticache', elasticacheSource)),
  ...memorydbRows.map(typed('memorydb', memorydbSource)),
];

/** A node type by name, or undefined where we do not know it. */
export function nodeType(name: string): NodeType | undefined {
  return nodeTypes.find((type) => type.name === name);
}

/** Whether a node type can keep acknowledged writes through a failover (`durability: sync`). */
export function offersDurability(type: NodeType): boolean {
  return type.target === 'memorydb' || durableFamilies.has(type.family);
}
