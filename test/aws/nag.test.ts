import { AwsSolutionsChecks } from 'cdk-nag';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { CacheTier } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier';
import { kinds, orders } from './support';

/** Findings of the pack that nobody acknowledged with a reason. */
function findings(draw: (stack: Stack) => void): string[] {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  draw(stack);
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
}

const configs: Record<string, Partial<CacheTierConfig>> = {
  'as the README has it': {},
  'that tells of its alarms by mail': { monitoring: { notify: { email: 'ops@example.com' } } },
  'without replicas': { availability: { replicas: 0, zones: 'single' } },
  'with shards and two users': {
    availability: { shards: 2, replicas: 2 },
    access: { clients: ['10.1.0.0/16'], users: [{ name: 'app' }, { name: 'watch', can: 'read-only' }] },
  },
};

describe.each(kinds)('AwsSolutions on %s', (kind) => {
  test.each(Object.entries(configs))('finds nothing unexplained in a tier %s', (_name, extra) => {
    const { availability, ...rest } = extra;
    const config = { ...orders, ...rest, ...(kind === 'elasticache-serverless' ? {} : { availability }) };
    expect(findings((stack) => new CacheTier(stack, 'Cache', { config, kind }))).toEqual([]);
  });

  test('lets an app with the plugin synthesize', () => {
    const app = new App();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new CacheTier(new Stack(app, 'Stack'), 'Cache', { config: orders, kind });
    expect(() => app.synth()).not.toThrow();
  });
});

test('the pack still finds what is not ours', () => {
  expect(
    findings((stack) => {
      new CacheTier(stack, 'Cache', {
        config: orders,
        elasticache: { adjustReplicationGroup: (drawn) => ({ ...drawn, atRestEncryptionEnabled: false }) },
      });
    }),
  ).toEqual([expect.stringContaining('AwsSolutions-AEC3')]);
});
