'use strict';
// Tiers as a platform team draws them, each with the outputs of our own app, from the built package.
const { App } = require('aws-cdk-lib/core');
const { TierStack } = require('../../dist/cdk/tier-stack');
const { plan } = require('../../dist/constructs/tier/check');
const { finish, read } = require('./child');

const { kind, tiers } = read();
const app = new App({ autoSynth: false });
for (let tier = 0; tier < tiers; tier++) {
  const config = {
    name: `tier-${tier}`,
    workload: 'cache',
    dataset: '8GiB',
    access: { clients: ['10.1.0.0/16'] },
    target: { kind },
  };
  new TierStack(app, config, plan(config));
}
app.synth();
finish();
