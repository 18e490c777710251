import { capabilitiesOf } from './capabilities';
import { nodeType, nodeTypesFor, offersDurability, type NodeType } from './catalogue/node-types';
import { ASSUMED_REGION, nodePrice, serverPrice } from './catalogue/prices';
import { serverType, serverTypesIn, type ServerType } from './catalogue/server-types';
import type { CacheTierConfig, Durability } from './config';
import type { Defaults } from './defaults';
import type { ChosenTarget, NodeSize } from './resolved';
import { bytes, formatBytes } from './units';

const GIB = 2 ** 30;

/** Above this one shard takes too long to copy, to save and to fail over. */
export const MOST_ON_ONE_SHARD = 100 * GIB;

/** What a size depends on. */
export interface Demand {
  readonly chosen: ChosenTarget;
  /** Path of the target's fields in the config. */
  readonly targetPath: string;
  readonly config: Partial<CacheTierConfig>;
  readonly datasetBytes: number;
  readonly durability: Durability;
  readonly defaults: Defaults;
}

/** Shards and the node that holds one of them; no node where the service manages it or none is known that fits. */
export function chooseSize(demand: Demand): { readonly shards: number; readonly size: NodeSize | null } {
  const { chosen } = demand;
  switch (chosen.kind) {
    case 'elasticache':
    case 'memorydb': {
      const shards = chooseShards(demand);
      return { shards, size: chooseNodeType(demand, chosen.kind, chosen.fields.nodeType, shards) };
    }
    case 'elasticache-serverless':
      return { shards: demand.config.availability?.shards ?? 1, size: null };
    case 'hetzner': {
      const shards = demand.config.availability?.shards ?? 1;
      return { shards, size: chooseServerType(demand, chosen.fields.location ?? 'fsn1', chosen.fields.serverType) };
    }
    case 'local':
      return { shards: demand.config.availability?.shards ?? 1, size: localSize(demand) };
  }
}

function chooseShards({ config, datasetBytes, defaults }: Demand): number {
  const needed = Math.max(1, Math.ceil(datasetBytes / MOST_ON_ONE_SHARD));
  const because =
    needed === 1 ? 'one shard holds the dataset' : `one shard holds at most ${formatBytes(MOST_ON_ONE_SHARD)}`;
  return defaults.take('availability.shards', config.availability?.shards, needed, because);
}

function chooseNodeType(
  { datasetBytes, durability, defaults, targetPath }: Demand,
  kind: 'elasticache' | 'memorydb',
  asked: string | undefined,
  shards: number,
): NodeSize | null {
  const share = capabilitiesOf(kind).dataShare.value;
  if (asked !== undefined && asked !== 'auto') {
    const named = nodeType(asked);
    return named?.target === kind ? ofNodeType(named, share) : null;
  }
  const fits = nodeTypesFor(kind).filter(
    (type) =>
      (type.automatic || kind === 'memorydb') &&
      type.maxmemoryBytes * share * shards >= datasetBytes &&
      (durability !== 'synchronous' || offersDurability(type)),
  );
  const best = smallest(
    fits,
    (type) => type.memoryBytes,
    (type) => nodePrice(type.name, ASSUMED_REGION).monthly,
  );
  if (!best) return null;
  defaults.take(`${targetPath}.nodeType`, undefined, best.name, 'the smallest known type that holds the dataset');
  return ofNodeType(best, share);
}

function ofNodeType(type: NodeType, share: number): NodeSize {
  return {
    type: type.name,
    memoryBytes: type.memoryBytes,
    maxmemoryBytes: Math.floor(type.maxmemoryBytes * share),
    vcpus: type.vcpus,
  };
}

function chooseServerType(
  { config, datasetBytes, defaults, targetPath }: Demand,
  location: string,
  asked: string | undefined,
): NodeSize | null {
  const share = capabilitiesOf('hetzner').dataShare.value;
  if (asked !== undefined && asked !== 'auto') {
    const named = serverType(asked);
    return named ? ofServerType(named, share, config) : null;
  }
  const fits = serverTypesIn(location).filter((type) => type.automatic && type.memoryGiB * GIB * share >= datasetBytes);
  const best = smallest(
    fits,
    (type) => type.memoryGiB,
    (type) => serverPrice(type.name, location).monthly,
  );
  if (!best) return null;
  defaults.take(
    `${targetPath}.serverType`,
    undefined,
    best.name,
    `the smallest known type sold in ${location} that holds the dataset`,
  );
  return ofServerType(best, share, config);
}

function ofServerType(type: ServerType, share: number, config: Partial<CacheTierConfig>): NodeSize {
  const memoryBytes = type.memoryGiB * GIB;
  return {
    type: type.name,
    memoryBytes,
    maxmemoryBytes: askedMaxmemory(config) ?? Math.floor(memoryBytes * share),
    vcpus: type.cores,
  };
}

/** Processes on a developer's machine get what the dataset takes, and not a share of the machine. */
function localSize({ config, datasetBytes }: Demand): NodeSize {
  const maxmemoryBytes = askedMaxmemory(config) ?? datasetBytes;
  return {
    type: 'process',
    memoryBytes: Math.round(maxmemoryBytes / capabilitiesOf('local').dataShare.value),
    maxmemoryBytes,
    vcpus: 1,
  };
}

/** `maxmemory` of the config in bytes: a plain number, or with `kb`, `mb` or `gb` as in `valkey.conf`, or our own units. */
export function askedMaxmemory(config: Partial<CacheTierConfig>): number | null {
  const asked = config.engine?.settings?.['maxmemory'];
  return asked === undefined ? null : memoryBytes(String(asked));
}

/** An amount as `valkey.conf` or this config writes it, or null where it is neither. */
export function memoryBytes(text: string): number | null {
  if (/^\d+(\.\d+)?(MiB|GiB|TiB)$/.test(text)) return bytes(text);
  const match = /^(\d+)(b|k|kb|m|mb|g|gb)?$/i.exec(text);
  if (!match) return null;
  const factors: Readonly<Record<string, number>> = {
    '': 1,
    b: 1,
    k: 1e3,
    kb: 2 ** 10,
    m: 1e6,
    mb: 2 ** 20,
    g: 1e9,
    gb: GIB,
  };
  return Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1);
}

/** The smallest of a list; of those of one size the cheapest, an unknown price last. */
function smallest<T>(list: readonly T[], size: (one: T) => number, price: (one: T) => number | null): T | undefined {
  const cost = (one: T): number => price(one) ?? Number.MAX_VALUE;
  return [...list].sort((a, b) => size(a) - size(b) || cost(a) - cost(b))[0];
}
