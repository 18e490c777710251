import { nodeHours } from './node-prices';
import { addressPrice, serverPrices } from './server-prices';
import { serverType } from './server-types';

/**
 * Dated list prices. A price that no source confirms is null with the reason; it is never derived from another.
 */

/** A price for a month, or the reason why there is none. */
export interface Price {
  /** For one month of 730 hours, or null. */
  readonly monthly: number | null;
  /** Source and date, or why there is no price. */
  readonly source: string;
}

/** Hours that a month is billed at by convention of the vendors' own calculators. */
export const HOURS_PER_MONTH = 730;

/** Region whose prices stand for a plan that names none. */
export const ASSUMED_REGION = 'us-east-1';

const priceList = 'AWS Price List API, us-east-1, Valkey on demand, read 2026-10-02';

/** Price of a node type in a region. */
export function nodePrice(type: string, region: string): Price {
  if (type.startsWith('db.')) {
    return { monthly: null, source: 'no source for absolute MemoryDB prices was found (2026-11)' };
  }
  if (region !== ASSUMED_REGION) return unknownRegion(region);
  const hour = Object.hasOwn(nodeHours, type) ? nodeHours[type] : undefined;
  if (hour === undefined) return { monthly: null, source: `no source for the price of ${type} was found (2026-11)` };
  return { monthly: hour * HOURS_PER_MONTH, source: priceList };
}

/**
 * Price of a server type at Hetzner with its public IPv4 address, net of VAT.
 *
 * @param location - where it runs; without it there is a price only where all that sell the type ask the same
 */
export function serverPrice(type: string, location?: string): Price {
  const sold = location === undefined ? (serverType(type)?.locations ?? []) : [location];
  const prices = Object.hasOwn(serverPrices, type) ? (serverPrices[type] ?? []) : [];
  const [price, ...others] = sold.map((place) => prices.find(({ locations }) => locations.includes(place)));
  if (!price || others.some((other) => other?.euros !== price.euros)) {
    const where = location === undefined ? 'everywhere' : `in ${location}`;
    return {
      monthly: null,
      source: `no source for the price of ${type} ${where} was found (2026-11); ask GET /v1/pricing`,
    };
  }
  return {
    monthly: price.euros + addressPrice.euros,
    source: `${price.euros} EUR: ${price.source} on ${price.date}; its IPv4 address ${addressPrice.euros} EUR`,
  };
}

/** Price of one GB kept for a month on ElastiCache Serverless for Valkey. */
export function serverlessStoragePrice(region: string): Price {
  if (region !== ASSUMED_REGION) return unknownRegion(region);
  return { monthly: 0.084 * HOURS_PER_MONTH, source: 'aws.amazon.com/elasticache/pricing, us-east-1, read 2026-07-29' };
}

/** Price of a million ElastiCache Processing Units on Serverless for Valkey. */
export function serverlessRequestPrice(region: string): Price {
  if (region !== ASSUMED_REGION) return unknownRegion(region);
  return { monthly: 0.0023, source: 'aws.amazon.com/elasticache/pricing, us-east-1, read 2026-07-29' };
}

/** Price of one GB of snapshots kept for a month, beyond the one that is free. */
export function snapshotPrice(region: string): Price {
  if (region !== ASSUMED_REGION) return unknownRegion(region);
  return { monthly: 0.085, source: 'infracost catalogue, us-east-1, read 2026-11' };
}

function unknownRegion(region: string): Price {
  return { monthly: null, source: `prices are known for ${ASSUMED_REGION} only, not for ${region} (2026-11)` };
}
