import { CacheTier } from '../../constructs/hetzner';
import type { CacheTierConfig } from '../../constructs/tier';
import { isSecret, openTexts, plainOf, record, type Recorded } from './recorded';

const config: CacheTierConfig = {
  name: 'orders',
  workload: 'job-queue',
  dataset: '2GiB',
  access: { admin: ['203.0.113.7/32'] },
  backup: { to: [{ provider: 's3', bucket: 'backups', endpoint: 'https://s3.example.com' }] },
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  tags: { team: 'platform' },
  target: { kind: 'hetzner', sshKeys: [`ssh-ed25519 ${'A'.repeat(68)}`] },
};

const bucketKeys = { 's3:backups': { accessKeyId: 'KEY-ID', secretAccessKey: 'SECRET-KEY' } };

const server = 'hcloud:index/server:Server';
const remote = 'command:remote:Command';

let resources: readonly Recorded[];
let tier: CacheTier;

beforeAll(async () => {
  resources = await record(() => {
    tier = new CacheTier('orders', { config, bucketKeys });
  });
});

function of(type: string): readonly Recorded[] {
  return resources.filter((resource) => resource.type === type);
}

function nodes(type: string, suffix: string): readonly string[] {
  return ['a', 'b', 'c'].map((letter) => `${type} orders-${letter}${suffix}`);
}

describe('a tier on Hetzner servers', () => {
  test('has these children, whose names and types are contract', () => {
    expect(resources.map(({ type, name }) => `${type.split(':').pop() ?? ''} ${name}`).sort()).toEqual([
      'CacheTier orders',
      ...nodes('CertRequest', '-request'),
      ...['a-apply', 'b-apply', 'bootstrap', 'c-apply'].map((name) => `Command orders-${name}`),
      'Firewall orders-firewall',
      ...nodes('LocallySignedCert', '-certificate'),
      'Network orders-network',
      'NetworkSubnet orders-subnet',
      'PlacementGroup orders-spread',
      ...['a-host-key', 'a-key', 'b-host-key', 'b-key', 'c-host-key', 'c-key', 'ca-key', 'deploy-key'].map(
        (name) => `PrivateKey orders-${name}`,
      ),
      ...[
        'app',
        'node-backup',
        'node-exporter',
        'node-operator',
        'node-replication',
        'node-sentinel',
        'node-sentinelAdmin',
      ].map((name) => `RandomPassword orders-password-${name}`),
      'SelfSignedCert orders-ca',
      ...nodes('Server', ''),
      'SshKey orders-deploy',
      'SshKey orders-operator-1',
      'ValkeyCluster orders',
      ...nodes('ValkeyNode', ''),
    ]);
  });

  test('is three servers named by letter, each with the address that it keeps', () => {
    const networks = of(server).map(({ inputs }) => (inputs['networks'] as { ip: string }[])[0]?.ip);
    expect(of(server).map(({ name }) => name)).toEqual(['orders-a', 'orders-b', 'orders-c']);
    expect(networks).toEqual(['10.20.1.11', '10.20.1.12', '10.20.1.13']);
  });

  test('spreads its servers over hosts and protects them from deletion', () => {
    expect(of('hcloud:index/placementGroup:PlacementGroup')[0]?.inputs).toMatchObject({ type: 'spread' });
    for (const { inputs } of of(server)) {
      expect(inputs).toMatchObject({ deleteProtection: true, rebuildProtection: true, shutdownBeforeDeletion: true });
      expect(inputs['placementGroupId']).toBeDefined();
    }
  });

  test('opens SSH to the operators and nothing else to the public side', () => {
    expect(of('hcloud:index/firewall:Firewall').map(({ inputs }) => inputs['rules'])).toEqual([
      [{ direction: 'in', protocol: 'tcp', port: '22', sourceIps: ['203.0.113.7/32'], description: 'SSH' }],
    ]);
  });

  test('sends user data as a secret below 16 KiB that carries no password', () => {
    for (const { inputs } of of(server)) {
      expect(isSecret(inputs['userData'])).toBe(true);
      const text = String(plainOf(inputs['userData']));
      expect(Buffer.byteLength(text)).toBeLessThan(16 * 1024);
      expect(text).not.toContain('PASSWORD-');
      expect(text).not.toContain('SECRET-KEY');
    }
  });

  test('brings the secrets over SSH on standard input, with the host key pinned and nothing logged', () => {
    const applies = of(remote).filter(({ name }) => name.endsWith('-apply'));
    expect(applies).toHaveLength(3);
    for (const { inputs } of applies) {
      expect(isSecret(inputs['stdin'])).toBe(true);
      expect(inputs['logging']).toBe('none');
      const connection = plainOf(inputs['connection']) as { hostKey: string };
      expect(connection.hostKey).toMatch(/^ssh-ed25519 PUBLIC-orders-[abc]-host-key$/);
      const files = Buffer.from(
        String(plainOf(inputs['stdin'])).split('\n')[1]?.split(' ').pop() ?? '',
        'base64',
      ).toString();
      expect(files).toContain('PASSWORD-');
    }
  });

  test('passes no secret in plain to any resource', () => {
    const open = resources.flatMap(({ inputs }) => openTexts(inputs));
    expect(open.length).toBeGreaterThan(50);
    for (const text of open) expect(text).not.toMatch(/PRIVATE-|PASSWORD-|SECRET-KEY|KEY-ID/);
  });

  test('bootstraps once, on the first primary, after every node has its files', () => {
    const names = of(remote).map(({ name }) => name);
    expect(names).toEqual(['orders-a-apply', 'orders-b-apply', 'orders-c-apply', 'orders-bootstrap']);
  });

  test('gives an endpoint with the Sentinels and the CA, logins, settings and a scrape configuration', async () => {
    const endpoint = await new Promise((resolve) => tier.endpoint.apply(resolve));
    expect(endpoint).toMatchObject({
      mode: 'sentinel',
      primaryName: 'orders',
      tls: { ca: 'CERT-orders-ca' },
      sentinels: [{ host: '10.20.1.11', port: 26379 }, { host: '10.20.1.12' }, { host: '10.20.1.13' }],
    });
    expect(tier.logins['app']).toMatch(/^orders-app-[0-9a-f]{9}$/);
    expect(tier.scrapeConfig).toContain('10.20.1.11:9121');
    const settings = await new Promise((resolve) => tier.clientSettings['app']?.apply(resolve));
    expect(JSON.stringify(settings)).toContain(tier.logins['app']);
  });

  test('labels every resource that can have labels', () => {
    for (const { inputs } of of(server)) {
      expect(inputs['labels']).toMatchObject({ team: 'platform', 'cachetier-tier': 'orders' });
    }
  });
});

