import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import { CacheTier } from '../../constructs/hetzner';
import type { CacheTierConfig } from '../../constructs/tier';
import { plainOf, record, type Recorded } from './recorded';
import { register, type Registration } from './registered';

const config: CacheTierConfig = {
  name: 'orders',
  workload: 'session-store',
  dataset: '2GiB',
  access: { admin: ['203.0.113.7/32'] },
  backup: { schedule: 'none' },
  target: { kind: 'hetzner' },
};

const tierType = 'cachetier:hetzner:CacheTier';
const clusterType = 'cachetier:hetzner:ValkeyCluster';
const nodeType = 'cachetier:hetzner:ValkeyNode';
const rolloutType = 'cachetier:hetzner:Rollout';
const serverType = 'hcloud:index/server:Server';
const commandType = 'command:remote:Command';

/** What a resource was registered with; a second one of the name would have another type. */
function one(registrations: readonly Registration[], type: string, name: string): Registration {
  const found = registrations.filter((registered) => registered.type === type && registered.name === name);
  if (found.length !== 1) throw new Error(`needed one ${type} ${name}, got ${found.length}`);
  return found[0] as Registration;
}

function inputsOf(resources: readonly Recorded[], type: string): readonly Recorded['inputs'][] {
  return resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
}

describe('the components of a tier', () => {
  let registrations: readonly Registration[];

  beforeAll(async () => {
    registrations = await register(() => {
      new CacheTier('orders', { config });
    });
  });

  test('are a tier, its cluster and three nodes, each the parent of the next', () => {
    expect(one(registrations, clusterType, 'orders').parent).toBe(`${tierType} orders`);
    for (const letter of ['a', 'b', 'c']) {
      expect(one(registrations, nodeType, `orders-${letter}`).parent).toBe(`${clusterType} orders`);
    }
  });

  test('give every resource its parent: what is a node’s to the node, the rest to the cluster', () => {
    const components = new Set([tierType, clusterType, nodeType, rolloutType]);
    expect(one(registrations, rolloutType, 'orders-rollout').parent).toBe(`${clusterType} orders`);
    expect(one(registrations, 'command:local:Command', 'orders-rollout-step').parent).toBe(
      `${rolloutType} orders-rollout`,
    );
    for (const { type, name, parent } of registrations.filter(
      (registered) => !components.has(registered.type) && registered.name !== 'orders-rollout-step',
    )) {
      const letter = /^orders-([abc])(-apply|-drain|-host-key)?$/.exec(name)?.[1];
      expect(`${type} ${name}: ${parent}`).toBe(
        `${type} ${name}: ${letter === undefined ? `${clusterType} orders` : `${nodeType} orders-${letter}`}`,
      );
    }
  });

  test('touch one node after another: each server waits for the step of the one before it', () => {
    expect(one(registrations, serverType, 'orders-a').dependsOn).not.toContain('orders-b');
    expect(one(registrations, serverType, 'orders-b').dependsOn).toContain('orders-a-apply');
    expect(one(registrations, serverType, 'orders-c').dependsOn).toContain('orders-b-apply');
    for (const letter of ['a', 'b', 'c']) {
      expect(one(registrations, commandType, `orders-${letter}-apply`).dependsOn).toContain(`orders-${letter}`);
      expect(one(registrations, commandType, 'orders-bootstrap').dependsOn).toContain(`orders-${letter}-apply`);
    }
  });

  test('hand over before a server goes, and roll out once all nodes have their files', () => {
    for (const letter of ['a', 'b', 'c']) {
      expect(one(registrations, commandType, `orders-${letter}-drain`).dependsOn).toContain(`orders-${letter}-apply`);
    }
    const step = one(registrations, 'command:local:Command', 'orders-rollout-step');
    expect(step.dependsOn).toContain('orders-bootstrap');
    expect(step.secretOutputs).toEqual(expect.arrayContaining(['stdin', 'stdout', 'stderr']));
  });

  test('give each server its address in a subnet that exists by then', () => {
    for (const letter of ['a', 'b', 'c']) {
      expect(one(registrations, serverType, `orders-${letter}`).dependsOn).toContain('orders-subnet');
    }
  });

  test('never run the bootstrap again: none of its inputs counts as a change', () => {
    const { ignoreChanges } = one(registrations, commandType, 'orders-bootstrap');
    expect(ignoreChanges).toEqual(expect.arrayContaining(['connection', 'create', 'logging']));
  });

  test('keep what comes back from keys, passwords, servers and commands secret in the state', () => {
    const secretOutputs = (type: string): readonly string[][] =>
      registrations.filter((registered) => registered.type === type).map((registered) => [...registered.secretOutputs]);
    for (const outputs of secretOutputs('random:index/randomPassword:RandomPassword')) {
      expect(outputs).toContain('result');
    }
    for (const outputs of secretOutputs('tls:index/privateKey:PrivateKey')) {
      expect(outputs).toEqual(expect.arrayContaining(['privateKeyPem', 'privateKeyOpenssh']));
    }
    for (const letter of ['a', 'b', 'c']) {
      expect(one(registrations, serverType, `orders-${letter}`).secretOutputs).toContain('userData');
      expect(one(registrations, commandType, `orders-${letter}-apply`).secretOutputs).toEqual(
        expect.arrayContaining(['stdin', 'stdout', 'stderr', 'connection']),
      );
    }
  });
});

