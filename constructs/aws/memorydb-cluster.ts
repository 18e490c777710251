import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as memorydb from 'aws-cdk-lib/aws-memorydb';
import type { Construct } from 'constructs';
import { cloudWatch } from '../monitoring/cloudwatch';
import type { CacheEndpoint } from '../tier/endpoint';
import { connectionsFor } from './connections';
import { type AdjustMemoryDbUsers, defineMemoryDbUsers } from './memorydb-users';
import { type AdjustMemoryDbParameters, defineMemoryDbParameters } from './memorydb-parameters';
import { type Network, networkFor } from './network';
import { Notifications } from './notifications';
import { type PlanOf, planFor } from './planned';
import type { TierProps } from './props';
import { finalSnapshotName, removeByFinalSnapshot } from './removal';
import { seedNodes } from './seed';
import { DrawnTier } from './tier-base';
import type { TierUser } from './users';

/** Last words on what `MemoryDbCluster` draws. */
export interface AdjustMemoryDbCluster extends AdjustMemoryDbUsers, AdjustMemoryDbParameters {
  /**
   * Last word on the cluster, for a setting this construct does not name.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustCluster?: (drawn: memorydb.CfnClusterProps) => memorydb.CfnClusterProps;

  /**
   * Last word on the subnet group.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustSubnetGroup?: (drawn: memorydb.CfnSubnetGroupProps) => memorydb.CfnSubnetGroupProps;
}

/** Port that clients use, and the default of the service. */
const PORT = 6379;

/** Props of `MemoryDbCluster`. */
export interface MemoryDbClusterProps extends TierProps, AdjustMemoryDbCluster {}

/** MemoryDB: a Valkey cluster whose acknowledged writes survive a failover. */
export class MemoryDbCluster extends DrawnTier {
  readonly plan: PlanOf<'memorydb'>;
  protected readonly network: Network;
  readonly connections: ec2.Connections;
  readonly users: Readonly<Record<string, TierUser>>;
  readonly endpoint: CacheEndpoint<string>;
  /** The cluster itself. */
  readonly resource: memorydb.CfnCluster;
  protected readonly kind = 'memorydb';

  /**
   * @throws ConfigError when the config is refused, or the network does not fit it
   */
  constructor(scope: Construct, id: string, props: MemoryDbClusterProps) {
    super(scope, id);
    this.plan = planFor(this, 'memorydb', props);
    this.network = networkFor(this, this.plan, props);
    this.connections = connectionsFor(this, this.plan, this.network, props);
    const { users, acl } = defineMemoryDbUsers(this, this.plan, props);
    this.users = users;
    const subnetGroup = this.defineSubnetGroup(props);
    const { parameterGroup, applied } = defineMemoryDbParameters(this, this.plan, props);
    const notifications = new Notifications(this, 'Notifications', this.plan, props);
    this.resource = this.defineCluster(subnetGroup, parameterGroup, acl, notifications, props);
    this.resource.node.addDependency(applied);
    this.endpoint = {
      mode: 'cluster',
      tls: { ca: null },
      // The port is what was asked for; as an attribute it is a number, which no output takes.
      configuration: { host: this.resource.attrClusterEndpointAddress, port: this.resource.port ?? PORT },
      reader: null,
    };
    removeByFinalSnapshot(this, this.plan, this.resource);
    this.watch({ groupId: null, shards: [] }, notifications, props);
  }

  /** Seconds that a replica is behind its primary. */
  metricReplicationLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.named(cloudWatch.memorydb.metrics.replicationLag, options);
  }

  protected get metricId(): string {
    return this.resource.ref;
  }

  private defineSubnetGroup({ adjustSubnetGroup }: MemoryDbClusterProps): memorydb.CfnSubnetGroup {
    const drawn: memorydb.CfnSubnetGroupProps = {
      subnetGroupName: this.plan.names['subnetGroup'] ?? '',
      description: `subnets of the cache tier ${this.plan.name}`,
      subnetIds: this.network.subnets.map((subnet) => subnet.subnetId),
    };
    return new memorydb.CfnSubnetGroup(this, 'SubnetGroup', adjustSubnetGroup ? adjustSubnetGroup(drawn) : drawn);
  }

  private defineCluster(
    subnetGroup: memorydb.CfnSubnetGroup,
    parameterGroup: memorydb.CfnParameterGroup,
    acl: memorydb.CfnACL,
    { eventTopicArn }: Notifications,
    { encryptionKey, adjustCluster }: MemoryDbClusterProps,
  ): memorydb.CfnCluster {
    const { target } = this.plan;
    const drawn: memorydb.CfnClusterProps = {
      clusterName: this.plan.names['cluster'] ?? '',
      description: `cache tier ${this.plan.name}`,
      engine: 'valkey',
      engineVersion: target.engineVersion,
      nodeType: target.nodeType,
      numShards: target.shards,
      numReplicasPerShard: target.replicasPerShard,
      aclName: acl.ref,
      parameterGroupName: parameterGroup.ref,
      subnetGroupName: subnetGroup.ref,
      securityGroupIds: this.connections.securityGroups.map((group) => group.securityGroupId),
      port: this.plan.ports[0] ?? PORT,
      tlsEnabled: true,
      kmsKeyId: encryptionKey?.keyArn,
      snapshotRetentionLimit: target.snapshotRetentionDays,
      snapshotWindow: target.snapshotRetentionDays > 0 ? target.snapshotWindow : undefined,
      ...seedNodes(this, this.plan),
      maintenanceWindow: target.maintenanceWindow,
      autoMinorVersionUpgrade: true,
      ...(eventTopicArn === null ? {} : { snsTopicArn: eventTopicArn, snsTopicStatus: 'active' }),
      finalSnapshotName: finalSnapshotName(this.plan),
    };
    return new memorydb.CfnCluster(this, 'Resource', adjustCluster ? adjustCluster(drawn) : drawn);
  }
}
