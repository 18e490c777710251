import { jobsOf, page, type Signal, ticket } from '../signal';
import type { ScrapedPlan } from '../scrape';

/** Whether the Sentinels are there, know each other, and agree. One node alone has none. */
export function sentinelSignals(plan: ScrapedPlan): readonly Signal[] {
  if (plan.topology.sentinelQuorum === 0) return [];
  const { sentinel } = jobsOf(plan);
  const all = plan.target.nodes.length;
  const common = { cloudWatch: null, runbook: 'sentinel.md' };
  return [
    {
      ...common,
      name: 'sentinel-up',
      title: 'Sentinel answers',
      meaning: 'Whether the Sentinel of the node answers its exporter.',
      unit: 'yes-or-no',
      alert: 'CachetierSentinelDown',
      summary: 'the Sentinel on node {{ $labels.node }} of {{ $labels.tier }} does not answer',
      thresholds: [ticket('below', 1, 60)],
      prometheus: {
        by: ['tier', 'node'],
        expr: `min by (tier, node) (redis_up{${sentinel}} or up{${sentinel}} * 0)`,
      },
    },
    {
      ...common,
      name: 'sentinel-quorum',
      title: 'Sentinels can decide',
      meaning:
        'Whether any Sentinel reaches enough others to have a failover decided. Without it the next failure of the primary is an outage.',
      unit: 'yes-or-no',
      alert: 'CachetierSentinelQuorumLost',
      summary: 'the Sentinels of {{ $labels.tier }} cannot decide a failover',
      thresholds: [page('below', 1, 60)],
      prometheus: {
        by: ['tier'],
        expr: `max by (tier) (redis_sentinel_master_ckquorum_status{${sentinel}}) or count by (tier) (up{${sentinel}}) * 0`,
      },
    },
    {
      ...common,
      name: 'sentinels-known',
      title: 'Sentinels that each knows, itself included',
      meaning: `Exactly ${all}. One that forgot its peers decides nothing; one that knows a dead one needs votes that nobody casts.`,
      unit: 'count',
      alert: 'CachetierSentinelCount',
      summary: `the Sentinel on node {{ $labels.node }} of {{ $labels.tier }} knows {{ $value }} Sentinels, not ${all}`,
      thresholds: [ticket('below', all, 120), ticket('above', all, 120)],
      prometheus: {
        by: ['tier', 'node'],
        expr: `min by (tier, node) (redis_sentinel_master_sentinels{${sentinel}})`,
      },
    },
    {
      ...common,
      name: 'sentinel-opinions',
      title: 'Primaries that the Sentinels name',
      meaning:
        'Different addresses that the Sentinels name as primary. More than one, and clients are sent to different nodes.',
      unit: 'count',
      alert: 'CachetierSentinelsDisagree',
      summary: 'the Sentinels of {{ $labels.tier }} name {{ $value }} different primaries',
      thresholds: [ticket('above', 1, 60)],
      prometheus: {
        by: ['tier'],
        expr: `count by (tier) (count by (tier, master_address) (redis_sentinel_master_status{${sentinel}}))`,
      },
    },
  ];
}
