import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { version } from '../../package.json';
import { tools } from '../support/tools';

const root = resolve(__dirname, '../..');
const main = join(root, 'dist/cli/main.js');

let scratch: string;

beforeAll(() => {
  if (!existsSync(main)) throw new Error('dist/ is not built: run npm run build');
  scratch = mkdtempSync(join(tmpdir(), 'cachetier-cli-'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Jest colours its workers' output where it runs on a terminal; a person's shell has none of these set. */
const { FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, CACHETIER_DEBUG: _debug, ...plain } = process.env;

function cachetier(...args: readonly string[]) {
  return cachetierIn({}, ...args);
}

function cachetierIn(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  return spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8', env: { ...plain, ...env } });
}

function scratchFile(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

describe('the command line', () => {
  test('says its version, and helps', () => {
    expect(cachetier('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
    const help = cachetier('--help');
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('Exit codes: 0 fine, 1');
    const commands = readdirSync(join(root, 'cli/commands')).map((name) => name.replace('.ts', ''));
    expect(commands).toHaveLength(14);
    for (const command of commands) {
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
    ['a folder for a file', ['check', 'examples']],
    ['two targets at once', ['plan', 'examples/cache.ts', '--all', '--target', 'local']],
    ['a file for a folder', ['render', 'examples/cache.ts', '--node', 'a', '--out', 'package.json', '--force']],
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

  test('uses no colours in a pipe, also where CI is set, unless it is told to', () => {
    const args = ['check', 'examples/refused/queue-that-evicts.yaml'];
    const escape = '\u001b[';
    for (const env of [{}, { CI: 'true' }, { NO_COLOR: '1', FORCE_COLOR: '1' }])
      expect(cachetierIn(env, ...args).stdout).not.toContain(escape);
    expect(cachetierIn({ FORCE_COLOR: '1' }, ...args).stdout).toContain(escape);
  });

  test('keeps quiet when its reader goes away', () => {
    const piped = 'set -o pipefail; "$0" "$1" plan examples/job-queue.ts --all --json | head -c 10';
    const run = spawnSync('bash', ['-c', piped, process.execPath, main], { cwd: root, encoding: 'utf8', env: plain });
    expect([run.status, run.stderr]).toEqual([0, '']);
  });

  test('shows a stack only where CACHETIER_DEBUG asks for it', () => {
    const args = ['check', 'examples/nowhere.yaml'];
    expect(cachetier(...args).stderr).not.toContain('    at ');
    expect(cachetierIn({ CACHETIER_DEBUG: '1' }, ...args).stderr).toContain('    at ');
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
    const run = cachetier('check', scratchFile('broken.json', '{'), '--json');
    expect(run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, issues: [{ code: 'DoesNotParse', path: '$' }] });
  });

  test.each([
    ['throws', `throw new Error('no database');`, 'throws: no database'],
    [
      'rejects when nobody waits',
      `setTimeout(() => { throw new Error('too late'); });\nexport default {};`,
      'too late',
    ],
  ])('reports a config that %s without a stack', (_what, text, message) => {
    const run = cachetier('check', scratchFile('throws.ts', text));
    expect(run.status).not.toBe(0);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain('    at ');
  });

  test('prints no control character that a config holds', () => {
    const run = cachetier('check', scratchFile('bell.yaml', 'name: "a\\e[2J"\n"b\\e[1m": 1\nworkload: "c\\a"\n'));
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('unknown field "b [1m"');
    expect(run.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
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

  test('says what it is, what it gives, what was assumed and what it costs', () => {
    const { status, stdout } = cachetier('plan', 'examples/job-queue.ts');
    expect(status).toBe(0);
    for (const part of ['Gives', 'Size', 'Defaults taken', 'Logins', 'Names', 'Price for a month'])
      expect(stdout).toMatch(new RegExp(`^${part}`, 'm'));
    expect(stdout).not.toMatch(/undefined|\[object|NaN/);
  });

  test('prints no plan of a config that is refused, and its report on standard error', () => {
    const run = cachetier('plan', 'examples/refused/queue-that-evicts.yaml');
    expect([run.status, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toContain('[QueueMustNotEvict]');
  });
});

describe('monitoring', () => {
  test('writes what Prometheus, Alertmanager and Grafana need, and nothing into a folder that is not empty', () => {
    const out = join(scratch, 'monitoring');
    const done = cachetier('monitoring', 'examples/job-queue.ts', '--out', out, '--json');
    expect(done.status).toBe(0);
    const { files } = JSON.parse(done.stdout) as { files: readonly string[] };
    for (const name of ['prometheus.yml', 'alertmanager.yml', 'grafana-dashboard.json', 'scrape-hetzner-sd.yml']) {
      expect(files).toContain(join(out, name));
      expect(readFileSync(join(out, name), 'utf8').length).toBeGreaterThan(100);
    }
    expect(cachetier('monitoring', 'examples/job-queue.ts', '--out', out).status).toBe(2);
    expect(cachetier('monitoring', 'examples/job-queue.ts', '--out', out, '--force').status).toBe(0);
  });

  test('says where to look instead on a target without machines of ours', () => {
    const out = join(scratch, 'never');
    const done = cachetier('monitoring', 'examples/cache.ts', '--target', 'memorydb', '--out', out);
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('its stack has alarms and a dashboard')]);
    expect(existsSync(out)).toBe(false);
  });
});

describe('render', () => {
  test('writes the files of a node as they lie on its disk, and secrets apart', async () => {
    const { file } = await tools();
    const out = join(scratch, 'node-a');
    expect(cachetier('render', 'examples/job-queue.ts', '--node', 'a', '--out', out).status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['root', 'secrets', 'user-data']);
    const conf = join(out, 'secrets/etc/valkey/valkey.conf');
    expect(readFileSync(conf, 'utf8')).toContain('maxmemory-policy noeviction');
    expect(statSync(conf).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'user-data'), 'utf8')).toMatch(/^#cloud-config\n/);
    const key = join(scratch, 'host-key');
    writeFileSync(key, hostKeyOf(join(out, 'user-data')), { mode: 0o600 });
    expect(spawnSync(file('ssh-keygen'), ['-y', '-f', key], { encoding: 'utf8' }).stdout).toMatch(/^ssh-ed25519 /);
  });

  test('keeps what is secret out of root and user-data', () => {
    const out = join(scratch, 'node-b');
    const run = cachetier('render', 'examples/job-queue.ts', '--node', 'b', '--out', out, '--json');
    const { files } = JSON.parse(run.stdout) as { files: string[] };
    const kind = (file: string): string => file.slice(out.length + 1).split('/')[0] ?? '';
    const secrets = files.filter((file) => kind(file) === 'secrets');
    const acl = readFileSync(secrets.find((file) => file.endsWith('.acl')) ?? '', 'utf8');
    const hashes = [...acl.matchAll(/#([0-9a-f]{64})/g)].map(([, hash = '']) => hash);
    expect(hashes.length).toBeGreaterThan(1);
    for (const file of secrets) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    for (const file of files.filter((one) => kind(one) !== 'secrets')) {
      const text = readFileSync(file, 'utf8');
      for (const hash of hashes) expect(text).not.toContain(hash);
      if (kind(file) === 'root') expect(text).not.toContain('PRIVATE KEY-----');
    }
    expect(cachetier('render', 'examples/job-queue.ts', '--node', 'b', '--out', out).status).toBe(2);
    expect(cachetier('render', 'examples/job-queue.ts', '--node', 'b', '--out', out, '--force').status).toBe(0);
    const again = readFileSync(secrets.find((file) => file.endsWith('.acl')) ?? '', 'utf8');
    for (const hash of hashes) expect(again).not.toContain(hash);
  });

  test('refuses a folder that is not empty, and a target without machines', () => {
    scratchFile('kept', 'kept');
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
  const schema: unknown = JSON.parse(cachetier('schema').stdout);
  expect(schema).toMatchObject({ type: 'object', required: ['name', 'workload', 'dataset', 'target'] });
  expect(schema).toEqual(JSON.parse(readFileSync(join(root, 'constructs/tier/config.schema.json'), 'utf8')));
});

function hostKeyOf(userData: string): string {
  const block = /ed25519_private: \|\n((?: {4}.*\n)+)/.exec(readFileSync(userData, 'utf8'))?.[1] ?? '';
  return block.replaceAll(/^ {4}/gm, '');
}
