import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Fn, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Network, TierSubnet } from './network';

/** What the network of a tier is made from. */
export interface TierVpcProps {
  /** Availability zones, each with one isolated subnet. */
  readonly zones: number;
  readonly adjustVpc: ((drawn: ec2.CfnVPCProps) => ec2.CfnVPCProps) | undefined;
}

/** A subnet with the table that routes nowhere but inside the network. */
interface IsolatedSubnet extends TierSubnet {
  readonly routeTableId: string;
}

/** Bits of a subnet's host part: 251 usable addresses, and a network of /22 still holds four. */
const SUBNET_BITS = '8';

/**
 * A network with nothing but isolated subnets and flow logs: no gateway, no route out, no NAT to pay for.
 *
 * It is drawn from L1 because the L2 asks for the zones of the account: in a stack without a Region it then takes two
 * whatever was wanted, and in a stack with one it needs credentials to synthesize.
 *
 * The default security group stays as AWS makes it: closing it takes a function with the right to, and nothing uses it.
 */
export class TierVpc extends Construct implements Network {
  readonly vpcId: string;
  readonly subnets: readonly IsolatedSubnet[];
  private readonly resource: ec2.CfnVPC;
  private imported: ec2.IVpc | undefined;

  constructor(scope: Construct, id: string, props: TierVpcProps) {
    super(scope, id);
    this.resource = this.defineVpc(props);
    this.vpcId = this.resource.ref;
    this.subnets = Array.from({ length: props.zones }, (_zone, index) => this.defineSubnet(index, props.zones));
    this.defineFlowLog();
  }

  /** The network for other constructs; made when it is asked for, because loading the L2 takes longer than all the rest. */
  get vpc(): ec2.IVpc {
    this.imported ??= ec2.Vpc.fromVpcAttributes(this, 'Imported', {
      vpcId: this.vpcId,
      vpcCidrBlock: this.resource.attrCidrBlock,
      availabilityZones: this.subnets.map((subnet) => subnet.availabilityZone),
      isolatedSubnetIds: this.subnets.map((subnet) => subnet.subnetId),
      isolatedSubnetRouteTableIds: this.subnets.map((subnet) => subnet.routeTableId),
    });
    return this.imported;
  }

  private defineVpc({ adjustVpc }: TierVpcProps): ec2.CfnVPC {
    const drawn: ec2.CfnVPCProps = {
      cidrBlock: '10.0.0.0/16',
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: [{ key: 'Name', value: this.node.path }],
    };
    return new ec2.CfnVPC(this, 'Resource', adjustVpc ? adjustVpc(drawn) : drawn);
  }

  private defineSubnet(index: number, zones: number): IsolatedSubnet {
    const scope = new Construct(this, `Subnet${index + 1}`);
    const availabilityZone = Fn.select(index, Fn.getAzs());
    const name = { key: 'Name', value: scope.node.path };
    const subnet = new ec2.CfnSubnet(scope, 'Subnet', {
      vpcId: this.vpcId,
      availabilityZone,
      cidrBlock: Fn.select(index, Fn.cidr(this.resource.attrCidrBlock, zones, SUBNET_BITS)),
      mapPublicIpOnLaunch: false,
      tags: [
        name,
        // Read by `Vpc.fromLookup`, should another program use this network.
        { key: 'aws-cdk:subnet-name', value: 'cache' },
        { key: 'aws-cdk:subnet-type', value: 'Isolated' },
      ],
    });
    const table = new ec2.CfnRouteTable(scope, 'RouteTable', { vpcId: this.vpcId, tags: [name] });
    new ec2.CfnSubnetRouteTableAssociation(scope, 'RouteTableAssociation', {
      subnetId: subnet.ref,
      routeTableId: table.ref,
    });
    return { subnetId: subnet.ref, availabilityZone, routeTableId: table.ref };
  }

  private defineFlowLog(): void {
    const logGroup = new logs.CfnLogGroup(this, 'FlowLogGroup', { retentionInDays: 90 });
    logGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const role = new iam.CfnRole(this, 'FlowLogRole', {
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'vpc-flow-logs.amazonaws.com' } },
        ],
      },
      policies: [
        {
          policyName: 'WriteFlowLogs',
          policyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
                Resource: logGroup.attrArn,
              },
            ],
          },
        },
      ],
    });
    new ec2.CfnFlowLog(this, 'FlowLog', {
      resourceId: this.vpcId,
      resourceType: 'VPC',
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: logGroup.ref,
      deliverLogsPermissionArn: role.attrArn,
      tags: [{ key: 'Name', value: this.node.path }],
    });
  }
}
