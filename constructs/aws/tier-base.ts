import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { cloudWatch, type CloudWatchBackend, type CloudWatchMetric } from '../monitoring/cloudwatch';
import { clientSettings, type ClientSettings } from '../tier/client-settings';
import type { CacheEndpoint } from '../tier/endpoint';
import type { CacheTierPlan } from '../tier/plan';
import { TierAlarms } from './alarms';
import type { Network } from './network';
import type { MonitoringProps, Notifications } from './notifications';
import { defineDashboard } from './signal-dashboard';
import type { MetricIdentity } from './signal-metrics';
import { type AwsKind, refuse } from './planned';
import type { TierUser } from './users';

/** A cache tier, drawn here or elsewhere. */
export interface ICacheTier extends IConstruct, ec2.IConnectable {
  /** How clients reach it. */
  readonly endpoint: CacheEndpoint<string>;
  /** Users by their name in the config. */
  readonly users: Readonly<Record<string, TierUser>>;
  /**
   * Lets a grantee read the login and password of one user. It opens no port: that is `connections`.
   *
   * @param grantee - who may read
   * @param user - name of the user in the config; the only one, where there is one
   * @throws ConfigError when there is no such user, or none is named of several
   */
  grantConnect(grantee: iam.IGrantable, user?: string): iam.Grant;
  /**
   * Ready-made settings for the client libraries of the field, with tokens for what is known at deployment.
   *
   * @param user - name of the user in the config; the only one, where there is one
   * @throws ConfigError when there is no such user, or none is named of several
   */
  clientSettings(user?: string): ClientSettings;
}

/** What a drawn and an imported tier share. */
export abstract class TierBase extends Construct implements ICacheTier {
  abstract readonly connections: ec2.Connections;
  abstract readonly endpoint: CacheEndpoint<string>;
  abstract readonly users: Readonly<Record<string, TierUser>>;

  grantConnect(grantee: iam.IGrantable, user?: string): iam.Grant {
    return this.userOf(user).secret.grantRead(grantee);
  }

  clientSettings(user?: string): ClientSettings {
    return clientSettings(this.endpoint, { login: this.userOf(user).login });
  }

  private userOf(name: string | undefined): TierUser {
    const known = Object.values(this.users);
    const found = name === undefined && known.length === 1 ? known[0] : known.find((user) => user.name === name);
    return (
      found ??
      refuse(
        'UserIsNamed',
        'access.users',
        `the tier has the users ${known.map((user) => user.name).join(', ')}, got ${name ?? 'no name'}; name one of them`,
      )
    );
  }
}

/** A tier that this program draws: its plan, its network and its metrics. */
export abstract class DrawnTier extends TierBase {
  abstract readonly plan: CacheTierPlan;
  protected abstract readonly network: Network;
  protected abstract readonly kind: AwsKind;
  /** Value of the dimension that names the cache to CloudWatch. */
  protected abstract readonly metricId: string;
  private drawnAlarms: TierAlarms | null = null;

  /** Id of the network of the tier. */
  get vpcId(): string {
    return this.network.vpcId;
  }

  /** Network of the tier. */
  get vpc(): ec2.IVpc {
    return this.network.vpc;
  }

  /**
   * A metric of the service, by its name in CloudWatch.
   *
   * On a replication group it is that of the first node; roles move, so an alarm takes each of `nodeIds`.
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const { namespace, dimension } = this.backend;
    return new cloudwatch.Metric({
      namespace,
      metricName,
      ...options,
      dimensionsMap: { [dimension]: this.metricId, ...options?.dimensionsMap },
    }).attachTo(this);
  }

  /** Keys evicted for want of memory. */
  metricEvictions(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(this.backend.metrics.evictions, options);
  }

  /** Share of one core that the engine uses, in percent; on Serverless the processing units consumed. */
  metricCpu(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(this.backend.metrics.cpu, options);
  }

  /** Memory used, in percent of `maxmemory`; on Serverless in bytes. */
  metricMemory(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(this.backend.metrics.memory, options);
  }

  /** Connections of clients. */
  metricConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(this.backend.metrics.connections, options);
  }

  /** The alarms of the tier by what they are for, such as `MemoryFullPage`; of each shard where there are several. */
  get alarms(): Readonly<Record<string, cloudwatch.CfnAlarm>> {
    return this.drawnAlarms?.alarms ?? {};
  }

  /** Alarms and dashboard, once the tier itself is drawn. */
  protected watch(
    identity: Omit<MetricIdentity, 'backend' | 'cacheId'>,
    { actions }: Notifications,
    props: MonitoringProps,
  ): void {
    const whole = { ...identity, backend: this.backend, cacheId: this.metricId };
    this.drawnAlarms = new TierAlarms(this, 'Alarms', this.plan, whole, actions, props);
    defineDashboard(this, this.plan, whole);
  }

  protected named(metric: CloudWatchMetric, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(metric.metricName, {
      statistic: metric.statistic,
      ...options,
    });
  }

  protected get backend(): CloudWatchBackend {
    return cloudWatch[this.kind];
  }
}
