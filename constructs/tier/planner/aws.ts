import { capabilitiesOf } from '../capabilities';
import type { ResolvedTier } from '../resolved';

/** Region, account and VPC, null where not given. */
export function awsPlace(fields: {
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly vpcId?: string | undefined;
}): { readonly region: string | null; readonly account: string | null; readonly vpcId: string | null } {
  return { region: fields.region ?? null, account: fields.account ?? null, vpcId: fields.vpcId ?? null };
}

/** As many zones as a shard has nodes: three nodes in two zones lose two of them with one zone. */
export function zonesOf(tier: ResolvedTier): number {
  const most = capabilitiesOf(tier.chosen.kind).zones;
  if (tier.chosen.kind === 'elasticache-serverless') return most;
  // Subnet groups of a single-zone tier still name two, so that it can be moved when its zone fails.
  return tier.zones === 'single' ? 2 : Math.min(most, Math.max(2, tier.replicas + 1));
}

/** Family of the parameter group, which follows the engine version. */
export function parameterGroupFamily(kind: 'elasticache' | 'memorydb', version: string): string {
  return capabilitiesOf(kind).engineVersions[version]?.family ?? '';
}

/** Days that the service keeps snapshots, so that the oldest backup asked for is still there. */
export function snapshotRetentionDays(tier: ResolvedTier): number {
  if (tier.backup.schedule === 'none') return 0;
  return Math.max(1, tier.backup.keep.daily, tier.backup.keep.weekly * 7);
}
