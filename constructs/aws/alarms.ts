import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type AlarmPlan, alarmsOf, PERIOD_SECONDS } from '../monitoring/alarms';
import type { CacheTierPlan } from '../tier/plan';
import type { MonitoringProps } from './notifications';
import { type MetricIdentity, type SignalMetric, signalMetrics } from './signal-metrics';

/** The alarms of a tier: one for each threshold of each signal, and for each shard where nodes have their own metrics. */
export class TierAlarms extends Construct {
  /** The alarms, by what they are for. */
  readonly alarms: Readonly<Record<string, cloudwatch.CfnAlarm>>;

  constructor(
    scope: Construct,
    id: string,
    plan: CacheTierPlan,
    identity: MetricIdentity,
    actions: Readonly<Record<'page' | 'ticket', readonly string[]>>,
    { adjustAlarm }: MonitoringProps,
  ) {
    super(scope, id);
    const alarms: Record<string, cloudwatch.CfnAlarm> = {};
    for (const alarm of alarmsOf(plan)) {
      for (const metric of signalMetrics(alarm.signal, identity)) {
        const name = alarm.id + metric.part;
        const drawn = propsOf(plan, alarm, metric, identity, actions[alarm.severity]);
        const props = adjustAlarm ? adjustAlarm(drawn, alarm) : drawn;
        if (props !== null) alarms[name] = new cloudwatch.CfnAlarm(this, name, props);
      }
    }
    this.alarms = alarms;
  }
}

function propsOf(
  plan: CacheTierPlan,
  alarm: AlarmPlan,
  metric: SignalMetric,
  identity: MetricIdentity,
  actions: readonly string[],
): cloudwatch.CfnAlarmProps {
  const { threshold, evaluationPeriods, datapointsToAlarm, treatMissingData } = alarm;
  const where = metric.part === '' ? '' : ` (${metric.part})`;
  return {
    alarmDescription: `${plan.name}${where}: ${alarm.description}`,
    metrics: queriesOf(alarm, metric, identity),
    comparisonOperator: alarm.comparison,
    threshold,
    evaluationPeriods,
    datapointsToAlarm,
    treatMissingData,
    ...(actions.length === 0 ? {} : { alarmActions: [...actions], okActions: [...actions] }),
  };
}

function queriesOf(
  { signal }: AlarmPlan,
  { queries, expression }: SignalMetric,
  { backend }: MetricIdentity,
): cloudwatch.CfnAlarm.MetricDataQueryProperty[] {
  const { statistic, periodSeconds = PERIOD_SECONDS } = signal.cloudWatch;
  const metrics = queries.map(({ id, metricName, dimensions }) => ({
    id,
    returnData: expression === null,
    metricStat: {
      metric: {
        namespace: backend.namespace,
        metricName,
        dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
      },
      period: periodSeconds,
      stat: statistic,
    },
  }));
  if (expression === null) return metrics;
  return [...metrics, { id: 'signal', expression, label: signal.title, returnData: true }];
}
