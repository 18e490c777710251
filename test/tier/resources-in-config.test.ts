import * as pulumi from '@pulumi/pulumi';
import { Aws, Lazy, Stack } from 'aws-cdk-lib/core';
import { check } from '../../constructs/tier';

const good = { name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'memorydb' } };

/** Values as the SDKs themselves make them, in the place where a program would put them. */
const foreign: readonly (readonly [what: string, config: object, path: string])[] = [
  [
    'a CDK token as text',
    { target: { kind: 'memorydb', vpcId: Lazy.string({ produce: () => 'vpc-1' }) } },
    'target.vpcId',
  ],
  ['a token within text', { target: { kind: 'memorydb', region: `${Aws.REGION}` } }, 'target.region'],
  ['a construct', { access: { clients: new Stack() } }, 'access.clients'],
  ['a Pulumi Output', { name: pulumi.output('orders') }, 'name'],
  ['a Pulumi Output in a list', { access: { clients: [pulumi.output('10.0.0.0/16')] } }, 'access.clients[0]'],
];

test.each(foreign)('refuses %s, naming the props that take resources', (_what, part, path) => {
  const { issues, plan } = check({ ...good, ...part });
  expect(plan).toBeNull();
  const found = issues.filter((issue) => issue.code === 'TokenInConfig');
  expect(found).toMatchObject([{ path, message: expect.stringMatching(/vpc, securityGroups/) as string }]);
});
