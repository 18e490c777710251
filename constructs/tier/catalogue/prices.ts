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

/** Dollars an hour. */
const nodeHours: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 0.0128,
  'cache.t4g.small': 0.0256,
  'cache.t4g.medium': 0.052,
  'cache.r7g.large': 0.1752,
  'cache.r7g.xlarge': 0.3496,
  'cache.r8g.large': 0.1756,
  'cache.m7g.large': 0.1264,
  'cache.m8g.large': 0.1266,
};

/**
 * Euros a month, net, as they were before 2026-06-15. New orders and rescales have been billed by another list since,
 * which no source confirms, so these stand in the reason and never in a sum.
 */
const serverMonthsBefore: Readonly<Record<string, number>> = { cx23: 3.99, cx33: 6.49, cpx22: 7.99 };

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

/** Price of a server type at Hetzner, net of VAT. */
export function serverPrice(type: string): Price {
  const before = Object.hasOwn(serverMonthsBefore, type) ? serverMonthsBefore[type] : undefined;
  const was = before === undefined ? '' : `; it was ${before} EUR before`;
  return {
    monthly: null,
    source: `the price list of 2026-06-15 for new orders is not confirmed by a source${was}; ask GET /v1/pricing`,
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
