import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Fn, RemovalPolicy, Tags } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

/** What the network of a tier is made from. */
export interface TierVpcProps {
  /** Availability zones, each with one isolated subnet. */
  readonly zones: number;
  readonly adjustVpc: ((drawn: ec2.CfnVPCProps) => ec2.CfnVPCProps) | undefined;
}

/** Bits of a subnet's host part: 251 usable addresses, and a network of /22 still holds four. */
const SUBNET_BITS = 8;

/**
 * A network with nothing but isolated subnets and flow logs: no gateway, no route out, no NAT to pay for.
 *
 * It is drawn from L1 because the L2 asks for the zones of the account: in a stack without a Region it then takes two
 * whatever was wanted, and in a stack with one it needs credentials to synthesize.
 *
 * The default security group stays as AWS makes it: closing it takes a function with the right to, and nothing uses it.
 */
export class TierVpc extends Construct {
  readonly vpc: ec2.IVpc;
  readonly subnets: readonly ec2.ISubnet[];

  constructor(scope: Construct, id: string, props: TierVpcProps) {
    super(scope, id);
    const resource = this.defineVpc(props);
    this.subnets = this.defineSubnets(resource, props.zones);
    this.vpc = ec2.Vpc.fromVpcAttributes(this, 'Imported', {
      vpcId: resource.ref,
      vpcCidrBlock: resource.attrCidrBlock,
      availabilityZones: this.subnets.map((subnet) => subnet.availabilityZone),
      isolatedSubnetIds: this.subnets.map((subnet) => subnet.subnetId),
      isolatedSubnetRouteTableIds: this.subnets.map((subnet) => subnet.routeTable.routeTableId),
    });
    this.defineFlowLogs();
  }

  private defineVpc(props: TierVpcProps): ec2.CfnVPC {
    const drawn: ec2.CfnVPCProps = {
      cidrBlock: '10.0.0.0/16',
      enableDnsHostnames: true,
      enableDnsSupport: true,
    };
    const resource = new ec2.CfnVPC(this, 'Resource', props.adjustVpc ? props.adjustVpc(drawn) : drawn);
    Tags.of(resource).add('Name', this.node.path);
    return resource;
  }

  private defineSubnets(vpc: ec2.CfnVPC, zones: number): readonly ec2.ISubnet[] {
    const ranges = Fn.cidr(vpc.attrCidrBlock, zones, String(SUBNET_BITS));
    return Array.from({ length: zones }, (_zone, index) => {
      const subnet = new ec2.PrivateSubnet(this, `Subnet${index + 1}`, {
        vpcId: vpc.ref,
        availabilityZone: Fn.select(index, Fn.getAzs()),
        cidrBlock: Fn.select(index, ranges),
        mapPublicIpOnLaunch: false,
      });
      // Read by `Vpc.fromLookup`, should another program use this network.
      Tags.of(subnet).add('aws-cdk:subnet-type', 'Isolated', {
        includeResourceTypes: ['AWS::EC2::Subnet'],
      });
      Tags.of(subnet).add('aws-cdk:subnet-name', 'cache', {
        includeResourceTypes: ['AWS::EC2::Subnet'],
      });
      return subnet;
    });
  }

  private defineFlowLogs(): void {
    const logGroup = new logs.LogGroup(this, 'FlowLogGroup', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new ec2.FlowLog(this, 'FlowLog', {
      resourceType: ec2.FlowLogResourceType.fromVpc(this.vpc),
      destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup),
    });
  }
}
