import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderConfig, renderSources } from '../../constructs/local/distribution/apt';
import { findArchive } from '../../constructs/local/distribution/release';

const roots: string[] = [];

afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true })));

const debianKeys = { '/usr/share/keyrings/debian-archive-keyring.gpg': '' };
const ubuntuKeys = { '/usr/share/keyrings/ubuntu-archive-keyring.gpg': '' };
const bookworm = {
  '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n',
  ...debianKeys,
};

test('Debian 12 takes the packages of Debian 13 from its own mirror, and of security from its own security mirror', () => {
  const root = system({
    ...bookworm,
    '/etc/apt/sources.list.d/debian.sources': [
      '# a comment',
      'Types: deb deb-src',
      'URIs: https://mirror.example/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb',
      'URIs: https://mirror.example/debian-security',
      'Suites: bookworm-security',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    ].join('\n'),
    '/etc/apt/sources.list.d/another.list':
      'deb [arch=amd64 signed-by=/x.gpg] https://packages.example/apt bookworm main\n',
  });
  expect(findArchive(root)).toEqual({
    distribution: 'debian',
    suite: 'trixie',
    components: ['main'],
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    mirror: 'https://mirror.example/debian',
    security: 'https://mirror.example/debian-security',
  });
});

test('a system without a security source gets none', () => {
  const root = system({ ...bookworm, '/etc/apt/sources.list': 'deb http://mirror.example/debian bookworm main\n' });
  const archive = findArchive(root);
  expect(archive).toMatchObject({ mirror: 'http://mirror.example/debian', security: null });
  if ('missing' in archive) throw new Error(archive.missing);
  expect(renderSources(archive)).not.toContain('security');
});

test('a source that is switched off is not used', () => {
  const off = 'Enabled: no\nTypes: deb\nURIs: https://off.example/debian\nSuites: bookworm\nComponents: main\n';
  const root = system({
    ...bookworm,
    '/etc/apt/sources.list.d/off.sources': off,
    '/etc/apt/sources.list': '# deb http://commented.example/debian bookworm main\n',
  });
  expect(findArchive(root)).toEqual({ missing: 'the apt sources of this system name no debian archive' });
});

test.each([
  ['24.04', 'noble', 'noble'],
  ['26.04', 'resolute', 'resolute'],
  ['22.04', 'jammy', 'noble'],
])('Ubuntu %s takes the packages of %s from %s', (_version, codename, suite) => {
  const root = system({
    '/etc/os-release': `ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=${codename}\nUBUNTU_CODENAME=${codename}\n`,
    '/etc/apt/sources.list.d/ubuntu.sources': [
      'Types: deb',
      'URIs: http://archive.example/ubuntu/',
      `Suites: ${codename} ${codename}-updates ${codename}-security`,
      'Components: main universe',
      'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
    ].join('\n'),
    ...ubuntuKeys,
  });
  expect(findArchive(root)).toMatchObject({
    distribution: 'ubuntu',
    suite,
    components: ['main', 'universe'],
    mirror: 'http://archive.example/ubuntu/',
    security: 'http://archive.example/ubuntu/',
  });
});

test("a derivative of Ubuntu uses Ubuntu's archive", () => {
  const root = system({
    '/etc/os-release': 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n',
    '/etc/apt/sources.list.d/official.list':
      'deb http://packages.example wilma main\ndeb http://archive.example/ubuntu noble main universe\n',
    ...ubuntuKeys,
  });
  expect(findArchive(root)).toMatchObject({ suite: 'noble', mirror: 'http://archive.example/ubuntu' });
});

test('refuses a distribution without apt, and one without its keyring, with the reason', () => {
  expect(findArchive(system({ '/etc/os-release': 'PRETTY_NAME="Fedora Linux 43"\nID=fedora\n' }))).toEqual({
    missing: 'packages of Fedora Linux 43 are not known to this tool',
  });
  const { '/etc/os-release': release } = bookworm;
  const keyless = system({
    '/etc/os-release': release,
    '/etc/apt/sources.list': 'deb http://mirror.example/debian bookworm main\n',
  });
  expect(findArchive(keyless)).toEqual({
    missing: 'the archive keyring of debian is not installed (/usr/share/keyrings/debian-archive-keyring.gpg)',
  });
});

test('apt is told to run no hook of the system and to keep everything in the cache folder', () => {
  const text = renderConfig('amd64', '/cache/x');
  expect(text).toContain('#clear APT::Update::Post-Invoke;');
  expect(text).toContain('Dir::Etc::sourceparts "/dev/null";');
  const folders = [...text.matchAll(/^Dir::(?!Etc::(?:sourceparts|preferences))\S+ "([^"]+)"/gm)].map(
    ([, path]) => path,
  );
  expect(folders.length).toBeGreaterThan(5);
  expect(folders.filter((path) => !path?.startsWith('/cache/x/'))).toEqual([]);
});

test('nothing in the sources names a mirror', () => {
  const texts = ['apt', 'fetch', 'release', 'valkey', 'wrappers'].map((name) =>
    readFileSync(join(__dirname, `../../constructs/local/distribution/${name}.ts`), 'utf8'),
  );
  expect(texts.filter((text) => /https?:\/\//.test(text))).toEqual([]);
});

function system(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'cachetier-system-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
