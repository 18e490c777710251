import { CacheTier } from '../../constructs/hetzner';
import { parseAccess } from '../../constructs/rollout';
import type { CacheTierConfig } from '../../constructs/tier';
import { isSecret, openTexts, plainOf, record, type Recorded } from './recorded';

const operator = `ssh-ed25519 ${'A'.repeat(68)}`;

const config: CacheTierConfig = {
  name: 'orders',
  workload: 'job-queue',
  dataset: '2GiB',
  access: { admin: ['203.0.113.7/32'] },
  backup: { to: [{ provider: 's3', bucket: 'backups', endpoint: 'https://s3.example.com' }] },
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  tags: { team: 'platform' },
  target: { kind: 'hetzner', sshKeys: [operator] },
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

/** Files in the payload of a deploy step, by their path. */
function filesOf(inputs: Recorded['inputs']): Readonly<Record<string, string>> {
  const lines = String(plainOf(inputs['stdin'])).split('\n').slice(1, -2);
  return Object.fromEntries(
    lines.map((line) => {
      const [path = '', , , , , content = ''] = line.split(' ');
      return [path, Buffer.from(content, 'base64').toString()];
    }),
  );
}

function nodes(type: string, suffix: string): readonly string[] {
  return ['a', 'b', 'c'].map((letter) => `${type} orders-${letter}${suffix}`);
}

describe('a tier on Hetzner servers', () => {
  test('has these children, whose names and types are contract', () => {
    expect(resources.map(({ type, name }) => `${type.split(':').pop() ?? ''} ${name}`).sort()).toEqual([
      'CacheTier orders',
      ...nodes('CertRequest', '-request'),
      ...['a-apply', 'a-drain', 'b-apply', 'b-drain', 'bootstrap', 'c-apply', 'c-drain', 'rollout-step'].map(
        (name) => `Command orders-${name}`,
      ),
      'Firewall orders-firewall',
      ...nodes('LocallySignedCert', '-certificate'),
      'Network orders-network',
      'NetworkSubnet orders-subnet',
      'PlacementGroup orders-spread',
      ...[
        'a-host-key',
        'a-key',
        'b-host-key',
        'b-key',
        'backup-key',
        'c-host-key',
        'c-key',
        'ca-key',
        'deploy-key',
      ].map((name) => `PrivateKey orders-${name}`),
      ...['backup', 'exporter', 'operator', 'replication', 'sentinel', 'sentinelAdmin'].map(
        (name) => `RandomPassword orders-internal-${name}`,
      ),
      'RandomPassword orders-password-app',
      'Rollout orders-rollout',
      'SelfSignedCert orders-ca',
      ...nodes('Server', ''),
      'SshKey orders-deploy',
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
      expect(Object.values(filesOf(inputs)).join()).toContain('PASSWORD-');
    }
  });

  test('runs the step again for a new server, also where it got the address of the one before', () => {
    const applies = of(remote).filter(({ name }) => name.endsWith('-apply'));
    const servers = of(server).map(({ id, inputs }) => [id, inputs['serverType']]);
    expect(applies.map(({ inputs }) => inputs['triggers'])).toEqual(servers);
    for (const { inputs } of of(remote)) expect(inputs['addPreviousOutputInEnv']).toBe(false);
  });

  test('brings each node its own key and nobody else’s', () => {
    const applies = of(remote).filter(({ name }) => name.endsWith('-apply'));
    for (const [index, letter] of ['a', 'b', 'c'].entries()) {
      const text = Object.values(filesOf(applies[index]?.inputs ?? {})).join('\n');
      // And that of the backups, which any node may have to restore.
      expect(new Set(text.match(/PRIVATE-orders-[a-z-]+/g))).toEqual(
        new Set([`PRIVATE-orders-${letter}-key`, 'PRIVATE-orders-backup-key']),
      );
    }
  });

  test('lets the operators in by a file, so that a new key reaches the servers that exist', () => {
    for (const { inputs } of of(remote).filter(({ name }) => name.endsWith('-apply'))) {
      expect(filesOf(inputs)['/root/.ssh/authorized_keys2']).toBe(`${operator}\n`);
    }
  });

  test('passes no secret in plain to any resource', () => {
    const open = resources.flatMap(({ inputs }) => openTexts(inputs));
    expect(open.length).toBeGreaterThan(50);
    for (const text of open) expect(text).not.toMatch(/PRIVATE-|PASSWORD-|SECRET-KEY|KEY-ID/);
  });

  test('bootstraps once, on the first primary, after every node has its files', () => {
    const names = of(remote).map(({ name }) => name);
    const applies = ['orders-a-apply', 'orders-b-apply', 'orders-c-apply'];
    expect(names.filter((name) => !name.endsWith('-drain'))).toEqual([...applies, 'orders-bootstrap']);
  });

  test('hands over before a server goes, and keeps the last copy', () => {
    const drains = of(remote).filter(({ name }) => name.endsWith('-drain'));
    expect(drains.map(({ inputs }) => inputs['delete'])).toEqual(
      Array.from({ length: 3 }, () => '/usr/local/sbin/cachetier-node leave'),
    );
    for (const { inputs } of drains) expect(inputs).toMatchObject({ create: 'true', logging: 'none' });
  });

  test('rolls out over SSH from here, with the access on standard input, whenever a node was given something else', async () => {
    const step = of('command:local:Command')[0]?.inputs ?? {};
    expect(step).toMatchObject({ interpreter: ['node', '-e'], logging: 'none' });
    expect(plainOf(step['triggers'])).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(isSecret(step['stdin'])).toBe(true);
    const access = parseAccess(String(plainOf(step['stdin'])));
    expect(access).toMatchObject({ tier: 'orders', user: 'root', privateKey: 'PRIVATE-orders-deploy-key' });
    expect(access.nodes.map(({ letter, hostKey }) => [letter, hostKey])).toEqual(
      ['a', 'b', 'c'].map((letter) => [letter, `ssh-ed25519 PUBLIC-orders-${letter}-host-key`]),
    );
    const triggerOf = async (changed: CacheTierConfig): Promise<unknown> => {
      const drawn = await record(() => {
        new CacheTier('orders', { config: changed, bucketKeys });
      });
      return drawn.find(({ type }) => type === 'command:local:Command')?.inputs['triggers'];
    };
    expect(await triggerOf(config)).toEqual(step['triggers']);
    expect(await triggerOf({ ...config, engine: { settings: { timeout: 300 } } })).not.toEqual(step['triggers']);
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

test('one operator of two tiers registers no key twice, which Hetzner would refuse', async () => {
  const both = await record(() => {
    new CacheTier('one', { config: { ...config, name: 'one' }, bucketKeys });
    new CacheTier('two', { config: { ...config, name: 'two' }, bucketKeys });
  });
  const keys = both
    .filter(({ type }) => type === 'hcloud:index/sshKey:SshKey')
    .map(({ inputs }) => inputs['publicKey']);
  expect(keys).toHaveLength(new Set(keys).size);
});

test('a user may have any name that the config accepts, and still has a password of its own', async () => {
  const users = ['node-backup', 'node-exporter', 'internal-backup'].map((name) => ({ name }));
  const drawn = await record(() => {
    new CacheTier('orders', { config: { ...config, access: { ...config.access, users } }, bucketKeys });
  });
  const names = drawn.map(({ type, name }) => `${type} ${name}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each([4711, '4711'])(
  'a network that exists already is used, and only the subnet is made in it: %p',
  async (id) => {
    const drawn = await record(() => {
      new CacheTier('orders', { config, bucketKeys, networkId: id });
    });
    expect(drawn.filter(({ type }) => type === 'hcloud:index/network:Network')).toEqual([]);
    expect(drawn.find(({ type }) => type === 'hcloud:index/networkSubnet:NetworkSubnet')?.inputs).toMatchObject({
      networkId: 4711,
    });
  },
);

test('the last word on the network and its subnet is the program’s', async () => {
  const drawn = await record(() => {
    new CacheTier('orders', {
      config,
      bucketKeys,
      adjustNetwork: (args) => ({ ...args, exposeRoutesToVswitch: true }),
      adjustSubnet: (args) => ({ ...args, type: 'vswitch', vswitchId: 7 }),
    });
  });
  const of = (type: string): unknown => drawn.find((one) => one.type === type)?.inputs;
  expect(of('hcloud:index/network:Network')).toMatchObject({ exposeRoutesToVswitch: true, ipRange: '10.20.0.0/16' });
  expect(of('hcloud:index/networkSubnet:NetworkSubnet')).toMatchObject({ vswitchId: 7, ipRange: '10.20.1.0/24' });
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
    'a key of no bucket',
    () => new CacheTier('orders', { config, bucketKeys: { ...bucketKeys, 's3:backup': bucketKeys['s3:backups'] } }),
    /bucketKeys\["s3:backup"\] is the key of no bucket; needed one of s3:backups/,
  ],
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
    'a rotation of no user',
    () => new CacheTier('orders', { config, bucketKeys, rotate: { users: { nobody: 2 } } }),
    /rotate\.users\.nobody: the config has no such user; needed one of app/,
  ],
  [
    'half a generation',
    () => new CacheTier('orders', { config, bucketKeys, rotate: { internal: 1.5 } }),
    /rotate\.internal: got 1\.5, needed a whole number from 1 on/,
  ],
  [
    'a replacement of no node',
    () => new CacheTier('orders', { config, bucketKeys, replaceNode: { letter: 'd', because: 'it is old' } }),
    /replaceNode\.letter: got "d", needed one of a, b, c/,
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

describe('a tier of one server', () => {
  let alone: readonly Recorded[];
  let lone: CacheTier;

  beforeAll(async () => {
    alone = await record(() => {
      lone = new CacheTier('orders', {
        config: {
          ...config,
          availability: { replicas: 0 },
          accept: [{ gap: 'failover', because: 'it may be down' }],
        },
        bucketKeys,
      });
    });
  });

  test('has one server, no placement group, and is bootstrapped like any other', () => {
    const names = (type: string): readonly string[] =>
      alone.filter((resource) => resource.type === type).map(({ name }) => name);
    expect(names(server)).toEqual(['orders-a']);
    expect(names('hcloud:index/placementGroup:PlacementGroup')).toEqual([]);
    expect([...names(remote)].sort()).toEqual(['orders-a-apply', 'orders-a-drain', 'orders-bootstrap']);
  });

  test('is reached at its private address', async () => {
    const endpoint = await new Promise((resolve) => lone.endpoint.apply(resolve));
    expect(endpoint).toMatchObject({ mode: 'standalone', primary: { host: '10.20.1.11', port: 6379 }, reader: null });
  });
});
