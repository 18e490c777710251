import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { Fn } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { cloudWatch } from '../monitoring/cloudwatch';
import type { CacheEndpoint } from '../tier/endpoint';
import { acknowledge } from './acknowledge';
import { connectionsFor } from './connections';
import { type AdjustElastiCacheUsers, defineElastiCacheUsers } from './elasticache-users';
import { type Network, networkFor } from './network';
import { Notifications } from './notifications';
import { type PlanOf, planFor } from './planned';
import type { TierProps } from './props';
import { removeByPolicy } from './removal';
import { seedNodes } from './seed';
import { DrawnTier } from './tier-base';
import type { TierUser } from './users';

/** Last words on what `ReplicationGroup` draws. */
export interface AdjustReplicationGroup extends AdjustElastiCacheUsers {
  /**
   * Last word on the replication group, for a setting this construct does not name.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustReplicationGroup?: (
    drawn: elasticache.CfnReplicationGroupProps,
  ) => elasticache.CfnReplicationGroupProps;

  /**
   * Last word on the parameter group.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustParameterGroup?: (drawn: elasticache.CfnParameterGroupProps) => elasticache.CfnParameterGroupProps;

  /**
   * Last word on the subnet group.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustSubnetGroup?: (drawn: elasticache.CfnSubnetGroupProps) => elasticache.CfnSubnetGroupProps;
}

/** Props of `ReplicationGroup`. */
export interface ReplicationGroupProps extends TierProps, AdjustReplicationGroup {}

/** ElastiCache nodes with automatic failover: one Valkey replication group and all it needs. */
export class ReplicationGroup extends DrawnTier {
  readonly plan: PlanOf<'elasticache'>;
  protected readonly network: Network;
  readonly connections: ec2.Connections;
  readonly users: Readonly<Record<string, TierUser>>;
  readonly endpoint: CacheEndpoint<string>;
  /** The replication group itself. */
  readonly resource: elasticache.CfnReplicationGroup;
  /** Id of each node, as CloudWatch knows it. Roles move between them. */
  readonly nodeIds: readonly string[];
  protected readonly kind = 'elasticache';

  /**
   * @throws ConfigError when the config is refused, or the network does not fit it
   */
  constructor(scope: Construct, id: string, props: ReplicationGroupProps) {
    super(scope, id);
    this.plan = planFor(this, 'elasticache', props);
    this.network = networkFor(this, this.plan, props);
    this.connections = connectionsFor(this, this.plan, this.network, props);
    const { users, userGroup } = defineElastiCacheUsers(this, this.plan, props);
    this.users = users;
    const subnetGroup = this.defineSubnetGroup(props);
    const parameterGroup = this.defineParameterGroup(props);
    const notifications = new Notifications(this, 'Notifications', this.plan, props);
    this.resource = this.defineReplicationGroup(subnetGroup, parameterGroup, userGroup, notifications, props);
    this.endpoint = this.defineEndpoint();
    const shards = this.defineNodeIds();
    this.nodeIds = shards.flat();
    removeByPolicy(this, this.plan, this.resource);
    this.acknowledgeFindings();
    this.watch({ groupId: this.resource.ref, shards }, notifications, props);
  }

  /** Seconds that the replica on a node is behind its primary. */
  metricReplicationLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(cloudWatch.elasticache.metrics.replicationLag, options);
  }

  protected get metricId(): string {
    return this.nodeIds[0] ?? '';
  }

  private defineSubnetGroup({ adjustSubnetGroup }: ReplicationGroupProps): elasticache.CfnSubnetGroup {
    const drawn: elasticache.CfnSubnetGroupProps = {
      description: `subnets of the cache tier ${this.plan.name}`,
      subnetIds: this.network.subnets.map((subnet) => subnet.subnetId),
    };
    return new elasticache.CfnSubnetGroup(this, 'SubnetGroup', adjustSubnetGroup ? adjustSubnetGroup(drawn) : drawn);
  }

  private defineParameterGroup({ adjustParameterGroup }: ReplicationGroupProps): elasticache.CfnParameterGroup {
    const { parameterGroupFamily, parameters } = this.plan.target;
    const drawn: elasticache.CfnParameterGroupProps = {
      cacheParameterGroupFamily: parameterGroupFamily,
      description: `parameters of the cache tier ${this.plan.name}`,
      properties: { ...parameters },
    };
    return new elasticache.CfnParameterGroup(
      this,
      'ParameterGroup',
      adjustParameterGroup ? adjustParameterGroup(drawn) : drawn,
    );
  }

