import { Match } from 'aws-cdk-lib/assertions';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { CacheTier } from '../../constructs/aws';
import { plan } from '../../constructs/tier';
import { all, dataType, kinds, only, orders, templateOf } from './support';

const userType = {
  elasticache: 'AWS::ElastiCache::User',
  'elasticache-serverless': 'AWS::ElastiCache::User',
  memorydb: 'AWS::MemoryDB::User',
};

describe.each(kinds)('a tier on %s', (kind) => {
  const draw = (extra: object = {}) =>
    templateOf((stack) => new CacheTier(stack, 'Cache', { config: { ...orders, ...extra }, kind }));
  const template = draw();

  test('takes only clients that encrypt', () => {
    const { Properties } = only(template, dataType[kind]);
    const flag = {
      elasticache: Properties['TransitEncryptionEnabled'],
      memorydb: Properties['TLSEnabled'],
      'elasticache-serverless': true,
    };
    expect(flag[kind]).toBe(true);
    expect(Properties['TransitEncryptionMode']).toBeUndefined();
  });

  test('lets in nobody without a password', () => {
    const user = only(template, userType[kind]);
    const secret = only(template, 'AWS::SecretsManager::Secret');
    expect(user.Properties['AuthenticationMode']).toEqual({
      Type: 'password',
      Passwords: [
        { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret.id }, ':SecretString:password::}}']] },
      ],
    });
    expect(user.Properties['NoPasswordRequired']).toBeUndefined();
    expect(JSON.stringify(template.toJSON())).not.toContain('open-access');
  });

  test('keeps every password out of the template', () => {
    const { Properties } = only(template, 'AWS::SecretsManager::Secret');
    expect(Properties['SecretString']).toBeUndefined();
    expect(Properties['GenerateSecretString']).toMatchObject({ PasswordLength: 64, ExcludePunctuation: true });
  });

  test('gives users no more than the rules of the plan', () => {
    const [user] = plan(orders, { kind }).access.users;
    expect(only(template, userType[kind]).Properties['AccessString']).toBe(`on ${user?.rules}`);
    expect(user?.rules).toContain('-@dangerous');
  });

  test('admits the client networks on the ports of the plan, and opens no way out', () => {
    const [from, to] = kind === 'elasticache-serverless' ? [6379, 6380] : [6379, 6379];
    const { Properties } = only(template, 'AWS::EC2::SecurityGroup');
    expect(Properties['SecurityGroupIngress']).toEqual([
      {
        CidrIp: '10.1.0.0/16',
        Description: expect.stringContaining('orders'),
        FromPort: from,
        ToPort: to,
        IpProtocol: 'tcp',
      },
    ]);
    expect(Properties['SecurityGroupEgress']).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
    expect(Properties['GroupDescription']).toContain('orders');
  });

  test('lies in isolated subnets of as many zones as the plan says, in a stack without a region', () => {
    const made = draw({ availability: { replicas: 2 } });
    const subnets = all(made, 'AWS::EC2::Subnet');
    expect(subnets.map(({ Properties }) => Properties['AvailabilityZone'])).toEqual(
      [0, 1, 2].map((index) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })),
    );
    made.resourceCountIs('AWS::EC2::InternetGateway', 0);
    made.resourceCountIs('AWS::EC2::NatGateway', 0);
    made.resourceCountIs('AWS::EC2::Route', 0);
    made.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL', ResourceType: 'VPC' });
  });

  test('keeps a snapshot when it is removed, and the data when it is replaced', () => {
    const resource = only(template, dataType[kind]);
    if (kind === 'elasticache') {
      expect(resource).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
    } else {
      expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' });
      expect(resource.Properties['FinalSnapshotName']).toEqual({
        'Fn::Join': [
          '-',
          [plan(orders, { kind, identity: 'Stack/Stack/Cache' }).names['finalSnapshot'], expect.anything()],
        ],
      });
    }
  });

  test('stays whole with everything it uses under onRemoval "retain"', () => {
    const kept = draw({ onRemoval: 'retain' });
    const gone = all(kept)
      .filter((resource) => resource.DeletionPolicy !== 'Retain')
      .map((resource) => resource.Type);
    // The function that set the parameters has done its work, and who watches is made again from the code.
    const helpers = [
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'Custom::CachetierMemoryDbParameters',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
    ];
    expect(gone.filter((type) => !helpers.includes(type))).toEqual([]);
    expect(only(kept, dataType[kind])).toMatchObject({ UpdateReplacePolicy: 'Retain' });
    expect(only(kept, dataType[kind]).Properties['FinalSnapshotName']).toBeUndefined();
  });

  test('loses its data only under onRemoval "destroy"', () => {
    const gone = only(draw({ onRemoval: 'destroy' }), dataType[kind]);
    expect(gone).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(gone.Properties['FinalSnapshotName']).toBeUndefined();
  });

  test('is tagged through and through', () => {
    const tagged = draw({ stage: 'prod', tags: { team: 'checkout' } });
    const tags = { team: 'checkout', 'cachetier:tier': 'orders', 'cachetier:stage': 'prod' };
    for (const type of [dataType[kind], 'AWS::EC2::VPC', 'AWS::SecretsManager::Secret', userType[kind]]) {
      const found = JSON.stringify(only(tagged, type).Properties['Tags']);
      for (const [key, value] of Object.entries(tags))
        expect(found).toContain(JSON.stringify({ Key: key, Value: value }));
    }
  });

  test('never clashes with its twin in another stage or of another id', () => {
    const app = new App();
    const stacks = ['Blue', 'Green'].flatMap((name) => {
      const stack = new Stack(new Stage(app, name), 'Tiers');
      for (const id of ['One', 'Two']) new CacheTier(stack, id, { config: orders, kind });
      return [stack];
    });
    const names = stacks.flatMap((stack) => physicalNames(Template.fromStack(stack)));
    expect(names.length).toBeGreaterThanOrEqual(8);
    expect(new Set(names).size).toBe(names.length);
  });

  test('has the same login as on every other target', () => {
    const logins = kinds.map((other) => {
      const drawn = templateOf((stack) => new CacheTier(stack, 'Cache', { config: orders, kind: other }));
      return only(drawn, userType[other]).Properties['UserName'];
    });
    expect(new Set(logins).size).toBe(1);
  });

  test('is backed up in the window and for the days of the plan', () => {
    const { Properties } = only(
      draw({ backup: { schedule: 'daily', window: '02:00-03:00', keep: { daily: 9 } } }),
      dataType[kind],
    );
    expect(Properties['SnapshotRetentionLimit']).toBe(9);
    expect(Properties['SnapshotWindow'] ?? Properties['DailySnapshotTime']).toBe(
      kind === 'elasticache-serverless' ? '02:00' : '02:00-03:00',
    );
  });

  test('names the Valkey engine and version', () => {
    const { Properties } = only(template, dataType[kind]);
    const planned = plan(orders, { kind }).engine.version;
    expect(Properties['Engine']).toBe('valkey');
    expect(Properties['EngineVersion'] ?? Properties['MajorEngineVersion']).toBe(
      kind === 'elasticache-serverless' ? planned.split('.')[0] : planned,
    );
  });

  test('has the data as its primary child', () => {
    template.hasResource(dataType[kind], Match.anyValue());
    const stack = new Stack();
    const tier = new CacheTier(stack, 'Cache', { config: orders, kind });
    expect(tier.node.defaultChild).toBe(tier.tier);
    expect(tier.tier.node.defaultChild).toBe(tier.tier.resource);
  });
});

/** Names and ids that an account has only once. */
function physicalNames(template: Template): string[] {
  const fields = [
    'UserId',
    'UserGroupId',
    'ServerlessCacheName',
    'ClusterName',
    'ACLName',
    'SubnetGroupName',
    'ParameterGroupName',
  ];
  return all(template).flatMap(({ Type, Properties }) => [
    ...fields.flatMap((field) =>
      typeof Properties?.[field] === 'string' ? [`${Type} ${field} ${Properties[field]}`] : [],
    ),
    ...(Type === 'AWS::MemoryDB::User' ? [`${Type} ${String(Properties['UserName'])}`] : []),
  ]);
}
