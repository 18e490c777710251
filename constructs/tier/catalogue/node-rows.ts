/** Name, memory of the instance in GiB, `maxmemory` in bytes, virtual processors. */
export type NodeRow = readonly [name: string, memoryGiB: number, maxmemoryBytes: number, vcpus: number];

/** Size, memory of the instance in GiB, `maxmemory` in bytes, virtual processors. */
type Size = readonly [size: string, memoryGiB: number, maxmemoryBytes: number, vcpus: number];

/** Burstable processors. */
const burstable: readonly Size[] = [
  ['micro', 1, 536_870_912, 2],
  ['small', 2, 1_471_026_299, 2],
  ['medium', 4, 3_317_862_236, 2],
];

/** 4 GiB for each processor. */
const general: readonly Size[] = [
  ['large', 8, 6_854_542_746, 2],
  ['xlarge', 16, 13_891_921_715, 4],
  ['2xlarge', 32, 27_966_669_210, 8],
  ['4xlarge', 64, 56_116_178_125, 16],
  ['8xlarge', 128, 111_325_552_312, 32],
  ['12xlarge', 192, 168_715_971_994, 48],
  ['16xlarge', 256, 225_000_375_228, 64],
];

/** 4 GiB for each processor, eighth generation. */
const general8: readonly Size[] = [
  ['large', 8, 7_294_178_820, 2],
  ['xlarge', 16, 15_222_495_510, 4],
  ['2xlarge', 32, 31_866_224_640, 8],
  ['4xlarge', 64, 65_856_864_256, 16],
  ['8xlarge', 128, 133_838_143_488, 32],
  ['12xlarge', 192, 201_819_422_720, 48],
  ['16xlarge', 256, 269_800_701_952, 64],
];

/** 8 GiB for each processor. */
const memory: readonly Size[] = [
  ['large', 16, 14_037_181_030, 2],
  ['xlarge', 32, 28_261_849_702, 4],
  ['2xlarge', 64, 56_711_183_565, 8],
  ['4xlarge', 128, 113_609_865_216, 16],
  ['8xlarge', 256, 225_000_375_228, 32],
  ['12xlarge', 384, 341_206_346_547, 48],
  ['16xlarge', 512, 450_000_750_456, 64],
];

/** 8 GiB for each processor, eighth generation. */
const memory8: readonly Size[] = [
  ['large', 16, 15_222_495_510, 2],
  ['xlarge', 32, 31_866_224_640, 4],
  ['2xlarge', 64, 65_856_864_256, 8],
  ['4xlarge', 128, 133_838_143_488, 16],
  ['8xlarge', 256, 269_800_701_952, 32],
  ['12xlarge', 384, 405_763_260_416, 48],
  ['16xlarge', 512, 541_725_818_880, 64],
];

/** 2 GiB for each processor, and much network. */
const network: readonly Size[] = [
  ['large', 4, 3_317_862_236, 2],
  ['xlarge', 8, 6_854_542_746, 4],
  ['2xlarge', 16, 13_891_921_715, 8],
  ['4xlarge', 32, 27_966_669_210, 16],
  ['8xlarge', 64, 56_116_178_125, 32],
  ['12xlarge', 96, 84_357_985_997, 48],
  ['16xlarge', 128, 113_609_865_216, 64],
];

/** 2 GiB for each processor, and much network, eighth generation. */
const network8: readonly Size[] = [
  ['large', 4, 3_330_020_474, 2],
  ['xlarge', 8, 7_294_178_820, 4],
  ['2xlarge', 16, 15_222_495_510, 8],
  ['4xlarge', 32, 31_866_224_640, 16],
  ['8xlarge', 64, 65_856_864_256, 32],
  ['12xlarge', 96, 99_847_503_872, 48],
  ['16xlarge', 128, 133_838_143_488, 64],
];

/** Node types of ElastiCache for Valkey. Data tiering (`r6gd`) and the fourth generation and older are left out. */
export const elasticacheRows: readonly NodeRow[] = [
  ...family('cache.t4g', burstable),
  ...family('cache.t3', burstable),
  ...family('cache.m8g', general8),
  ...family('cache.m7g', general),
  ...family('cache.m6g', general),
  ...family('cache.m5', general.slice(0, 4)),
  ['cache.m5.12xlarge', 192, 168_715_971_994, 48],
  ['cache.m5.24xlarge', 384, 337_500_562_842, 96],
  ...family('cache.r8g', memory8),
  ...family('cache.r7g', memory),
  ...family('cache.r6g', memory),
  ...family('cache.r5', memory.slice(0, 4)),
  ['cache.r5.12xlarge', 384, 341_206_346_547, 48],
  ['cache.r5.24xlarge', 768, 682_485_973_811, 96],
  ...family('cache.c8gn', network8),
  ...family('cache.c7gn', network),
];

/** Node types of MemoryDB; data tiering (`r6gd`) is left out. */
export const memorydbRows: readonly NodeRow[] = [
  ...family('db.t4g', burstable.slice(1)),
  ...family('db.r7g', memory),
  ...family('db.r6g', memory),
];

function family(name: string, sizes: readonly Size[]): readonly NodeRow[] {
  return sizes.map(([size, ...rest]): NodeRow => [`${name}.${size}`, ...rest]);
}
