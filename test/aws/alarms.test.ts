import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { App, Stack } from 'aws-cdk-lib/core';
import { CacheTier, type CacheTierProps } from '../../constructs/aws';
import { alarmsOf, cloudWatchSignals, MOST_METRICS } from '../../constructs/monitoring/alarms';
import { type CacheTierConfig, plan } from '../../constructs/tier';
import { sectionsOf } from '../readme/markdown';
import { published } from '../monitoring/cloudwatch-sources';
import { all, kinds, only, orders } from './support';

/** A config in which every signal of a kind has its thresholds. */
const sessions: CacheTierConfig = {
  ...orders,
  workload: 'session-store',
  durability: 'snapshot',
  availability: { replicas: 2, shards: 2 },
  traffic: { peakOpsPerSecond: 5000 },
};

function draw(config: CacheTierConfig, kind: (typeof kinds)[number], props: Partial<CacheTierProps> = {}): Template {
  const stack = new Stack(new App(), 'Stack');
  new CacheTier(stack, 'Cache', { config, kind, ...props });
  return Template.fromStack(stack);
}

interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly returnData: boolean;
  readonly metricStat?: {
    readonly metric: {
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions: readonly { readonly name: string; readonly value: unknown }[];
    };
  };
}

/** CloudFormation writes its names with capitals. */
function queriesOf(properties: Record<string, unknown>): readonly Query[] {
  const text = JSON.stringify(properties['Metrics']).replace(/"([A-Z])(\w+)":/g, (_all, first: string, rest: string) =>
    first === 'R' && rest === 'ef' ? '"Ref":' : `"${first.toLowerCase()}${rest}":`,
  );
  return JSON.parse(text) as readonly Query[];
}

const asked = (kind: (typeof kinds)[number]): CacheTierConfig =>
  kind === 'elasticache-serverless'
    ? {
        ...sessions,
        availability: {},
        accept: [{ gap: 'eviction-policy', because: 'it is a test' }],
      }
    : sessions;

describe.each(kinds)('alarms of %s', (kind) => {
  const config = asked(kind);
  const template = draw(config, kind);
  const alarms = all(template, 'AWS::CloudWatch::Alarm');

  test('each metric has the namespace and the dimensions that the service publishes it with', () => {
    const used = alarms.flatMap(({ Properties }) =>
      queriesOf(Properties).flatMap(({ metricStat }) =>
        metricStat
          ? [
              [
                metricStat.metric.namespace,
                metricStat.metric.metricName,
                ...metricStat.metric.dimensions.map(({ name }) => name),
              ].join(' '),
            ]
          : [],
      ),
    );
    const rows = published[kind].map((row) => [row.namespace, row.metricName, ...row.dimensions].join(' '));
    expect(alarms.length).toBeGreaterThan(8);
    expect(used.filter((metric) => !rows.includes(metric))).toEqual([]);
  });

  test('what the dashboard shows is published so as well, and everything in the table is shown', () => {
    const { DashboardBody: body } = only(template, 'AWS::CloudWatch::Dashboard').Properties;
    const text = JSON.stringify(body);
    const shown = cloudWatchSignals(plan(config, { kind })).flatMap(({ cloudWatch }) => cloudWatch.metrics);
    for (const name of shown) expect(text).toContain(name);
    const optional = ['DurabilityLag', 'DurabilityBufferExceededErrorCount'];
    expect(
      [...new Set(published[kind].map(({ metricName }) => metricName))]
        .filter((name) => !optional.includes(name))
        .sort(),
    ).toEqual([...new Set(shown)].sort());
  });

  test('no alarm is left without data by construction', () => {
    for (const { Properties } of alarms) {
      expect(['breaching', 'notBreaching']).toContain(Properties['TreatMissingData']);
      const queries = queriesOf(Properties);
      expect(queries.filter(({ returnData }) => returnData)).toHaveLength(1);
      expect(queries.filter(({ metricStat }) => metricStat).length).toBeLessThanOrEqual(MOST_METRICS);
      // Metric math takes only what is in the same alarm.
      const names = queries.flatMap(({ expression }) => expression?.match(/n\d+m\d+/g) ?? []);
      for (const name of names) expect(queries.map(({ id }) => id)).toContain(name);
      // Silence of one node among others is seen only where it counts as a value.
      if (Properties['TreatMissingData'] === 'breaching') {
        expect(queries.find(({ returnData }) => returnData)?.expression).toContain('FILL(');
      }
    }
  });

  test('each alarm names its runbook', () => {
    for (const { Properties } of alarms) {
      const [, file = '', anchor = ''] =
        / Runbook: (docs\/runbooks\/[\w-]+\.md)#(cachetier\w+)$/.exec(String(Properties['AlarmDescription'])) ?? [];
      expect(sectionsOf(file)).toContain(anchor);
      expect(String(Properties['AlarmDescription']).length).toBeLessThan(1024);
    }
  });

  test('there is one for each threshold of each signal, and for each shard', () => {
    const perNode = alarmsOf(plan(config, { kind })).map(({ signal }) => signal.cloudWatch.scope === 'node');
    const shards = kind === 'elasticache' ? 2 : 1;
    // Four metrics of three nodes are more than one alarm takes.
    const parts = kind === 'elasticache' ? shards : 0;
    expect(alarms).toHaveLength(perNode.reduce((sum, each) => sum + (each ? shards : 1), parts));
  });

  test('without anybody to tell, none has an action and there is no topic', () => {
    expect(all(template, 'AWS::SNS::Topic')).toEqual([]);
    for (const { Properties } of alarms) expect(Properties['AlarmActions']).toBeUndefined();
  });
});

