import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type AwsKind, type PlanOf, refuse, targetPath, warn } from './planned';
import type { TierProps } from './props';
import { TierVpc } from './tier-vpc';

/** A subnet that holds nodes. */
export interface TierSubnet {
  readonly subnetId: string;
  readonly availabilityZone: string;
}

/** Where the nodes of a tier live. */
export interface Network {
  readonly vpcId: string;
  readonly vpc: ec2.IVpc;
  /** At least one in each zone that the plan asks for. */
  readonly subnets: readonly TierSubnet[];
}

/**
 * The network of a tier: given, looked up by `target.vpcId`, or made.
 *
 * @throws ConfigError when it has no private subnet, or fewer zones than the config asks for
 */
export function networkFor(scope: Construct, plan: PlanOf<AwsKind>, props: TierProps): Network {
  const { vpcId, zones } = plan.target;
  if (props.vpc) {
    if (vpcId !== null && vpcId !== props.vpc.vpcId) warnOfTwo(scope, vpcId, targetPath(props, plan.target.kind));
    return choose(scope, props.vpc, plan, props);
  }
  if (vpcId === null) return new TierVpc(scope, 'Vpc', { zones, adjustVpc: props.adjustVpc });
  const vpc = lookUp(scope, vpcId, targetPath(props, plan.target.kind));
  // Before the lookup, CDK stands in a network of its own; the real one is judged when it is known.
  return vpc.vpcId === vpcId ? choose(scope, vpc, plan, props) : { vpcId, vpc, subnets: vpc.privateSubnets };
}

function warnOfTwo(scope: Construct, vpcId: string, path: string): void {
  const message = `${vpcId} is not used, because the program gives the vpc prop; remove one of the two`;
  warn(scope, { code: 'VpcIsGivenTwice', path: `${path}.vpcId`, message });
}

function lookUp(scope: Construct, vpcId: string, path: string): ec2.IVpc {
  const { account, region } = Stack.of(scope);
  const missing = Object.entries({ region, account })
    .filter(([, value]) => Token.isUnresolved(value))
    .map(([field]) => field);
  if (missing.length > 0) {
    refuse(
      'LookupNeedsPlace',
      `${path}.vpcId`,
      `looking up ${vpcId} needs the ${missing.join(' and the ')} of the stack; ` +
        `set ${missing.map((field) => `${path}.${field}`).join(' and ')}, or the env of the stack, or give the vpc prop`,
    );
  }
  return ec2.Vpc.fromLookup(scope, 'Vpc', { vpcId });
}

function choose(scope: Construct, vpc: ec2.IVpc, plan: PlanOf<AwsKind>, props: TierProps): Network {
  const subnets = vpc.selectSubnets(
    props.vpcSubnets ?? privateSubnets(vpc, targetPath(props, plan.target.kind)),
  ).subnets;
  const found = new Set(subnets.map((subnet) => subnet.availabilityZone)).size;
  const needed = plan.topology.zones;
  if (found >= needed) return { vpcId: vpc.vpcId, vpc, subnets };
  const accepted = props.config.accept?.find(({ gap }) => gap === 'zones');
  const given = `the subnets of the vpc lie in ${found} zone${found === 1 ? '' : 's'}, and ${needed} are needed to spread the nodes of a shard`;
  if (!accepted) {
    refuse(
      'GapZones',
      'availability.zones',
      `${given}; give a vpc with more, lower availability.replicas, or add accept: [{ gap: "zones", because: "…" }]`,
    );
  }
  warn(scope, {
    code: 'GapZones',
    path: 'availability.zones',
    message: `${given}; accepted because: ${accepted.because}`,
  });
  return { vpcId: vpc.vpcId, vpc, subnets };
}

/** Isolated subnets where there are any: a cache needs no way out. */
function privateSubnets(vpc: ec2.IVpc, path: string): ec2.SubnetSelection {
  if (vpc.isolatedSubnets.length > 0) return { subnets: vpc.isolatedSubnets };
  if (vpc.privateSubnets.length > 0) return { subnets: vpc.privateSubnets };
  return refuse(
    'VpcHasPrivateSubnets',
    path,
    'the vpc has only public subnets; give one with private or isolated subnets, or name subnets by the vpcSubnets prop',
  );
}
