import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { AlarmPlan } from '../monitoring/alarms';
import type { CacheTierPlan } from '../tier/plan';
import { acknowledge } from './acknowledge';

/** Who is told of a tier, and how its alarms are drawn. */
export interface MonitoringProps {
  /**
   * Topics that alarms go to, by severity, beside the one that is made for `monitoring.notify`. An encrypted topic has to
   * let `cloudwatch.amazonaws.com` use its key.
   *
   * @default - the topic of `monitoring.notify` alone; without it the alarms change their state and tell nobody
   */
  readonly alarmTopics?: { readonly page?: sns.ITopic; readonly ticket?: sns.ITopic };

  /**
   * Topic for the events of ElastiCache nodes and MemoryDB: failovers, replacements, failed snapshots. It must not be
   * encrypted by a key of KMS: the service then shows it as inactive and tells nobody.
   *
   * @default - one is made where `monitoring.notify` is given
   */
  readonly eventTopic?: sns.ITopic;

  /**
   * Last word on each alarm; null leaves it out.
   *
   * @default - the props drawn from the signals are used as they are
   */
  readonly adjustAlarm?: (drawn: cloudwatch.CfnAlarmProps, alarm: AlarmPlan) => cloudwatch.CfnAlarmProps | null;
}

/**
 * Events of a Serverless cache that a person should hear of; it takes no topic, and sends them to EventBridge alone.
 * Source: docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticache.html, November 2026.
 */
const serverlessEvents = [
  'Cache Creation Failed',
  'Cache Update Failed',
  'Cache Deleted',
  'Cache Limit Approaching',
  'Snapshot Creation Failed',
  'Snapshot Export Failed',
  'Snapshot Copy Failed',
];

/** Topics for alarms and for events. They differ: alarms are encrypted, and a service publishes to no encrypted topic. */
export class Notifications extends Construct {
  /** What an alarm of each severity does. */
  readonly actions: Readonly<Record<'page' | 'ticket', readonly string[]>>;
  /** Topic that the service publishes its events to, or null where nobody is to be told. */
  readonly eventTopicArn: string | null;
  private readonly own: sns.Topic | null;

  constructor(scope: Construct, id: string, plan: CacheTierPlan, props: MonitoringProps) {
    super(scope, id);
    const email = plan.monitoring.notifyEmail;
    this.own = email === null ? null : this.defineAlarmTopic(plan, email);
    const actionsOf = (given: sns.ITopic | undefined): readonly string[] =>
      [this.own, given].flatMap((topic) => (topic ? [topic.topicArn] : []));
    this.actions = { page: actionsOf(props.alarmTopics?.page), ticket: actionsOf(props.alarmTopics?.ticket) };
    this.eventTopicArn = this.eventTopicOf(plan, props);
  }

  /** Sends what a Serverless cache says to those who hear of alarms. */
  hearServerless(cacheArn: string): void {
    const targets = this.actions.page;
    if (targets.length === 0) return;
    new events.CfnRule(this, 'ServerlessEvents', {
      description: 'what the cache says of itself, to those who hear of its alarms',
      // An event of a snapshot names the snapshot, and not the cache that it is of.
      eventPattern: {
        source: ['aws.elasticache'],
        'detail-type': serverlessEvents,
        resources: [cacheArn, { wildcard: 'arn:*:elasticache:*:*:serverlesscachesnapshot:*' }],
      },
      targets: targets.map((arn, index) => ({ id: `topic${index + 1}`, arn })),
    });
  }

  private eventTopicOf(plan: CacheTierPlan, { eventTopic }: MonitoringProps): string | null {
    if (plan.kind === 'elasticache-serverless') return null;
    if (eventTopic) return eventTopic.topicArn;
    const email = plan.monitoring.notifyEmail;
    return email === null ? null : this.defineEventTopic(plan, email).topicArn;
  }

  private defineAlarmTopic(plan: CacheTierPlan, email: string): sns.Topic {
    const key = new kms.Key(this, 'Key', {
      description: `alarms of the cache tier ${plan.name}`,
      enableKeyRotation: true,
    });
    const publishers = ['cloudwatch.amazonaws.com', 'events.amazonaws.com'];
    for (const service of publishers) {
      const principal = new iam.ServicePrincipal(service, { conditions: fromThisAccount });
      key.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [principal],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
        }),
      );
    }
    const topic = new sns.Topic(this, 'Alarms', {
      displayName: `alarms of the cache tier ${plan.name}`,
      masterKey: key,
      enforceSSL: true,
    });
    for (const service of publishers) {
      const principal = new iam.ServicePrincipal(service, { conditions: fromThisAccount });
      topic.grantPublish(principal);
    }
    subscribe(this, 'AlarmsByEmail', topic, email);
    return topic;
  }

  /** Not encrypted, because the service publishes to no topic with a key; restricted instead to this account. */
  private defineEventTopic(plan: CacheTierPlan, email: string): sns.Topic {
    const topic = new sns.Topic(this, 'Events', {
      displayName: `events of the cache tier ${plan.name}`,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.AnyPrincipal()],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'AWS:SourceOwner': Aws.ACCOUNT_ID } },
      }),
    );
    acknowledge(
      topic,
      'SNS2',
      'ElastiCache and MemoryDB publish to no topic that has a key; it carries names of nodes only',
    );
    subscribe(this, 'EventsByEmail', topic, email);
    return topic;
  }
}

/** No other account's service gets these to speak for it. */
const fromThisAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };

function subscribe(scope: Construct, id: string, topic: sns.Topic, email: string): void {
  new sns.Subscription(scope, id, { topic, protocol: sns.SubscriptionProtocol.EMAIL, endpoint: email });
}
