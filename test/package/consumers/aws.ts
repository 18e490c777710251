import { App, Stack } from 'aws-cdk-lib';
import { CacheTier } from 'cachetier/aws';

const app = new App();
const tier = new CacheTier(new Stack(app, 'stack'), 'Tier', {
  config: { name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'elasticache' } },
});
const mode: 'standalone' | 'cluster' | 'sentinel' = tier.endpoint.mode;
// @ts-expect-error - a prop that does not exist: the types are real, not any
const nothing: string = tier.endpoint.nothing;

app.synth();
if (mode !== 'standalone' || nothing !== undefined) throw new Error('the tier is not what it should be');
