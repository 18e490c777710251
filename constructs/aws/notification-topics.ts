import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { CacheTierPlan } from '../tier/plan';
import { acknowledge } from './acknowledge';

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

/** A rule that sends them to topics. */
export function defineServerlessEvents(scope: Construct, cacheArn: string, targets: readonly string[]): void {
  new events.CfnRule(scope, 'ServerlessEvents', {
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

/** The topic of alarms, encrypted by a key that those who publish to it may use. */
export function defineAlarmTopic(scope: Construct, plan: CacheTierPlan, email: string): sns.Topic {
  const key = new kms.Key(scope, 'Key', {
    description: `alarms of the cache tier ${plan.name}`,
    enableKeyRotation: true,
  });
  const publishers = [
    // No other account's alarms speak through it.
    new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    // EventBridge publishes to no topic whose policy has conditions (EventBridge user guide, resource-based policies).
    ...(plan.kind === 'elasticache-serverless' ? [new iam.ServicePrincipal('events.amazonaws.com')] : []),
  ];
  for (const principal of publishers) {
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [principal],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
  }
  const topic = new sns.Topic(scope, 'Alarms', {
    displayName: `alarms of the cache tier ${plan.name}`,
    masterKey: key,
    enforceSSL: true,
  });
  for (const principal of publishers) topic.grantPublish(principal);
  subscribe(scope, 'AlarmsByEmail', topic, email);
  return topic;
}

/** Not encrypted, because the service publishes to no topic with a key; restricted instead to this account. */
export function defineEventTopic(scope: Construct, plan: CacheTierPlan, email: string): sns.Topic {
  const topic = new sns.Topic(scope, 'Events', {
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
  subscribe(scope, 'EventsByEmail', topic, email);
  return topic;
}

function subscribe(scope: Construct, id: string, topic: sns.Topic, email: string): void {
  new sns.Subscription(scope, id, { topic, protocol: sns.SubscriptionProtocol.EMAIL, endpoint: email });
}
