import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cfnLint } from './cfn-lint';
import { kinds } from './support';

const root = resolve(__dirname, '../..');
const app = join(root, 'dist/cdk/app.js');
const flags = (JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> })
  .context;

const good = `
name: orders
workload: cache
dataset: 8GiB
access: { clients: ["10.1.0.0/16"] }
target: { kind: elasticache }
`;

let folder: string;

beforeAll(() => {
  if (!existsSync(app)) throw new Error('dist/cdk/app.js is missing; run "npm run build" first');
  folder = mkdtempSync(join(tmpdir(), 'cachetier-cdk-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Manifest {
  readonly artifacts: Readonly<Record<string, { readonly environment?: string }>>;
  readonly missing?: readonly { readonly props: unknown }[];
}

/** A file of a cloud assembly. */
function json<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}

/** The app as the CDK CLI starts it, without the CLI. */
function run(context: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) {
  const out = mkdtempSync(join(folder, 'out-'));
  const done = spawnSync(process.execPath, [app], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_VALIDATION: 'false',
      ...env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...flags, ...context }),
    },
  });
  return { code: done.status, stderr: done.stderr, stdout: done.stdout, written: readdirSync(out), out };
}

describe('cdk synth', () => {
  /** Cloud assemblies that the CLI wrote, by kind. */
  const assemblies: Record<string, string> = {};

  beforeAll(() => {
    const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
    for (const kind of kinds) {
      const out = (assemblies[kind] = mkdtempSync(join(folder, 'cli-')));
      const options = ['-c', `tier=${file('orders.yaml', good)}`, '-c', `target=${kind}`, '-o', out];
      execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', ...options], {
        cwd: root,
        stdio: 'pipe',
        env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'true' },
      });
    }
  }, 300_000);

  test.each(kinds)(
    'draws %s, and neither CDK nor cfn-lint finds fault with it',
    async (kind) => {
      const out = assemblies[kind] ?? '';
      const report = json<{ pluginReports: { violations: unknown[] }[] }>(out, 'validation-report.json');
      expect(report.pluginReports.flatMap((plugin) => plugin.violations)).toEqual([]);
      expect(await cfnLint(join(out, `cachetier-orders-${kind}.template.json`))).toEqual([]);
    },
    180_000,
  );

  test('would hear of a fault from cfn-lint', async () => {
    const Properties = { Engine: 'valkey', ReplicationGroupDescription: 'x', NumCacheClusters: 'two' };
    const Resources = { Group: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties } };
    const faulty = file('faulty.template.json', JSON.stringify({ Resources }));
    expect((await cfnLint(faulty)).join()).toContain('NumCacheClusters');
  }, 120_000);

  test('takes several configs, each as its own stack, and YAML, JSON and TypeScript alike', () => {
    const json = JSON.stringify({
      name: 'pages',
      stage: 'prod',
      workload: 'cache',
      dataset: '1GiB',
      target: { kind: 'elasticache-serverless' },
    });
    const typed = `import { defineCacheTier } from 'cachetier';
export default defineCacheTier({ name: 'ledger', workload: 'primary-store', dataset: '4GiB', target: { kind: 'memorydb' } });`;
    const files = [file('a.yaml', good), file('b.json', json), file('c.ts', typed)];
    const { code, written, stderr } = run({ tier: files.join(', ') });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(written.filter((name) => name.endsWith('.template.json'))).toEqual([
      'cachetier-ledger-memorydb.template.json',
      'cachetier-orders-elasticache.template.json',
      'cachetier-pages-prod-elasticache-serverless.template.json',
    ]);
  });

  test('gives endpoint, login and secret as outputs, and the same login on every target', () => {
    const logins = kinds.map((kind) => {
      const { Outputs } = json<{ Outputs: Record<string, { Value: unknown }> }>(
        assemblies[kind] ?? '',
        `cachetier-orders-${kind}.template.json`,
      );
      expect(Object.keys(Outputs)).toEqual(
        expect.arrayContaining(['EndpointMode', 'TlsCa', 'LoginApp', 'SecretApp', 'SecurityGroupId', 'VpcId']),
      );
      expect(Outputs).toHaveProperty(kind === 'elasticache' ? 'PrimaryEndpoint' : 'ConfigurationEndpoint');
      return Outputs['LoginApp']?.Value;
    });
    expect(new Set(logins).size).toBe(1);
  });

  test('takes region and account of the config, and neither where it names none', () => {
    const placed = good.replace('elasticache }', 'elasticache, region: eu-central-1, account: "123456789012" }');
    const environment = (text: string) => {
      const { out } = run({ tier: file('placed.yaml', text) });
      return json<Manifest>(out, 'manifest.json').artifacts['cachetier-orders-elasticache']?.environment;
    };
    expect(environment(placed)).toBe('aws://123456789012/eu-central-1');
    expect(environment(good)).toBe('aws://unknown-account/unknown-region');
  });

  test('looks a VPC up in the account and region of the credentials', () => {
    const tier = file('vpc.yaml', good.replace('elasticache }', 'elasticache, vpcId: vpc-0123456789abcdef0 }'));
    const { out } = run({ tier }, { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' });
    const { missing } = json<Manifest>(out, 'manifest.json');
    expect(missing?.[0]?.props).toMatchObject({ account: '123456789012', region: 'eu-west-1' });
  });
});

describe('the app fails', () => {
  const refused = (name: string, text: string, context: Record<string, unknown> = {}) => {
    const result = run({ tier: file(name, text), ...context });
    expect(result.written).toEqual([]);
    expect(result.stderr).not.toMatch(/\n\s+at |node:internal/);
    return result;
  };

  test('with the report and code 1 for a config that is refused', () => {
    const { code, stderr } = refused('bad.yaml', good.replace('cache\n', 'cashe\n').replace('8GiB', '8 gigs'));
    expect(code).toBe(1);
    expect(stderr).toContain('bad.yaml');
    expect(stderr).toContain('workload');
    expect(stderr).toContain('dataset');
  });

  test('with code 1 for a file that does not parse or throws', () => {
    expect(refused('torn.yaml', 'name: [').code).toBe(1);
    expect(refused('throws.ts', 'throw new Error("no");').code).toBe(1);
  });

  test('with code 1 for two configs of one tier, before anything is written', () => {
    const { code, stderr, written } = run({ tier: `${file('one.yaml', good)},${file('two.yaml', good)}` });
    expect([code, written]).toEqual([1, []]);
    expect(stderr).toContain('two.yaml');
  });

  test('with code 1 for a target that is not on AWS', () => {
    const { code, stderr } = refused(
      'own.yaml',
      good.replace('elasticache', 'local').replace('10.1.0.0/16', '127.0.0.1/32'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('not on AWS');
  });

  test('with code 2 for a missing file', () => {
    const { code, stderr, written } = run({ tier: join(folder, 'nowhere.yaml') });
    expect([code, written]).toEqual([2, []]);
    expect(stderr).toContain('there is no such file');
  });

  test('with the usage and code 2 without a tier, or for a target that does not exist', () => {
    for (const context of [{}, { tier: '' }, { tier: file('orders.yaml', good), target: 'memcached' }]) {
      const { code, stderr, written } = run(context);
      expect([code, written]).toEqual([2, []]);
      expect(stderr).toContain('usage: cdk synth -c tier=FILE');
    }
  });
});
