import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Aws, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type CloudWatchSignal, cloudWatchSignals, PERIOD_SECONDS } from '../monitoring/alarms';
import { runbookOf } from '../monitoring/signal';
import type { CacheTierPlan } from '../tier/plan';
import { type MetricIdentity, signalMetrics } from './signal-metrics';

/** Three panels beside one another fill the 24 columns of a dashboard. */
const WIDTH = 8;
const HEIGHT = 6;
/** A panel shows at most so many metrics (CloudWatch quotas); a tier with more nodes shows its first ones. */
const MOST_IN_PANEL = 500;

/** One panel for each signal, with every node in it and the thresholds as lines. */
export function defineDashboard(
  scope: Construct,
  plan: CacheTierPlan,
  identity: MetricIdentity,
): cloudwatch.CfnDashboard {
  const widgets = cloudWatchSignals(plan).map((signal, index) => ({
    type: 'metric',
    x: (index % 3) * WIDTH,
    y: Math.floor(index / 3) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title: signal.title,
      view: 'timeSeries',
      region: Aws.REGION,
      period: signal.cloudWatch.periodSeconds ?? PERIOD_SECONDS,
      stat: signal.cloudWatch.statistic,
      metrics: rowsOf(signal, identity),
      annotations: {
        horizontal: signal.thresholds.map(({ severity, value }) => ({
          label: `${severity}: ${runbookOf(signal)}`,
          value: value * signal.cloudWatch.scale,
          color: severity === 'page' ? '#d13212' : '#ff9900',
        })),
      },
    },
  }));
  return new cloudwatch.CfnDashboard(scope, 'Dashboard', {
    dashboardBody: Stack.of(scope).toJsonString({ widgets }),
  });
}

function rowsOf(signal: CloudWatchSignal, identity: MetricIdentity): readonly (readonly string[])[] {
  return signalMetrics(signal, identity)
    .flatMap(({ queries }) => queries)
    .slice(0, MOST_IN_PANEL)
    .map(({ metricName, dimensions }) => [
      identity.backend.namespace,
      metricName,
      ...Object.entries(dimensions).flat(),
    ]);
}
