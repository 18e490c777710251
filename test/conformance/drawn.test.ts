import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CacheTier as AwsTier } from '../../constructs/aws';
import { CacheTier as HetznerTier } from '../../constructs/hetzner';
import { addressesOf, layoutOf, placementOf } from '../../constructs/local/layout';
import { makeSecrets } from '../../constructs/local/secrets';
import { type NodesTierPlan, renderConfigFiles } from '../../constructs/node';
import { type CacheTierConfig, plan, type TargetKind } from '../../constructs/tier';
import { plainOf, record } from '../hetzner/recorded';

const config: CacheTierConfig = {
  name: 'sessions',
  workload: 'cache',
  evictionPolicy: 'volatile-lru',
  dataset: '2GiB',
  access: {
    admin: ['203.0.113.7/32'],
    users: [
      { name: 'web', keys: 'web:*' },
      { name: 'support', keys: 'web:*', can: 'read-only' },
    ],
  },
  target: { kind: 'hetzner' },
};

/** Everything that a target draws from the plan, as one text; a kind without a drawing does not compile. */
const drawn: { readonly [K in TargetKind]: () => Promise<string> } = {
  elasticache: () => onAws('elasticache'),
  'elasticache-serverless': () => onAws('elasticache-serverless'),
  memorydb: () => onAws('memorydb'),
  hetzner: onHetzner,
  local: here,
};

/** How each target says that it takes no client without TLS. Serverless has no other way, and says nothing. */
const encrypted: { readonly [K in TargetKind]: RegExp } = {
  elasticache: /"TransitEncryptionEnabled":true/,
  'elasticache-serverless': /"AWS::ElastiCache::ServerlessCache"/,
  memorydb: /"TLSEnabled":true/,
  hetzner: /^tls-port 6379$/m,
  local: /^tls-port 7001$/m,
};

describe.each(Object.keys(drawn) as TargetKind[])('what %s draws keeps the promises of the plan', (kind) => {
  let text: string;
  const planned = plan(config, { kind });

  beforeAll(async () => {
    text = await drawn[kind]();
  }, 60_000);

  test('takes no client without TLS', () => {
    expect(encrypted[kind].test(text)).toBe(true);
    expect(/^port [1-9]/m.test(text)).toBe(false);
  });

  test('gives each user its rules, and nobody a login without a password', () => {
    for (const { name, rules } of planned.access.users) expect([name, text.includes(rules)]).toEqual([name, true]);
    expect(/nopass|no-password-required|"NoPasswordRequired":true/.exec(text)).toBeNull();
  });

  test('evicts as the plan says', () => {
    expect(planned.evictionPolicy).toBe('volatile-lru');
    const set = /maxmemory-policy\W+([a-z-]+)/.exec(text)?.[1];
    // Serverless takes no parameter: it is what its service is, which the rules hold the config to.
    expect(set).toBe(kind === 'elasticache-serverless' ? undefined : 'volatile-lru');
  });
});

function onAws(kind: TargetKind): Promise<string> {
  const stack = new Stack(new App(), 'stack');
  new AwsTier(stack, 'Tier', { config, kind });
  return Promise.resolve(JSON.stringify(Template.fromStack(stack).toJSON()));
}

/** The files that the deploy step sends to each node: a line each, the content in base64 at its end. */
async function onHetzner(): Promise<string> {
  const resources = await record(() => void new HetznerTier('sessions', { config }));
  const inputs = resources.map((resource) => plainOf(resource.inputs['stdin']));
  const sent = inputs.filter(
    (stdin): stdin is string => typeof stdin === 'string' && stdin.startsWith('cachetier-apply/'),
  );
  expect(sent).toHaveLength(3);
  const contents = sent.flatMap((stdin) => stdin.split('\n').map((line) => line.split(' ').at(-1) ?? ''));
  return contents.map((content) => Buffer.from(content, 'base64').toString()).join('\n');
}

async function here(): Promise<string> {
  const tier = plan(config, { kind: 'local' }) as NodesTierPlan;
  const nodes = addressesOf(['a', 'b', 'c'], [7001, 7002, 7003, 7004, 7005, 7006]);
  const placement = placementOf(layoutOf('sessions', '/srv/sessions'), nodes, 'a');
  const files = renderConfigFiles(tier, 'a', placement, await makeSecrets(tier));
  return files.map(({ content }) => content).join('\n');
}
