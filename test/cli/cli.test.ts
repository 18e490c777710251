import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { version } from '../../package.json';

const root = resolve(__dirname, '../..');
const main = join(root, 'dist/cli/main.js');

let scratch: string;

beforeAll(() => {
  if (!existsSync(main)) throw new Error('dist/ is not built: run npm run build');
  scratch = mkdtempSync(join(tmpdir(), 'cachetier-cli-'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function cachetier(...args: readonly string[]) {
  return spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8' });
}

describe('the command line', () => {
  test('says its version, and helps', () => {
    expect(cachetier('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
    const help = cachetier('--help');
    expect(help.status).toBe(0);
    for (const command of ['check', 'plan', 'render', 'schema', 'up', 'status', 'failover', 'down']) {
      expect(help.stdout).toContain(`  ${command} `);
      expect(cachetier(command, '--help').stdout).toContain('Example');
    }
  });

  test.each([
    ['nothing at all', []],
    ['an unknown command', ['chek', 'examples/cache.ts']],
    ['an unknown option', ['check', 'examples/cache.ts', '--jsn']],
    ['a missing argument', ['check']],
    ['a missing file', ['check', 'examples/nowhere.yaml']],
    ['an unknown target', ['check', 'examples/cache.ts', '--target', 'redis']],
    ['a node that is not there', ['render', 'examples/cache.ts', '--node', 'z', '--out', join(tmpdir(), 'never')]],
  ])('exits 2 for %s', (_what, args) => {
    const run = cachetier(...args);
    expect(run.status).toBe(2);
    expect(run.stderr + run.stdout).not.toContain('    at ');
  });

  test('suggests what was meant', () => {
    expect(cachetier('chek').stderr).toContain('check');
    expect(cachetier('check', 'examples/cache.ts', '--jsn').stderr).toContain('--json');
    expect(cachetier('check', 'examples/cache.ts', '--target', 'memrydb').stderr).toContain('did you mean "memorydb"');
  });

  test('uses no colours in a pipe', () => {
    expect(cachetier('check', 'examples/refused/queue-that-evicts.yaml').stdout).not.toContain('\u001b[');
  });
});

describe('check', () => {
  test('exits 0 for a config that is planned', () => {
    expect(cachetier('check', 'examples/session-store.yaml')).toMatchObject({ status: 0, stderr: '' });
  });

  test('exits 1 for one that is refused, with every path', () => {
    const run = cachetier('check', 'examples/refused/retired-server.yaml');
    expect(run.status).toBe(1);
    for (const path of ['backup.to[0].region', 'availability.replicas', 'target.serverType'])
      expect(run.stdout).toContain(`${path}:`);
  });

  test('looks at the same file on another target', () => {
    expect(cachetier('check', 'examples/stream.ts', '--target', 'memorydb').status).toBe(0);
    expect(cachetier('check', 'examples/stream.ts', '--target', 'elasticache').status).toBe(1);
  });

  test('prints JSON for machines, also of a file that does not parse', () => {
    const refused = cachetier('check', 'examples/refused/queue-that-evicts.yaml', '--json');
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: false,
      issues: [{ code: 'QueueMustNotEvict', path: 'evictionPolicy' }, {}],
    });
    const broken = join(scratch, 'broken.json');
    writeFileSync(broken, '{');
    const run = cachetier('check', broken, '--json');
    expect(run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ issues: [{ code: 'DoesNotParse', path: '$' }] });
  });
});

describe('plan', () => {
  test('prints the whole plan as JSON', () => {
    const plan = JSON.parse(cachetier('plan', 'examples/job-queue.ts', '--json').stdout) as Record<string, unknown>;
    expect(plan).toMatchObject({ format: 'cachetier.plan/1', kind: 'hetzner', names: { 'node:a': 'orders-prod-a' } });
  });

  test('compares every target', () => {
    const run = cachetier('plan', 'examples/job-queue.ts', '--all');
    expect(run.stdout).toMatch(/elasticache +refused: .*GapDurability/);
    expect(run.stdout).toMatch(/hetzner +3 × cx43 in fsn1/);
  });
});

describe('render', () => {
  test('writes the files of a node as they lie on its disk, and secrets apart', () => {
    const out = join(scratch, 'node-a');
    expect(cachetier('render', 'examples/job-queue.ts', '--node', 'a', '--out', out).status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['root', 'secrets', 'user-data']);
    const conf = join(out, 'secrets/etc/valkey/valkey.conf');
    expect(readFileSync(conf, 'utf8')).toContain('maxmemory-policy noeviction');
    expect(statSync(conf).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'user-data'), 'utf8')).toMatch(/^#cloud-config\n/);
    const key = join(scratch, 'host-key');
    writeFileSync(key, hostKeyOf(join(out, 'user-data')), { mode: 0o600 });
    expect(spawnSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' }).stdout).toMatch(/^ssh-ed25519 /);
  });

  test('refuses a folder that is not empty, and a target without machines', () => {
    writeFileSync(join(scratch, 'kept'), 'kept');
    expect(cachetier('render', 'examples/cache.ts', '--node', 'a', '--out', scratch).status).toBe(2);
    expect(cachetier('render', 'examples/session-store.yaml', '--node', 'a', '--out', join(scratch, 'm')).status).toBe(
      2,
    );
    expect(existsSync(join(scratch, 'm'))).toBe(false);
  });

  test('writes nothing for a config that is refused', () => {
    const out = join(scratch, 'refused');
    expect(cachetier('render', 'examples/refused/queue-that-evicts.yaml', '--node', 'a', '--out', out).status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

test('schema prints the JSON Schema', () => {
  expect(JSON.parse(cachetier('schema').stdout)).toMatchObject({
    type: 'object',
    required: ['name', 'workload', 'dataset', 'target'],
  });
});

function hostKeyOf(userData: string): string {
  const block = /ed25519_private: \|\n((?: {4}.*\n)+)/.exec(readFileSync(userData, 'utf8'))?.[1] ?? '';
  return block.replaceAll(/^ {4}/gm, '');
}
