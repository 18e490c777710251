import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackages } from '../../constructs/local/distribution/fetch';
import { run } from '../../constructs/local/run';

jest.setTimeout(240_000);

/** `nobody` where the tests run as root, else who runs them. */
const uid = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0);

const root = mkdtempSync(join(tmpdir(), 'cachetier-user-'));

beforeAll(() => {
  chownSync(root, uid, process.getuid?.() === 0 ? uid : (process.getgid?.() ?? 0));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('an ordinary user fetches Valkey without root, runs a tier and ends it, and the system is not touched', async () => {
  const system = ['/var/lib/apt/lists', '/var/cache/apt', '/var/lib/dpkg/status', '/var/lib/dpkg/info'].map((path) => [
    path,
    changed(path),
  ]);
  const jiti = join(__dirname, '../../node_modules/.bin/jiti');
  const env = { ...process.env, XDG_CACHE_HOME: join(root, 'cache'), HOME: root };
  const script = join(__dirname, '../support/as-ordinary-user.ts');
  const done = await run(jiti, [script, String(uid), join(root, 'tier')], { env, timeoutMs: 200_000 });
  expect(done.stderr).toBe('');
  expect(JSON.parse(done.stdout)).toMatchObject({ uid, healthy: true, stopped: 6, runtime: { kind: 'distribution' } });

  expect(system).toEqual(system.map(([path]) => [path, changed(path as string)]));
  expect(readdirSync(root)).toEqual(['cache']);
  const packages = join(root, 'cache/cachetier/packages');
  const [tree = '', ...others] = readdirSync(packages);
  expect(others).toEqual([]);
  expect(readFileSync(join(packages, tree, 'packages.txt'), 'utf8')).toMatch(/^valkey-server_/m);
  const own = (await run('find', [packages, '-uid', String(uid)])).stdout.split('\n').length;
  expect(own).toBe((await run('find', [packages])).stdout.split('\n').length);
  expect((await run('find', [packages, '-perm', '/6000'])).stdout).toBe('');
});

test('an unfinished download is finished by the next call, and a half tree is never used', async () => {
  const cache = join(root, 'again');
  const asked = { packages: ['valkey-tools'], programs: ['valkey-cli'] };
  const { root: tree, bin } = await fetchPackages(asked, { cache });
  const [name = ''] = readdirSync(join(cache, 'packages'));
  rmSync(tree, { recursive: true });
  mkdirSync(join(cache, 'packages', `${name}.unpacking/usr/bin`), { recursive: true });
  const [one, two] = await Promise.all([fetchPackages(asked, { cache }), fetchPackages(asked, { cache })]);
  expect(one).toEqual(two);
  expect(readdirSync(join(cache, 'packages'))).toEqual([name]);
  expect((await run(join(bin, 'valkey-cli'), ['--version'])).stdout).toMatch(/^valkey-cli \d/);
});

test('fails where a package does not exist, with the words of apt, and leaves no tree', async () => {
  const cache = join(root, 'missing');
  await expect(fetchPackages({ packages: ['no-such-package-here'], programs: [] }, { cache })).rejects.toThrow(
    /apt-get download failed: .*no-such-package-here/,
  );
  expect(readdirSync(join(cache, 'packages')).filter((name) => !name.endsWith('.apt'))).toEqual([]);
});

/** When a file or a folder's content last changed. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
