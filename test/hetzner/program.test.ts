import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { type ProgramRun, runProgram } from './engine';

const folder = resolve(__dirname, '../../pulumi');
const project = parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')) as {
  main: string;
  runtime: { options: object };
};

let scratch: string;

beforeAll(() => {
  if (!existsSync(join(folder, project.main))) throw new Error('dist/ is not built: run npm run build');
  scratch = mkdtempSync(join(tmpdir(), 'cachetier-'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function tierFile(extra: Readonly<Record<string, unknown>> = {}): string {
  const file = join(scratch, 'tier.json');
  const config = {
    name: 'orders',
    workload: 'cache',
    dataset: '2GiB',
    access: { admin: ['203.0.113.7/32'] },
    target: { kind: 'hetzner' },
  };
  writeFileSync(file, JSON.stringify({ ...config, ...extra }));
  return file;
}

function names(run: ProgramRun, type: string): readonly string[] {
  return run.registered.filter((one) => one.type === type).map((one) => one.name);
}

test('Pulumi.yaml names the program, and nothing compiles TypeScript while it deploys', () => {
  expect(resolve(folder, project.main)).toBe(resolve(__dirname, '../../dist/pulumi/index.js'));
  expect(project.runtime.options).toEqual({ typescript: false });
});

describe('the program that Pulumi.yaml names, run by the SDK’s own runner', () => {
  let run: ProgramRun;

  beforeAll(async () => {
    run = await runProgram(folder, project.main, { 'cachetier:tier': tierFile() });
  }, 60_000);

  test('registers the whole tier', () => {
    expect(run.log.filter((line) => /error/i.test(line))).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(names(run, 'hcloud:index/server:Server')).toEqual(['orders-a', 'orders-b', 'orders-c']);
    expect(names(run, 'command:remote:Command')).toContain('orders-bootstrap');
  });

  test('chains the nodes a, b, c, so that no change takes two of them at once', () => {
    const dependencies = (name: string): readonly string[] =>
      run.registered.find((one) => one.type === 'hcloud:index/server:Server' && one.name === name)?.dependsOn ?? [];
    expect(dependencies('orders-b').some((urn) => urn.endsWith('::orders-a-apply'))).toBe(true);
    expect(dependencies('orders-c').some((urn) => urn.endsWith('::orders-b-apply'))).toBe(true);
    const bootstrap = run.registered.find((one) => one.name === 'orders-bootstrap');
    for (const letter of ['a', 'b', 'c']) {
      expect(bootstrap?.dependsOn.some((urn) => urn.endsWith(`::orders-${letter}-apply`))).toBe(true);
    }
  });

  test('has a hook for each server, which hands over before its type changes', () => {
    expect(run.hooks).toHaveLength(3);
  });

  test('never replaces a server for its user data, image, keys or location, and protects it', () => {
    for (const one of run.registered.filter(({ type }) => type === 'hcloud:index/server:Server')) {
      expect(one.ignoreChanges).toEqual(['userData', 'image', 'sshKeys', 'location']);
      expect(one.protect).toBe(true);
    }
  });

  test('never takes the network away from under its servers', () => {
    const networks = run.registered.filter(({ type }) => /^hcloud:index\/network/.test(type));
    expect(networks.map(({ name, protect }) => [name, protect])).toEqual([
      ['orders-network', true],
      ['orders-subnet', true],
    ]);
  });

  test('exports endpoint, logins, passwords, settings and the scrape configuration', () => {
    expect(Object.keys(run.outputs).sort()).toEqual([
      'alertRules',
      'backupKey',
      'clientSettings',
      'endpoint',
      'logins',
      'passwords',
      'rollout',
      'scrapeConfig',
    ]);
  });
});

test('refuses a bad config with its report, and registers no server', async () => {
  const run = await runProgram(folder, project.main, { 'cachetier:tier': tierFile({ dataset: '8GB' }) });
  expect(run.exitCode).not.toBe(0);
  expect(run.log.join('\n')).toContain('dataset: got "8GB"');
  expect(run.log.join('\n')).not.toContain('    at ');
  expect(names(run, 'hcloud:index/server:Server')).toEqual([]);
}, 60_000);

test('says which setting is missing when no tier is named', async () => {
  const run = await runProgram(folder, project.main, {});
  expect(run.exitCode).not.toBe(0);
  expect(run.log.join('\n')).toContain('pulumi config set cachetier:tier');
}, 60_000);

test('finds a tier by its path from the folder of Pulumi.yaml, wherever the engine runs the program', async () => {
  const file = relative(folder, tierFile());
  const run = await runProgram(folder, project.main, { 'cachetier:tier': file });
  expect(run.log.join('\n')).not.toContain('there is no such file');
  expect(run.exitCode).toBe(0);
  expect(names(run, 'hcloud:index/server:Server')).toHaveLength(3);
}, 60_000);

describe('keys of buckets', () => {
  const backup = { to: [{ provider: 's3', bucket: 'backups', endpoint: 'https://s3.example.com' }], schedule: 'daily' };
  const secret = ['cachetier:bucketKeys'];
  const key = { accessKeyId: 'KEY-ID', secretAccessKey: 'SECRET-KEY' };
  const withKeys = (keys: string): Promise<ProgramRun> =>
    runProgram(folder, project.main, { 'cachetier:tier': tierFile({ backup }), 'cachetier:bucketKeys': keys }, secret);

  test('come from the secret settings of the stack', async () => {
    const run = await withKeys(JSON.stringify({ 's3:backups': key }));
    expect(run.exitCode).toBe(0);
    expect(run.log.join('\n')).not.toMatch(/KEY-ID|SECRET-KEY/);
    expect(JSON.stringify(run.outputs)).not.toMatch(/KEY-ID|SECRET-KEY/);
  }, 60_000);

  test.each([
    ['are missing', '{}', 'the bucket s3:backups has no key'],
    ['lack a half', '{ "s3:backups": { "accessKeyId": "KEY-ID" } }', 'bucketKeys["s3:backups"] needs accessKeyId and'],
    ['are no object', 'SECRET-KEY', 'cachetier:bucketKeys is not an object'],
  ])(
    'refuses keys that %s, without a stack or a secret in the report',
    async (_what, keys, message) => {
      const run = await withKeys(keys);
      expect(run.exitCode).not.toBe(0);
      const log = run.log.join('\n');
      expect(log).toContain(message);
      expect(log).not.toMatch(/^ +at |KEY-ID|SECRET-KEY/m);
      expect(names(run, 'hcloud:index/server:Server')).toEqual([]);
    },
    60_000,
  );
});