test('two tiers in one program share no name', async () => {
  const both = await record(() => {
    new CacheTier('one', { config: { ...config, name: 'one' }, bucketKeys });
    new CacheTier('two', { config: { ...config, name: 'two' }, bucketKeys });
  });
  const names = both.map(({ type, name }) => `${type} ${name}`);
  expect(new Set(names).size).toBe(names.length);
  const physical = both
    .filter(({ type }) => type.startsWith('hcloud:'))
    .flatMap(({ type, inputs }) => (typeof inputs['name'] === 'string' ? [`${type} ${inputs['name']}`] : []));
  expect(new Set(physical).size).toBe(physical.length);
});

test('a network that exists already is used, and only the subnet is made in it', async () => {
  const drawn = await record(() => {
    new CacheTier('orders', { config, bucketKeys, networkId: 4711 });
  });
  expect(drawn.filter(({ type }) => type === 'hcloud:index/network:Network')).toEqual([]);
  expect(drawn.find(({ type }) => type === 'hcloud:index/networkSubnet:NetworkSubnet')?.inputs).toMatchObject({
    networkId: 4711,
  });
});

test('the last word on a server is the program’s', async () => {
  const drawn = await record(() => {
    new CacheTier('orders', {
      config,
      bucketKeys,
      adjustServer: (args, letter) => ({ ...args, backups: letter === 'a' }),
    });
  });
  expect(drawn.filter(({ type }) => type === server).map(({ inputs }) => inputs['backups'])).toEqual([
    true,
    false,
    false,
  ]);
});

test('a tier that may be destroyed by name is not protected', async () => {
  const drawn = await record(() => {
    new CacheTier('orders', { config: { ...config, onRemoval: 'destroy' }, bucketKeys });
  });
  for (const { inputs } of drawn.filter(({ type }) => type === server)) expect(inputs['deleteProtection']).toBe(false);
});

test.each([
  ['a bucket without a key', () => new CacheTier('orders', { config }), /bucketKeys\["s3:backups"\]/],
  [
    'a config that rules refuse',
    () => new CacheTier('orders', { config: { ...config, evictionPolicy: 'allkeys-lru' }, bucketKeys }),
    /QueueMustNotEvict/,
  ],
  [
    'a tier that nobody may reach by SSH',
    () => new CacheTier('orders', { config: { ...config, access: {} }, bucketKeys }),
    /access\.admin is empty/,
  ],
  [
    'a target that is not Hetzner',
    () => new CacheTier('orders', { config: { ...config, backup: {} }, kind: 'memorydb' }),
    /GapPrometheus|TargetIsHetzner/,
  ],
])('refuses %s before anything is registered', async (_what, program, message) => {
  let thrown: unknown;
  const drawn = await record(() => {
    try {
      program();
    } catch (cause) {
      thrown = cause;
    }
  });
  expect(String(thrown)).toMatch(message);
  expect(drawn.filter(({ custom }) => custom)).toEqual([]);
});
