import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { AwsKind, PlanOf } from './planned';
import type { TierProps } from './props';

/** Who gets through to a tier: its security groups, open to the networks of `access.clients`. */
export function connectionsFor(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  vpc: ec2.IVpc,
  props: TierProps,
): ec2.Connections {
  const port = portsOf(plan);
  const connections = new ec2.Connections({
    securityGroups: props.securityGroups ?? [defineSecurityGroup(scope, plan, vpc, props)],
    defaultPort: port,
  });
  for (const client of plan.access.clients) {
    connections.allowFrom(ec2.Peer.ipv4(client), port, `${plan.name} clients in ${client}`);
  }
  return connections;
}

function defineSecurityGroup(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  vpc: ec2.IVpc,
  { adjustSecurityGroup }: TierProps,
): ec2.SecurityGroup {
  const drawn: ec2.SecurityGroupProps = {
    vpc,
    description: `clients of the cache tier ${plan.name}`,
    // Nodes only answer; what the service itself needs does not pass here.
    allowAllOutbound: false,
  };
  return new ec2.SecurityGroup(scope, 'SecurityGroup', adjustSecurityGroup ? adjustSecurityGroup(drawn) : drawn);
}

/** 6379, and on Serverless also 6380, where replicas read. */
function portsOf(plan: PlanOf<AwsKind>): ec2.Port {
  const [first, last] = [Math.min(...plan.ports), Math.max(...plan.ports)];
  return first === last ? ec2.Port.tcp(first) : ec2.Port.tcpRange(first, last);
}
