import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib/core';
import { CacheTier } from '../../constructs/aws';
import { orders } from './support';

/** Flags of our own app. */
const { context } = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

beforeAll(() => delete process.env['CDK_VALIDATION']);
afterAll(() => (process.env['CDK_VALIDATION'] = 'false'));

test('a template that CloudFormation would refuse fails in our app before it is deployed', () => {
  const app = new App({ context, autoSynth: false });
  new CacheTier(new Stack(app, 'Stack'), 'Cache', {
    config: orders,
    elasticache: { adjustReplicationGroup: (drawn) => ({ ...drawn, transitEncryptionEnabled: undefined }) },
  });
  expect(() => app.synth()).toThrow('TransitEncryptionEnabled must be explicitly set');
}, 120_000);
