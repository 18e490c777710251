import * as pulumi from '@pulumi/pulumi';
import { CacheTier } from 'cachetier/hetzner';

let servers = 0;

async function main(): Promise<void> {
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      if (args.type === 'hcloud:index/server:Server') servers += 1;
      return {
        id: '1',
        state: {
          ...args.inputs,
          publicKeyOpenssh: 'ssh-ed25519 A',
          privateKeyOpenssh: 'key',
          privateKeyPem: 'key',
          certRequestPem: 'r',
          certPem: 'c',
          result: 'p'.repeat(48),
        },
      };
    },
    call: (args) => args.inputs as Record<string, unknown>,
  });
  const tier = new CacheTier('orders', {
    config: {
      name: 'orders',
      workload: 'cache',
      dataset: '2GiB',
      access: { admin: ['203.0.113.7/32'] },
      target: { kind: 'hetzner' },
    },
  });
  const scrape: string = tier.scrapeConfig;
  // @ts-expect-error - an output that does not exist: the types are real, not any
  const nothing: string = tier.nothing;
  const bootstrapped = tier.cluster.nodes.map((node) => node.applied.urn);
  await new Promise((resolve) => pulumi.all(bootstrapped).apply(resolve));
  if (servers !== 3 || !scrape.includes('9121') || nothing !== undefined)
    throw new Error('the tier is not what it should be');
}

void main();