describe('who is told', () => {
  const notify = { monitoring: { notify: { email: 'ops@example.com' } } };

  test.each(kinds)('alarms of %s go to an encrypted topic, by mail', (kind) => {
    const template = draw({ ...asked(kind), ...notify }, kind);
    const [alarms] = all(template, 'AWS::SNS::Topic').filter(({ Properties }) => Properties['KmsMasterKeyId']);
    expect(alarms).toBeDefined();
    for (const { Properties } of all(template, 'AWS::CloudWatch::Alarm')) {
      expect(Properties['AlarmActions']).toEqual([{ Ref: alarms?.id }]);
      expect(Properties['OKActions']).toEqual([{ Ref: alarms?.id }]);
    }
    const policy = JSON.stringify(only(template, 'AWS::KMS::Key').Properties['KeyPolicy']);
    expect(policy).toContain('cloudwatch.amazonaws.com');
    expect(policy).toContain('kms:GenerateDataKey*');
    const mails = all(template, 'AWS::SNS::Subscription').map(({ Properties }) => Properties['Endpoint']);
    expect(new Set(mails)).toEqual(new Set(['ops@example.com']));
  });

  test.each([
    ['elasticache', 'AWS::ElastiCache::ReplicationGroup', 'NotificationTopicArn'],
    ['memorydb', 'AWS::MemoryDB::Cluster', 'SnsTopicArn'],
  ] as const)(
    'events of %s go to a topic without a key, which this account alone may publish to',
    (kind, type, property) => {
      const template = draw({ ...asked(kind), ...notify }, kind);
      const [events] = all(template, 'AWS::SNS::Topic').filter(({ Properties }) => !Properties['KmsMasterKeyId']);
      expect(only(template, type).Properties[property]).toEqual({ Ref: events?.id });
      const [policy] = all(template, 'AWS::SNS::TopicPolicy').filter(({ Properties }) =>
        JSON.stringify(Properties['Topics']).includes(events?.id ?? '-'),
      );
      expect(JSON.stringify(policy?.Properties)).toContain('"AWS:SourceOwner":{"Ref":"AWS::AccountId"}');
    },
  );

  test('events of a Serverless cache come by EventBridge, since it takes no topic', () => {
    const template = draw({ ...asked('elasticache-serverless'), ...notify }, 'elasticache-serverless');
    const rule = only(template, 'AWS::Events::Rule').Properties;
    const topic = only(template, 'AWS::SNS::Topic');
    expect(rule['Targets']).toEqual([{ Id: 'topic1', Arn: { Ref: topic.id } }]);
    expect(rule['EventPattern']).toMatchObject({
      source: ['aws.elasticache'],
      'detail-type': expect.arrayContaining(['Cache Limit Approaching', 'Snapshot Creation Failed']),
    });
    expect(JSON.stringify(only(template, 'AWS::SNS::TopicPolicy').Properties)).toContain('events.amazonaws.com');
  });

  test('a program brings topics of its own, by severity, and has the last word on each alarm', () => {
    const stack = new Stack(new App(), 'Stack');
    const page = new sns.Topic(stack, 'Page');
    const tier = new CacheTier(stack, 'Cache', {
      config: sessions,
      kind: 'elasticache',
      alarmTopics: { page },
      adjustAlarm: (drawn, alarm) => (alarm.signal.name === 'commands' ? null : { ...drawn, alarmName: undefined }),
    });
    const alarms = all(Template.fromStack(stack), 'AWS::CloudWatch::Alarm');
    const acting = alarms.filter(({ Properties }) => Properties['AlarmActions'] !== undefined);
    expect(acting.every(({ id }) => id.includes('Page'))).toBe(true);
    expect(acting.length).toBeGreaterThan(3);
    expect(alarms.some(({ id }) => id.includes('TrafficAbovePlan'))).toBe(false);
    expect(Object.keys(tier.tier.alarms)).toContain('MemoryFullPageShard1');
  });
});
