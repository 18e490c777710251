import type { CacheTierPlan } from '../tier/plan';
import { type CloudWatchSource, runbookOf, type Signal, type Threshold } from './signal';
import { signalsOf } from './signals';

/** A signal that CloudWatch has. */
export type CloudWatchSignal = Signal & { readonly cloudWatch: CloudWatchSource };

/** An alarm of CloudWatch, before its nodes are known. */
export interface AlarmPlan {
  /** What tells it from the others of the tier. */
  readonly id: string;
  readonly signal: CloudWatchSignal;
  readonly severity: Threshold['severity'];
  /** What it says, with its runbook. */
  readonly description: string;
  /** In the unit of the metric. */
  readonly threshold: number;
  readonly comparison: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: 'breaching' | 'notBreaching';
}

/** Seconds over which values are taken together, where a signal says nothing else. */
export const PERIOD_SECONDS = 60;

/** An alarm takes at most so many metrics in its expression (CloudWatch quotas). */
export const MOST_METRICS = 10;

/** The signals of a tier that CloudWatch has. */
export function cloudWatchSignals(plan: CacheTierPlan): readonly CloudWatchSignal[] {
  return signalsOf(plan).filter((signal): signal is CloudWatchSignal => signal.cloudWatch !== null);
}

/** One alarm for each threshold of each signal. */
export function alarmsOf(plan: CacheTierPlan): readonly AlarmPlan[] {
  return cloudWatchSignals(plan).flatMap((signal) => signal.thresholds.map((threshold) => alarmOf(signal, threshold)));
}

function alarmOf(signal: CloudWatchSignal, threshold: Threshold): AlarmPlan {
  const { scale, datapoints, periodSeconds = PERIOD_SECONDS, missing = 'notBreaching' } = signal.cloudWatch;
  const lasting = Math.max(1, Math.ceil(threshold.forSeconds / periodSeconds));
  return {
    id: `${signal.alert.replace(/^Cachetier/, '')}${threshold.severity === 'page' ? 'Page' : 'Ticket'}`,
    signal,
    severity: threshold.severity,
    description: `${threshold.severity}: ${signal.title}. ${signal.meaning} Runbook: ${runbookOf(signal)}`,
    threshold: threshold.value * scale,
    comparison: threshold.is === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    evaluationPeriods: datapoints?.of ?? lasting,
    datapointsToAlarm: datapoints?.bad ?? lasting,
    treatMissingData: missing,
  };
}
