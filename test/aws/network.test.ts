import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CacheTier } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier/config';
import { all, dataType, kinds, newStack, only, orders, templateOf } from './support';

const env = { account: '123456789012', region: 'eu-central-1' };
const vpcId = 'vpc-0123456789abcdef0';
const three: CacheTierConfig = { ...orders, availability: { replicas: 2 } };

/** What the AWS account would answer to the lookup. */
const context = {
  [`vpc-provider:account=${env.account}:filter.vpc-id=${vpcId}:region=${env.region}:returnAsymmetricSubnets=true`]: {
    vpcId,
    vpcCidrBlock: '10.2.0.0/16',
    ownerAccountId: env.account,
    availabilityZones: [],
    subnetGroups: [
      {
        name: 'Data',
        type: 'Isolated',
        subnets: ['a', 'b', 'c'].map((zone) => ({
          subnetId: `subnet-${zone}`,
          cidr: '10.2.0.0/24',
          availabilityZone: `eu-central-1${zone}`,
          routeTableId: `rtb-${zone}`,
        })),
      },
    ],
  },
};

describe('a VPC that is looked up', () => {
  test.each(kinds)('serves %s with its isolated subnets', (kind) => {
    const stack = newStack({ env }, context);
    new CacheTier(stack, 'Cache', { config: { ...three, target: { kind, vpcId } } });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    expect(only(template, 'AWS::EC2::SecurityGroup').Properties['VpcId']).toBe(vpcId);
    expect(JSON.stringify(template.toJSON())).toContain('["subnet-a","subnet-b","subnet-c"]');
  });

  test('is asked for in the first synthesis, without a word about its stand-in', () => {
    const stack = newStack({ env });
    new CacheTier(stack, 'Cache', { config: { ...three, target: { kind: 'elasticache', vpcId } } });
    const assembly = stack.node.root as import('aws-cdk-lib/core').App;
    expect(assembly.synth().manifest.missing).toEqual([expect.objectContaining({ provider: 'vpc-provider' })]);
  });

  test('fails without a region and an account, and says which fields to set', () => {
    const draw = () =>
      templateOf(
        (stack) => new CacheTier(stack, 'Cache', { config: { ...orders, target: { kind: 'memorydb', vpcId } } }),
      );
    expect(draw).toThrow(/target\.vpcId: .*set target\.region and target\.account/);
  });
});

describe('a VPC that is given', () => {
  const given = (
    config: CacheTierConfig,
    zones: string[],
    types: ('private' | 'isolated' | 'public')[] = ['private'],
  ) => {
    const stack = newStack();
    const ids = (type: string) =>
      types.includes(type as never) ? zones.map((zone) => `subnet-${type}-${zone}`) : undefined;
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId,
      availabilityZones: zones,
      privateSubnetIds: ids('private'),
      isolatedSubnetIds: ids('isolated'),
      publicSubnetIds: ids('public'),
    });
    new CacheTier(stack, 'Cache', { config, vpc });
    return stack;
  };

  test('is used as it is, and nothing is made beside it', () => {
    const template = Template.fromStack(given(three, ['a', 'b', 'c']));
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.resourceCountIs('AWS::EC2::FlowLog', 0);
    expect(only(template, 'AWS::ElastiCache::SubnetGroup').Properties['SubnetIds']).toHaveLength(3);
  });

  test('gives its isolated subnets before its private ones', () => {
    const template = Template.fromStack(given(orders, ['a', 'b'], ['private', 'isolated']));
    expect(only(template, 'AWS::ElastiCache::SubnetGroup').Properties['SubnetIds']).toEqual([
      'subnet-isolated-a',
      'subnet-isolated-b',
    ]);
  });

  test('gives Serverless one subnet of each zone, and no more zones than it takes', () => {
    const config: CacheTierConfig = { ...orders, target: { kind: 'elasticache-serverless' } };
    const template = Template.fromStack(given(config, ['a', 'b', 'c', 'd']));
    expect(only(template, dataType['elasticache-serverless']).Properties['SubnetIds']).toHaveLength(3);
  });

  test('fails with fewer zones than a shard has nodes', () => {
    expect(() => given(three, ['a', 'b'])).toThrow(
      /availability\.zones: .*2 zones, and 3 are needed.*accept: \[\{ gap: "zones"/,
    );
  });

  test('warns of fewer zones where the config accepts the gap', () => {
    const stack = given({ ...three, accept: [{ gap: 'zones', because: 'the region has two' }] }, ['a', 'b']);
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('2 zones.*accepted because: the region has two'),
    );
  });

  test('is used before the one that the config names, with a warning', () => {
    const stack = given({ ...orders, target: { kind: 'elasticache', vpcId: 'vpc-00000000000000000' } }, ['a', 'b']);
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('target.vpcId: vpc-00000000000000000 is not used'),
    );
  });

  test('fails with public subnets alone', () => {
    expect(() => given(orders, ['a', 'b'], ['public'])).toThrow(/only public subnets/);
  });
});

describe('connections', () => {
  test('let a service in on the ports of the tier', () => {
    const template = templateOf((stack) => {
      const tier = new CacheTier(stack, 'Cache', { config: orders, kind: 'elasticache-serverless' });
      const service = new lambda.Function(stack, 'Service', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => {}'),
        vpc: tier.vpc,
      });
      tier.connections.allowDefaultPortFrom(service);
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 6379,
      ToPort: 6380,
      IpProtocol: 'tcp',
    });
  });

  test('let the client networks into security groups that are given', () => {
    const template = templateOf((stack) => {
      const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
      const group = new ec2.SecurityGroup(stack, 'Own', { vpc });
      new CacheTier(stack, 'Cache', { config: orders, vpc, securityGroups: [group] });
    });
    expect(only(template, 'AWS::EC2::SecurityGroup').Properties['SecurityGroupIngress']).toEqual([
      expect.objectContaining({ CidrIp: '10.1.0.0/16', FromPort: 6379 }),
    ]);
  });
});

describe('a VPC that is made', () => {
  test('needs no answer from the account, also in a stack with account and region', () => {
    const stack = newStack({ env });
    new CacheTier(stack, 'Cache', { config: three });
    const app = stack.node.root as import('aws-cdk-lib/core').App;
    expect(app.synth().manifest.missing).toBeUndefined();
  });

  test('has another range where the program says so, and its subnets follow', () => {
    const template = templateOf(
      (stack) =>
        new CacheTier(stack, 'Cache', {
          config: orders,
          adjustVpc: (drawn) => ({ ...drawn, cidrBlock: '172.20.0.0/22' }),
        }),
    );
    const vpc = only(template, 'AWS::EC2::VPC');
    expect(vpc.Properties['CidrBlock']).toBe('172.20.0.0/22');
    const ranges = all(template, 'AWS::EC2::Subnet').map(({ Properties }) => Properties['CidrBlock']);
    expect(JSON.stringify(ranges)).toContain(JSON.stringify({ 'Fn::GetAtt': [vpc.id, 'CidrBlock'] }));
  });
});
