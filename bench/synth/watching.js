'use strict';
// Alarms and dashboard of a tier by hand, from L1 classes alone: as many as ours draws, of the same metrics.
const { Aws, Fn, Stack } = require('aws-cdk-lib/core');

const both = ['SuccessfulReadRequestLatency', 'SuccessfulWriteRequestLatency'];
const refused = ['CommandAuthorizationFailures', 'KeyAuthorizationFailures'];
const network = ['In', 'Out'].map((way) => `NetworkBandwidth${way}AllowanceExceeded`);
const limits = [...network, 'NetworkPacketsPerSecondAllowanceExceeded', 'NetworkConntrackAllowanceExceeded'];

/** Metrics of each alarm, and of each panel that has none. */
const rows = {
  elasticache: {
    alarms: [
      ...[
        ['CurrConnections'],
        ['CurrConnections'],
        ['NewConnections'],
        both,
        both,
        both,
        ['AuthenticationFailures'],
        refused,
      ],
      ...['EngineCPUUtilization', 'IsMaster', 'ReplicationLag', 'ReplicationLag', 'MasterLinkHealthStatus'].map(
        (one) => [one],
      ),
      ...['EngineCPUUtilization', 'EngineCPUUtilization', 'CPUUtilization', 'FreeableMemory'].map((one) => [one]),
      limits,
      ['TrafficManagementActive'],
    ],
    whole: [['EngineCPUUtilization']],
    panels: 20,
  },
  'elasticache-serverless': {
    alarms: [],
    whole: [
      ...['BytesUsedForCache', 'BytesUsedForCache', 'Evictions', 'CurrConnections', 'CurrConnections'].map((one) => [
        one,
      ]),
      ['NewConnections'],
      ...[both, both, both],
      ['AuthenticationFailures'],
      ['ThrottledCmds'],
    ],
    panels: 11,
  },
  memorydb: {
    alarms: [],
    whole: [
      ...['CurrConnections', 'CurrConnections', 'NewConnections'].map((one) => [one]),
      ...Array(3).fill(['SuccessfulWriteRequestLatency']),
      ['AuthenticationFailures'],
      refused,
      ...['EngineCPUUtilization', 'IsPrimary', 'ReplicationLag', 'ReplicationLag', 'PrimaryLinkHealthStatus'].map(
        (one) => [one],
      ),
      ...['EngineCPUUtilization', 'EngineCPUUtilization', 'CPUUtilization', 'FreeableMemory'].map((one) => [one]),
      limits,
      ['ReplicationDelayedWriteCommands'],
    ],
    panels: 18,
  },
};

const dimensions = { elasticache: 'CacheClusterId', 'elasticache-serverless': 'clusterId', memorydb: 'ClusterName' };

/** @param {string} id what CloudWatch knows the cache by */
module.exports.drawWatching = function drawWatching(stack, kind, id) {
  const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
  const namespace = kind === 'memorydb' ? 'AWS/MemoryDB' : 'AWS/ElastiCache';
  const nodes = ['001', '002'].map((suffix) => Fn.join('-', [id, suffix]));
  const { alarms, whole, panels } = rows[kind];
  const shown = [];
  const draw = (names, ids, index) => {
    const queries = ids.flatMap((value, node) =>
      names.map((metricName, each) => ({
        id: `n${node}m${each}`,
        returnData: false,
        metricStat: {
          metric: { namespace, metricName, dimensions: [{ name: dimensions[kind], value }] },
          period: 60,
          stat: 'Maximum',
        },
      })),
    );
    const expression = { id: 'signal', expression: 'MAX(METRICS())', label: names[0], returnData: true };
    new cloudwatch.CfnAlarm(stack, `Alarm${index}`, {
      alarmDescription: `${names[0]} of the cache tier is not as it should be; see the runbook of the alarm for what to do`,
      metrics: queries.length > 1 ? [...queries, expression] : [{ ...queries[0], returnData: true }],
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: 'notBreaching',
    });
    shown.push(...ids.flatMap((value) => names.map((name) => [namespace, name, dimensions[kind], value])));
  };
  alarms.forEach((names, index) => draw(names, nodes, index));
  whole.forEach((names, index) => draw(names, [id], alarms.length + index));
  const widgets = Array.from({ length: panels }, (_panel, index) => ({
    type: 'metric',
    x: (index % 3) * 8,
    y: Math.floor(index / 3) * 6,
    width: 8,
    height: 6,
    properties: {
      title: `panel ${index}`,
      view: 'timeSeries',
      region: Aws.REGION,
      period: 60,
      stat: 'Maximum',
      metrics: shown.filter((_row, row) => row % panels === index),
      annotations: { horizontal: [{ label: 'ticket: see the runbook', value: 1, color: '#ff9900' }] },
    },
  }));
  new cloudwatch.CfnDashboard(stack, 'Dashboard', { dashboardBody: Stack.of(stack).toJsonString({ widgets }) });
};
