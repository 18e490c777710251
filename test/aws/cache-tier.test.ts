import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { App, Stack } from 'aws-cdk-lib/core';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  CacheTier,
  MemoryDbCluster,
  ReplicationGroup,
  ServerlessCache,
  type CacheTierProps,
} from '../../constructs/aws';
import { ConfigError, type CacheTierConfig } from '../../constructs/tier';
import { dataType, kinds, newStack, only, orders, templateOf } from './support';

const classes = {
  elasticache: ReplicationGroup,
  'elasticache-serverless': ServerlessCache,
  memorydb: MemoryDbCluster,
};

describe('CacheTier', () => {
  test.each(kinds)('picks %s by the target of the config, and by the prop', (kind) => {
    const stack = new Stack();
    const target = { kind } as CacheTierConfig['target'];
    expect(new CacheTier(stack, 'A', { config: { ...orders, target } }).tier).toBeInstanceOf(classes[kind]);
    expect(new CacheTier(stack, 'B', { config: orders, kind }).tier).toBeInstanceOf(classes[kind]);
  });

  test.each(['hetzner', 'local'] as const)('refuses the target %s, which is not on AWS', (kind) => {
    const config: CacheTierConfig = { ...orders, access: { clients: ['10.20.0.0/16'] }, target: { kind } };
    expect(() => new CacheTier(new Stack(), 'Cache', { config })).toThrow(ConfigError);
    expect(() => new CacheTier(new Stack(), 'Cache', { config })).toThrow(`got ${kind}`);
  });

  test.each([
    ['nothing', undefined],
    ['a number', 7],
    ['an empty object', {}],
    ['a target without a kind', { ...orders, target: {} }],
    ['a token', { ...orders, name: new kms.Key(new Stack(), 'Key').keyArn }],
  ])('refuses %s with a report', (_what, config) => {
    expect(() => new CacheTier(new Stack(), 'Cache', { config } as unknown as CacheTierProps)).toThrow(ConfigError);
  });

  test('passes warnings and accepted gaps on', () => {
    const stack = newStack();
    const config: CacheTierConfig = {
      ...orders,
      workload: 'job-queue',
      availability: { shards: 2 },
      accept: [{ gap: 'durability', because: 'jobs are kept in the database' }],
    };
    new CacheTier(stack, 'Cache', { config });
    const annotations = Annotations.fromStack(stack);
    annotations.hasWarning('*', Match.stringLikeRegexp('cluster protocol.*cachetier:ClusterNeedsAwareClients'));
    annotations.hasInfo('*', Match.stringLikeRegexp('accepted gap "durability".*kept in the database'));
  });

  test('keeps users and names when a construct moves, where the identity is given', () => {
    const ids = ['One', 'Two'].map(
      (id) =>
        only(
          templateOf((stack) => new CacheTier(stack, id, { config: orders, identity: 'checkout' })),
          'AWS::ElastiCache::User',
        ).Properties['UserId'],
    );
    expect(ids[0]).toBe(ids[1]);
  });

  test('differs from its twin in an app that is deployed under another stack name', () => {
    const ids = ['orders-dev', 'orders-prod'].map(
      (stackName) =>
        only(
          templateOf((stack) => new CacheTier(stack, 'Cache', { config: orders }), { stackName }),
          'AWS::ElastiCache::User',
        ).Properties['UserId'],
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('fails before CloudFormation does when the stack has too many resources', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    for (let index = 0; index < 480; index++) new ec2.CfnEIP(stack, `Ip${index}`);
    new CacheTier(stack, 'Cache', { config: orders });
    expect(() => app.synth()).toThrow(/stack Stack has 5\d\d resources, and CloudFormation takes 500/);
  });
});

describe('the encryption key', () => {
  test.each(kinds)('is used for data and passwords on %s', (kind) => {
    const template = templateOf((stack) => {
      const encryptionKey = new kms.Key(stack, 'Key');
      new CacheTier(stack, 'Cache', { config: orders, kind, encryptionKey });
    });
    const key = only(template, 'AWS::KMS::Key').id;
    expect(JSON.stringify(only(template, dataType[kind]).Properties['KmsKeyId'])).toContain(key);
    expect(JSON.stringify(only(template, 'AWS::SecretsManager::Secret').Properties['KmsKeyId'])).toContain(key);
  });
});

describe('grantConnect', () => {
  const config: CacheTierConfig = {
    ...orders,
    access: { users: [{ name: 'app' }, { name: 'watch', can: 'read-only' }] },
  };

  test('lets a grantee read the secret of one user, and of no other', () => {
    const template = templateOf((stack) => {
      const tier = new CacheTier(stack, 'Cache', { config });
      tier.grantConnect(
        new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }),
        'watch',
      );
    });
    const secrets = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    const policy = JSON.stringify(Object.values(template.findResources('AWS::IAM::Policy')).slice(-1));
    expect(policy).toContain('secretsmanager:GetSecretValue');
    expect(policy).toContain(secrets.find((id) => id.includes('watch')));
    expect(policy).not.toContain(secrets.find((id) => id.includes('app')));
  });

  test('lets it use the key of the secret too', () => {
    const template = templateOf((stack) => {
      const tier = new CacheTier(stack, 'Cache', { config: orders, encryptionKey: new kms.Key(stack, 'Key') });
      tier.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }));
    });
    expect(JSON.stringify(only(template, 'AWS::KMS::Key').Properties['KeyPolicy'])).toMatch(
      /"Action":"kms:Decrypt".*"Principal":\{"AWS":\{"Fn::GetAtt":\["Role/,
    );
  });

  test('fails without a name where there are several users, and for one that is not there', () => {
    const stack = new Stack();
    const tier = new CacheTier(stack, 'Cache', { config });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') });
    expect(() => tier.grantConnect(role)).toThrow(/users app, watch, got no name/);
    expect(() => tier.grantConnect(role, 'constructor')).toThrow(/got constructor/);
  });
});

describe('client settings', () => {
  test('hold the login and the endpoint as tokens, and no password', () => {
    const stack = new Stack();
    const tier = new CacheTier(stack, 'Cache', { config: orders });
    const settings = stack.resolve(tier.clientSettings()) as { ioredis: unknown };
    expect(JSON.stringify(settings.ioredis)).toContain('PrimaryEndPoint.Address');
    expect(JSON.stringify(settings.ioredis)).toContain(tier.users['app']?.login);
    expect(JSON.stringify(settings)).not.toContain('resolve:secretsmanager');
  });
});

describe('fromAttributes', () => {
  test('serves applications as the tier itself does', () => {
    const template = templateOf((stack) => {
      const tier = CacheTier.fromAttributes(stack, 'Cache', {
        endpoint: {
          mode: 'standalone',
          tls: { ca: null },
          primary: { host: 'orders.example', port: 6379 },
          reader: null,
        },
        users: {
          app: {
            login: 'orders-app-1',
            secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf',
          },
        },
        securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
      });
      expect(tier.clientSettings().ioredis).toContain('orders.example');
      tier.grantConnect(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }));
      tier.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.9.0.0/16'));
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-0123456789abcdef0',
      FromPort: 6379,
    });
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('secret:orders-AbCdEf');
  });
});
