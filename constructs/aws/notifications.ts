import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AlarmPlan } from '../monitoring/alarms';
import type { CacheTierPlan } from '../tier/plan';

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

/** Who is told: topics for alarms and for events, where anybody is. */
export class Notifications extends Construct {
  /** What an alarm of each severity does. */
  readonly actions: Readonly<Record<'page' | 'ticket', readonly string[]>>;
  /** Topic that the service publishes its events to, or null where nobody is to be told. */
  readonly eventTopicArn: string | null;

  constructor(scope: Construct, id: string, plan: CacheTierPlan, props: MonitoringProps) {
    super(scope, id);
    const email = plan.monitoring.notifyEmail;
    const own = email === null ? [] : [topics().defineAlarmTopic(this, plan, email)];
    const actionsOf = (given: sns.ITopic | undefined): readonly string[] =>
      [...own, ...(given ? [given] : [])].map(({ topicArn }) => topicArn);
    this.actions = { page: actionsOf(props.alarmTopics?.page), ticket: actionsOf(props.alarmTopics?.ticket) };
    this.eventTopicArn = this.eventTopicOf(plan, props);
  }

  /** Sends what a Serverless cache says to those who hear of alarms. */
  hearServerless(cacheArn: string): void {
    if (this.actions.page.length > 0) topics().defineServerlessEvents(this, cacheArn, this.actions.page);
  }

  private eventTopicOf(plan: CacheTierPlan, { eventTopic }: MonitoringProps): string | null {
    if (plan.kind === 'elasticache-serverless') return null;
    if (eventTopic) return eventTopic.topicArn;
    const email = plan.monitoring.notifyEmail;
    return email === null ? null : topics().defineEventTopic(this, plan, email).topicArn;
  }
}

/** Topics, keys and rules cost time at every synthesis: they are loaded where somebody is told. */
function topics(): typeof import('./notification-topics') {
  return require('./notification-topics') as typeof import('./notification-topics');
}
