import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Network } from './network';
import type { AwsKind, PlanOf } from './planned';
import type { TierProps } from './props';

/** CloudFormation lets everything out of a group without a rule; this one matches nothing. */
const nowhere: ec2.CfnSecurityGroup.EgressProperty = {
  cidrIp: '255.255.255.255/32',
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
  description: 'nodes only answer',
};

/** Who gets through to a tier: its security groups, open to the networks of `access.clients`. */
export function connectionsFor(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  network: Network,
  props: TierProps,
): ec2.Connections {
  const port = portsOf(plan);
  if (!props.securityGroups) {
    return new ec2.Connections({
      securityGroups: [defineSecurityGroup(scope, plan, network, props)],
      defaultPort: port.l2,
    });
  }
  const connections = new ec2.Connections({ securityGroups: props.securityGroups, defaultPort: port.l2 });
  for (const client of plan.access.clients) {
    connections.allowFrom(ec2.Peer.ipv4(client), port.l2, `${plan.name} clients in ${client}`);
  }
  return connections;
}

function defineSecurityGroup(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  { vpcId }: Network,
  { adjustSecurityGroup }: TierProps,
): ec2.ISecurityGroup {
  const { first, last } = portsOf(plan);
  const drawn: ec2.CfnSecurityGroupProps = {
    vpcId,
    groupDescription: `clients of the cache tier ${plan.name}`,
    securityGroupIngress: plan.access.clients.map((client) => ({
      cidrIp: client,
      ipProtocol: 'tcp',
      fromPort: first,
      toPort: last,
      description: `${plan.name} clients in ${client}`,
    })),
    securityGroupEgress: [nowhere],
  };
  const group = new ec2.CfnSecurityGroup(
    scope,
    'SecurityGroup',
    adjustSecurityGroup ? adjustSecurityGroup(drawn) : drawn,
  );
  return ec2.SecurityGroup.fromSecurityGroupId(scope, 'Clients', group.attrGroupId, { allowAllOutbound: false });
}

/** 6379, and on Serverless also 6380, where replicas read. */
function portsOf({ ports }: PlanOf<AwsKind>): { readonly first: number; readonly last: number; readonly l2: ec2.Port } {
  const [first, last] = [Math.min(...ports), Math.max(...ports)];
  return { first, last, l2: first === last ? ec2.Port.tcp(first) : ec2.Port.tcpRange(first, last) };
}
