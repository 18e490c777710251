import {
  ASSUMED_REGION,
  nodePrice,
  serverlessRequestPrice,
  serverlessStoragePrice,
  serverPrice,
  snapshotPrice,
  type Price,
} from '../catalogue/prices';
import type { PriceItem, PricePlan, TargetPlan } from '../plan';
import type { ResolvedTier } from '../resolved';

const GIB = 2 ** 30;
const SECONDS_PER_MONTH = 730 * 3600;

/** The least that Serverless for Valkey bills for storage. Source: aws.amazon.com/elasticache/pricing, 2026-07-29. */
const SERVERLESS_FLOOR_GB = 0.1;

/** The monthly price of a plan, with a source for each item. */
export function planPrice(tier: ResolvedTier, target: TargetPlan): PricePlan {
  switch (target.kind) {
    case 'elasticache':
    case 'memorydb': {
      const region = target.region ?? ASSUMED_REGION;
      const nodes = target.shards * (target.replicasPerShard + 1);
      const base = nodePrice(target.nodeType, region);
      const price = target.kind === 'elasticache' && target.durability === 'sync' ? durable(base) : base;
      const written = target.kind === 'memorydb' ? [item('data written', 1, writtenPrice)] : [];
      return total('USD', placeOf(target.region), [
        item(`node ${target.nodeType}`, nodes, price),
        ...written,
        ...snapshots(tier, target.snapshotRetentionDays, region),
      ]);
    }
    case 'elasticache-serverless': {
      const region = target.region ?? ASSUMED_REGION;
      const stored = Math.max(SERVERLESS_FLOOR_GB, tier.datasetBytes / GIB);
      return total('USD', placeOf(target.region), [
        item('GB stored', stored, serverlessStoragePrice(region)),
        requests(tier, region),
        ...snapshots(tier, target.snapshotRetentionDays, region),
      ]);
    }
    case 'hetzner':
      return total('EUR', target.location, [
        item(`server ${target.serverType}`, target.nodes.length, serverPrice(target.serverType, target.location)),
        ...(target.monitoringServer === null
          ? []
          : [
              item(
                `monitoring server ${target.monitoringServer.serverType}`,
                1,
                serverPrice(target.monitoringServer.serverType, target.location),
              ),
            ]),
        ...tier.backup.destinations.map((to) => item(`storage at ${to.id}`, 1, storagePrice)),
      ]);
    case 'local':
      return total('USD', 'this machine', []);
  }
}

const writtenPrice: Price = { monthly: null, source: 'depends on the bytes written, which the config does not say' };
const storagePrice: Price = { monthly: null, source: 'billed by the bucket provider for what is stored' };

/** Durability costs more for each node; the share is told by one third party only. */
function durable(price: Price): Price {
  return price.monthly === null
    ? price
    : { monthly: null, source: 'the surcharge for durability is not confirmed by the vendor (2026-11)' };
}

/** A GET or SET of up to 1 KB is one ECPU, so commands are counted as one each. */
function requests(tier: ResolvedTier, region: string): PriceItem {
  const average = tier.traffic.averageOpsPerSecond;
  const price = serverlessRequestPrice(region);
  if (average === null) {
    return item('million ECPU', 1, { monthly: null, source: 'traffic.averageOpsPerSecond is not given' });
  }
  return item('million ECPU', (average * SECONDS_PER_MONTH) / 1e6, price);
}

/** One snapshot is free; the others are counted at the size of the dataset. */
function snapshots(tier: ResolvedTier, days: number, region: string): readonly PriceItem[] {
  if (days <= 1) return [];
  return [item('GB of snapshots', ((days - 1) * tier.datasetBytes) / GIB, snapshotPrice(region))];
}

function item(what: string, quantity: number, price: Price): PriceItem {
  return {
    what,
    quantity: cents(quantity),
    unitMonthly: price.monthly === null ? null : Math.round(price.monthly * 1e4) / 1e4,
    monthly: price.monthly === null ? null : cents(quantity * price.monthly),
    source: price.source,
  };
}

function total(currency: PricePlan['currency'], place: string, items: readonly PriceItem[]): PricePlan {
  const missing = items.filter((one) => one.monthly === null);
  return {
    currency,
    place,
    items,
    monthly: missing.length > 0 ? null : cents(items.reduce((sum, one) => sum + (one.monthly ?? 0), 0)),
    because: missing.length > 0 ? missing.map((one) => `${one.what}: ${one.source}`).join('; ') : null,
  };
}

function placeOf(region: string | null): string {
  return region ?? `${ASSUMED_REGION} (assumed: the config names no region)`;
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
