import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../cli/load';
import { CacheTier } from '../../constructs/aws';
import { hasNodes, hetznerPlacement, renderUserData } from '../../constructs/node';
import {
  check,
  type CacheTierConfig,
  type Target,
  type TargetKind,
  targetKinds,
  type Workload,
} from '../../constructs/tier';
import { record } from '../hetzner/recorded';
import { typeErrors } from '../support/type-errors';

const folder = resolve(__dirname, '../../examples');
const files = (below: string): readonly string[] =>
  readdirSync(join(folder, below))
    .filter((name) => /\.(ts|yaml|json)$/.test(name))
    .sort();
const load = (name: string): CacheTierConfig => loadConfig(join(folder, name)) as CacheTierConfig;

/** Kinds that CDK draws. */
const awsKinds = ['elasticache', 'elasticache-serverless', 'memorydb'] as const satisfies readonly TargetKind[];

describe.each(files('.'))('examples/%s', (name) => {
  const config = load(name);

  test('is planned for its target', () => {
    const { issues, plan } = check(config);
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan?.kind).toBe(config.target.kind);
  });

  test.each(awsKinds)('synthesizes on %s, or is refused there with a reason', (kind) => {
    const { plan, issues } = check(config, { kind });
    if (!plan) {
      expect(issues.some(({ severity }) => severity === 'error')).toBe(true);
      return;
    }
    const stack = new Stack(new App(), 'stack');
    new CacheTier(stack, 'Tier', { config, kind });
    expect(Object.keys(Template.fromStack(stack).toJSON()['Resources'] as object).length).toBeGreaterThan(5);
  });

  test('renders user data below 16 KiB where it runs on servers', () => {
    const { plan } = check(config, { kind: 'hetzner' });
    if (!plan || !hasNodes(plan)) return;
    const key = { privateKey: 'private', publicKey: 'ssh-ed25519 public' };
    const letters = config.availability?.replicas === 0 ? ['a'] : ['a', 'b', 'c'];
    expect(Object.keys(hetznerPlacement(plan).nodes)).toEqual(letters);
    expect(Buffer.byteLength(renderUserData(plan, 'a', { sshHostKey: key }))).toBeLessThan(16 * 1024);
  });
});

test('there is an example of every workload and of every target, in every form of file', () => {
  const configs = files('.').map(load);
  const workloads: readonly Workload[] = [
    'cache',
    'session-store',
    'job-queue',
    'rate-limiter',
    'pub-sub',
    'stream',
    'primary-store',
  ];
  expect(workloads.filter((workload) => !configs.some((config) => config.workload === workload))).toEqual([]);
  expect(targetKinds.filter((kind) => !configs.some((config) => config.target.kind === kind))).toEqual([]);
  for (const ending of ['.ts', '.yaml', '.json']) expect(files('.').some((name) => name.endsWith(ending))).toBe(true);
});

/** A target of each kind: a kind without one does not compile. */
const targets: { readonly [K in TargetKind]: Extract<Target, { kind: K }> } = {
  elasticache: { kind: 'elasticache' },
  'elasticache-serverless': { kind: 'elasticache-serverless' },
  memorydb: { kind: 'memorydb' },
  hetzner: { kind: 'hetzner' },
  local: { kind: 'local' },
};

test.each(Object.values(targets))('the first example is valid on $kind by changing the target only', (target) => {
  const { plan, issues } = check({ ...load('cache.ts'), target });
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(plan?.kind).toBe(target.kind);
  expect(plan?.gaps).toEqual([]);
});

test('every example in TypeScript compiles, those that are refused too', () => {
  const programs = ['.', 'refused', 'programs'].flatMap((below) =>
    files(below)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join('examples', below, name)),
  );
  expect(programs.length).toBeGreaterThan(5);
  expect(typeErrors(programs)).toEqual([]);
}, 120_000);

const refused: Readonly<Record<string, readonly string[]>> = {
  'newer-than-memorydb.yaml': ['VersionIsKnown', 'GapBackupDestination'],
  'open-to-the-world.ts': ['NobodyIsTheWorld', 'DefaultGetsNothing'],
  'queue-on-serverless.yaml': ['GapDurability', 'GapEvictionPolicy'],
  'queue-that-evicts.yaml': ['QueueMustNotEvict'],
  'retired-server.yaml': ['EndpointsMatch', 'SentinelsNeedMajority', 'ServerTypeIsSold'],
  'unknown-and-mistyped.json': ['UnknownKey', 'Malformed', 'Malformed', 'WrongType', 'UnknownKey'],
};

test.each(files('refused'))('examples/refused/%s is refused for what its comment says', (name) => {
  const { issues, plan } = check(loadConfig(join(folder, 'refused', name)));
  expect(plan).toBeNull();
  expect(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(refused[name]);
});

describe('programs that import the constructs', () => {
  test.each(files('programs'))('%s has less than 30 lines', (name) => {
    expect(
      readFileSync(join(folder, 'programs', name), 'utf8')
        .trimEnd()
        .split('\n').length,
    ).toBeLessThan(30);
  });

  test('the CDK program synthesizes', () => {
    jest.isolateModules(() => {
      expect(() => require('../../examples/programs/cdk') as unknown).not.toThrow();
    });
  });

  test('the Pulumi program registers three servers', async () => {
    const resources = await record(() => {
      require('../../examples/programs/pulumi');
    });
    expect(resources.filter(({ type }) => type === 'hcloud:index/server:Server')).toHaveLength(3);
  });
});