test('options of the tier reach its resources: a provider given is the provider of the servers', async () => {
  const registrations = await register(() => {
    const project = new hcloud.Provider('project', { token: 'not-a-token' });
    new CacheTier('orders', { config }, { provider: project });
  });
  expect(one(registrations, serverType, 'orders-a').provider).toContain('pulumi:providers:hcloud::project');
  expect(one(registrations, commandType, 'orders-a-apply').provider).not.toContain('hcloud');
});

test('a tier that may be destroyed by name has no protected resource', async () => {
  const registrations = await register(() => {
    new CacheTier('orders', { config: { ...config, onRemoval: 'destroy' } });
  });
  expect(registrations.filter(({ protect }) => protect)).toEqual([]);
});

describe('outputs of a tier', () => {
  let tier: CacheTier;

  beforeAll(async () => {
    await record(() => {
      tier = new CacheTier('orders', { config });
    });
  });

  test('are open where they hold no password', async () => {
    expect(await pulumi.isSecret(tier.endpoint)).toBe(false);
    expect(await pulumi.isSecret(tier.clientSettings['app'] as pulumi.Output<unknown>)).toBe(false);
  });

  test('have login, password and settings of every user of the plan', () => {
    const users = tier.plan.access.users.map((user) => user.name);
    expect(Object.keys(tier.logins)).toEqual(users);
    expect(Object.keys(tier.passwords)).toEqual(users);
    expect(Object.keys(tier.clientSettings)).toEqual(users);
  });

  test('name every private address that Prometheus scrapes', () => {
    for (const { address } of tier.plan.target.nodes) expect(tier.scrapeConfig).toContain(`${address}:`);
  });
});

describe('what is drawn', () => {
  let resources: readonly Recorded[];

  beforeAll(async () => {
    resources = await record(() => {
      new CacheTier('orders', { config });
    });
  });

  test('certifies each node for the private address that clients reach it by', () => {
    const requests = inputsOf(resources, 'tls:index/certRequest:CertRequest');
    expect(requests.map((inputs) => (inputs['ipAddresses'] as string[])[0])).toEqual([
      '10.20.1.11',
      '10.20.1.12',
      '10.20.1.13',
    ]);
  });

  test('certifies nodes as servers and as clients of one another, by the CA of the tier alone', () => {
    const certificates = inputsOf(resources, 'tls:index/locallySignedCert:LocallySignedCert');
    expect(certificates).toHaveLength(3);
    for (const inputs of certificates) {
      expect(inputs['caCertPem']).toBe('CERT-orders-ca');
      expect(plainOf(inputs['caPrivateKeyPem'])).toBe('PRIVATE-orders-ca-key');
      expect(inputs['allowedUses']).toEqual(expect.arrayContaining(['server_auth', 'client_auth']));
    }
  });

  test('gives each node a host key of its own, in user data and pinned by the deploy step', () => {
    const data = inputsOf(resources, serverType).map((inputs) => String(plainOf(inputs['userData'])));
    const steps = resources.filter(({ name }) => name.endsWith('-apply')).map(({ inputs }) => inputs);
    for (const [index, letter] of ['a', 'b', 'c'].entries()) {
      expect(data[index]?.match(/PRIVATE-[a-z-]+/g)).toEqual([`PRIVATE-orders-${letter}-host-key`]);
      expect(plainOf(steps[index]?.['connection'])).toMatchObject({
        hostKey: `ssh-ed25519 PUBLIC-orders-${letter}-host-key`,
        privateKey: 'PRIVATE-orders-deploy-key',
        user: 'root',
      });
    }
  });

  test('has nothing else at Hetzner that costs money or could be reached', () => {
    const types = new Set(resources.map(({ type }) => type).filter((type) => type.startsWith('hcloud:')));
    expect([...types].sort()).toEqual([
      'hcloud:index/firewall:Firewall',
      'hcloud:index/network:Network',
      'hcloud:index/networkSubnet:NetworkSubnet',
      'hcloud:index/placementGroup:PlacementGroup',
      'hcloud:index/server:Server',
      'hcloud:index/sshKey:SshKey',
    ]);
  });
});

