import type { Rule } from '../resolved';
import { durabilityCovers, combinedProfile } from '../workloads';
import { error, warning } from './issues';

/** Commands per second that one process serves on a small machine. Source: the sizing rule that this product carries. */
const OPS_PER_SHARD = 100_000;

/** Below this share of the peak, what is paid by use costs less than what stands ready. */
const BURSTY = 0.25;

/** An average above the peak is a slip of the pen. */
export const averageBelowPeak: Rule = ({ traffic: { peakOpsPerSecond: peak, averageOpsPerSecond: average } }) =>
  peak !== null && average !== null && average > peak
    ? error(
        'AverageBelowPeak',
        'traffic.averageOpsPerSecond',
        `the average cannot be above the peak, got ${average} above ${peak}`,
      )
    : [];

/** Load that comes and goes is cheaper where it is paid by use, and the other way round. */
export const payForWhatIsUsed: Rule = ({ chosen, traffic, workloads, durability }) => {
  const { peakOpsPerSecond: peak, averageOpsPerSecond: average } = traffic;
  if (peak === null || average === null || average > peak) return [];
  const bursty = average / peak < BURSTY;
  if (chosen.kind === 'elasticache-serverless' && !bursty) {
    return warning(
      'PayForWhatIsUsed',
      'traffic.averageOpsPerSecond',
      'an average above a quarter of the peak is steady load: nodes cost less than Serverless for it',
    );
  }
  const keeps =
    combinedProfile(workloads).evictionPolicies.includes('volatile-lru') && durabilityCovers('snapshot', durability);
  if (chosen.kind === 'elasticache' && bursty && keeps) {
    return warning(
      'PayForWhatIsUsed',
      'traffic.averageOpsPerSecond',
      'an average below a quarter of the peak is load that comes and goes: elasticache-serverless can cost less for it',
    );
  }
  return [];
};

/** One process answers so many commands; more of them wait. */
export const peakFits: Rule = ({ chosen, traffic: { peakOpsPerSecond: peak }, shards, targetPath }) => {
  if (peak === null || chosen.kind === 'local') return [];
  if (chosen.kind === 'elasticache-serverless') {
    const most = chosen.fields.maxEcpuPerSecond;
    return most === undefined || peak <= most
      ? []
      : warning(
          'PeakFits',
          `${targetPath}.maxEcpuPerSecond`,
          `a command takes at least one ECPU, so a peak of ${peak} a second is throttled at ${most}; raise it`,
        );
  }
  if (peak <= shards * OPS_PER_SHARD) return [];
  const needed = Math.ceil(peak / OPS_PER_SHARD);
  return warning(
    'PeakFits',
    'traffic.peakOpsPerSecond',
    `a shard serves about ${OPS_PER_SHARD} commands a second, got ${peak} on ${shards}; ` +
      (chosen.kind === 'hetzner'
        ? 'cluster mode on elasticache or memorydb spreads them'
        : `${needed} shards serve them`),
  );
};