  private defineReplicationGroup(
    subnetGroup: elasticache.CfnSubnetGroup,
    parameterGroup: elasticache.CfnParameterGroup,
    userGroup: elasticache.CfnUserGroup,
    { eventTopicArn }: Notifications,
    { encryptionKey, adjustReplicationGroup }: ReplicationGroupProps,
  ): elasticache.CfnReplicationGroup {
    const { target } = this.plan;
    const clustered = target.clusterMode === 'enabled';
    const drawn: elasticache.CfnReplicationGroupProps = {
      replicationGroupDescription: `cache tier ${this.plan.name}`,
      engine: 'valkey',
      engineVersion: target.engineVersion,
      cacheNodeType: target.nodeType,
      cacheParameterGroupName: parameterGroup.ref,
      cacheSubnetGroupName: subnetGroup.ref,
      securityGroupIds: this.connections.securityGroups.map((group) => group.securityGroupId),
      userGroupIds: [userGroup.ref],
      port: this.plan.ports[0],
      clusterMode: target.clusterMode,
      // Each form is the one whose count changes in place: the other would replace the group.
      ...(clustered
        ? {
            numNodeGroups: target.shards,
            replicasPerNodeGroup: target.replicasPerShard,
          }
        : { numCacheClusters: target.replicasPerShard + 1 }),
      automaticFailoverEnabled: target.automaticFailover,
      multiAzEnabled: target.multiAz,
      // Choosable at creation only, and known to Valkey 9 and newer only.
      ...(target.durability === 'sync' ? { durability: 'sync' } : {}),
      transitEncryptionEnabled: true,
      atRestEncryptionEnabled: true,
      kmsKeyId: encryptionKey?.keyArn,
      snapshotRetentionLimit: target.snapshotRetentionDays,
      snapshotWindow: target.snapshotRetentionDays > 0 ? target.snapshotWindow : undefined,
      ...seedNodes(this, this.plan),
      preferredMaintenanceWindow: target.maintenanceWindow,
      autoMinorVersionUpgrade: true,
      ...(eventTopicArn === null ? {} : { notificationTopicArn: eventTopicArn }),
    };
    const group = new elasticache.CfnReplicationGroup(
      this,
      'Resource',
      adjustReplicationGroup ? adjustReplicationGroup(drawn) : drawn,
    );
    // Without it CloudFormation answers a changed number of shards with a new, empty group.
    if (clustered) group.cfnOptions.updatePolicy = { useOnlineResharding: true };
    return group;
  }

  private defineEndpoint(): CacheEndpoint<string> {
    const tls = { ca: null };
    if (this.plan.target.clusterMode === 'enabled') {
      const { attrConfigurationEndPointAddress: host, attrConfigurationEndPointPort: port } = this.resource;
      return {
        mode: 'cluster',
        tls,
        configuration: { host, port },
        reader: null,
      };
    }
    const { attrPrimaryEndPointAddress, attrPrimaryEndPointPort, attrReaderEndPointAddress, attrReaderEndPointPort } =
      this.resource;
    const reader = {
      host: attrReaderEndPointAddress,
      port: attrReaderEndPointPort,
    };
    return {
      mode: 'standalone',
      tls,
      primary: {
        host: attrPrimaryEndPointAddress,
        port: attrPrimaryEndPointPort,
      },
      reader: this.plan.target.replicasPerShard > 0 ? reader : null,
    };
  }

  /** No attribute lists them: `<group>-001`, and in cluster mode `<group>-0001-001`. */
  private defineNodeIds(): readonly (readonly string[])[] {
    const { clusterMode, shards, replicasPerShard } = this.plan.target;
    const nodes = Array.from({ length: replicasPerShard + 1 }, (_node, index) => digits(index + 1, 3));
    const suffixes =
      clusterMode === 'disabled'
        ? [nodes]
        : Array.from({ length: shards }, (_shard, index) => digits(index + 1, 4)).map((shard) =>
            nodes.map((node) => `${shard}-${node}`),
          );
    return suffixes.map((shard) => shard.map((suffix) => Fn.join('-', [this.resource.ref, suffix])));
  }

  private acknowledgeFindings(): void {
    acknowledge(this.resource, 'AEC6', 'users log in by RBAC; the rule knows the AUTH token only');
    if (!this.plan.target.multiAz) {
      acknowledge(this.resource, 'AEC4', 'the config asks for no replica, or for a single zone');
    }
  }
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
