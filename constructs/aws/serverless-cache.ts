import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { cloudWatch } from '../monitoring/cloudwatch';
import type { CacheEndpoint } from '../tier/endpoint';
import { connectionsFor } from './connections';
import { type AdjustElastiCacheUsers, defineElastiCacheUsers } from './elasticache-users';
import { type Network, networkFor } from './network';
import { Notifications } from './notifications';
import { type PlanOf, planFor } from './planned';
import type { TierProps } from './props';
import { finalSnapshotName, removeByFinalSnapshot } from './removal';
import { seedServerless } from './seed';
import { DrawnTier } from './tier-base';
import type { TierUser } from './users';

/** Last words on what `ServerlessCache` draws. */
export interface AdjustServerlessCache extends AdjustElastiCacheUsers {
  /**
   * Last word on the cache, for a setting this construct does not name.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustServerlessCache?: (drawn: elasticache.CfnServerlessCacheProps) => elasticache.CfnServerlessCacheProps;
}

/** Props of `ServerlessCache`. */
export interface ServerlessCacheProps extends TierProps, AdjustServerlessCache {}

/** ElastiCache Serverless: one Valkey cache that sizes itself. */
export class ServerlessCache extends DrawnTier {
  readonly plan: PlanOf<'elasticache-serverless'>;
  protected readonly network: Network;
  readonly connections: ec2.Connections;
  readonly users: Readonly<Record<string, TierUser>>;
  readonly endpoint: CacheEndpoint<string>;
  /** The cache itself. */
  readonly resource: elasticache.CfnServerlessCache;
  protected readonly kind = 'elasticache-serverless';

  /**
   * @throws ConfigError when the config is refused, or the network does not fit it
   */
  constructor(scope: Construct, id: string, props: ServerlessCacheProps) {
    super(scope, id);
    this.plan = planFor(this, 'elasticache-serverless', props);
    this.network = networkFor(this, this.plan, props);
    this.connections = connectionsFor(this, this.plan, this.network, props);
    const { users, userGroup } = defineElastiCacheUsers(this, this.plan, props);
    this.users = users;
    this.resource = this.defineCache(userGroup, props);
    this.endpoint = {
      mode: 'cluster',
      tls: { ca: null },
      configuration: {
        host: this.resource.attrEndpointAddress,
        port: this.resource.attrEndpointPort,
      },
      reader: {
        host: this.resource.attrReaderEndpointAddress,
        port: this.resource.attrReaderEndpointPort,
      },
    };
    removeByFinalSnapshot(this, this.plan, this.resource);
    const notifications = new Notifications(this, 'Notifications', this.plan, props);
    notifications.hearServerless(this.resource.attrArn);
    this.watch({ groupId: null, shards: [] }, notifications, props);
  }

  /** Commands that were throttled at the limit of processing units. */
  metricThrottled(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(cloudWatch['elasticache-serverless'].metrics.throttled, options);
  }

  protected get metricId(): string {
    return this.resource.ref;
  }

  private defineCache(
    userGroup: elasticache.CfnUserGroup,
    { encryptionKey, adjustServerlessCache }: ServerlessCacheProps,
  ): elasticache.CfnServerlessCache {
    const { target } = this.plan;
    const drawn: elasticache.CfnServerlessCacheProps = {
      serverlessCacheName: this.plan.names['cache'] ?? '',
      description: `cache tier ${this.plan.name}`,
      engine: 'valkey',
      majorEngineVersion: target.majorEngineVersion,
      cacheUsageLimits: {
        dataStorage: { maximum: target.maxDataStorageGiB, unit: 'GB' },
        ...(target.maxEcpuPerSecond === null ? {} : { ecpuPerSecond: { maximum: target.maxEcpuPerSecond } }),
      },
      subnetIds: onePerZone(this.network, target.zones),
      securityGroupIds: this.connections.securityGroups.map((group) => group.securityGroupId),
      userGroupId: userGroup.ref,
      kmsKeyId: encryptionKey?.keyArn,
      ...(target.dailySnapshotTime === null
        ? {}
        : {
            dailySnapshotTime: target.dailySnapshotTime,
            snapshotRetentionLimit: target.snapshotRetentionDays,
          }),
      ...seedServerless(this, this.plan),
      finalSnapshotName: finalSnapshotName(this.plan),
    };
    return new elasticache.CfnServerlessCache(
      this,
      'Resource',
      adjustServerlessCache ? adjustServerlessCache(drawn) : drawn,
    );
  }
}

/** The cache is reached through an endpoint in each zone, and a zone holds one. */
function onePerZone(network: Network, most: number): string[] {
  const byZone = new Map<string, string>();
  for (const { availabilityZone, subnetId } of network.subnets) {
    if (!byZone.has(availabilityZone)) byZone.set(availabilityZone, subnetId);
  }
  return [...byZone.values()].slice(0, most);
}