test('a node that is named is replaced once for each reason, on its address, and is not protected meanwhile', async () => {
  const registrations = await register(() => {
    new CacheTier('orders', { config, replaceNode: { letter: 'b', because: 'disk failing' } });
  });
  const servers = ['a', 'b', 'c'].map((letter) => one(registrations, serverType, `orders-${letter}`));
  expect(servers.map(({ protect }) => protect)).toEqual([true, false, true]);
  expect(servers.map(({ replacementTrigger }) => replacementTrigger)).toEqual(['', 'disk failing', '']);
  expect(servers.every(({ deleteBeforeReplace }) => deleteBeforeReplace)).toBe(true);
});

test('a rotation makes a new secret beside the one before, and leaves the others as they are', async () => {
  const passwordType = 'random:index/randomPassword:RandomPassword';
  const names = async (rotate: object): Promise<ReadonlySet<string>> => {
    const made = await register(() => {
      new CacheTier('orders', { config, rotate });
    });
    const kinds = [passwordType, 'tls:index/privateKey:PrivateKey', 'tls:index/locallySignedCert:LocallySignedCert'];
    return new Set(made.filter(({ type }) => kinds.includes(type)).map(({ name }) => name));
  };
  const first = await names({});
  const added = async (rotate: object): Promise<readonly string[]> =>
    [...(await names(rotate))].filter((name) => !first.has(name)).sort();
  expect(await added({ users: { app: 2 } })).toEqual(['orders-password-app-2']);
  expect(await added({ internal: 2 })).toContain('orders-internal-replication-2');
  expect(await added({ users: { app: 3 } })).toEqual(['orders-password-app-2', 'orders-password-app-3']);
  const third = await names({ users: { app: 3 } });
  expect(third.has('orders-password-app')).toBe(false);
  expect(await added({ certificates: 2 })).toEqual(
    ['a', 'b', 'c'].flatMap((letter) => [`orders-${letter}-certificate-2`, `orders-${letter}-key-2`]).sort(),
  );
});

test('one zone needs no placement group', async () => {
  const resources = await record(() => {
    new CacheTier('orders', { config: { ...config, availability: { zones: 'single' } } });
  });
  expect(inputsOf(resources, 'hcloud:index/placementGroup:PlacementGroup')).toEqual([]);
  for (const inputs of inputsOf(resources, serverType)) expect(inputs['placementGroupId']).toBeUndefined();
});

test('two stages of one tier in one program share no name and no login', async () => {
  const tiers: CacheTier[] = [];
  const resources = await record(() => {
    for (const stage of ['dev', 'prod']) tiers.push(new CacheTier(`orders-${stage}`, { config: { ...config, stage } }));
  });
  const names = resources.map(({ type, name }) => `${type} ${name}`);
  expect(new Set(names).size).toBe(names.length);
  const physical = resources.flatMap(({ type, inputs }) =>
    typeof inputs['name'] === 'string' ? [`${type} ${inputs['name']}`] : [],
  );
  expect(new Set(physical).size).toBe(physical.length);
  expect(tiers[0]?.logins['app']).not.toBe(tiers[1]?.logins['app']);
});

test('warnings of the plan reach the log of the engine', async () => {
  const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
  await record(() => {
    new CacheTier('orders', { config: { ...config, backup: {} } });
  });
  expect(warn.mock.calls.map(([message]) => message).join('\n')).toContain('[BackupNeedsBucket]');
  warn.mockRestore();
});

test('refuses an output of another resource in the config, and names where it belongs', async () => {
  const dataset = pulumi.output('2GiB') as unknown as string;
  await expect(
    record(() => {
      new CacheTier('orders', { config: { ...config, dataset } });
    }),
  ).rejects.toThrow(/dataset: .*plain values.*networkId.*bucketKeys.*\[TokenInConfig\]/);
});

test('refuses a plan for another target, naming the component’s own', async () => {
  const target = { kind: 'memorydb' } as const;
  await expect(
    record(() => {
      new CacheTier('orders', { config: { ...config, target } });
    }),
  ).rejects.toThrow(/target\.kind: this component draws hetzner, got "memorydb"/);
});
