import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An archive to take packages from: what the system already trusts, with another suite. */
export interface Archive {
  readonly distribution: 'debian' | 'ubuntu';
  /** Suite that packages Valkey. */
  readonly suite: string;
  readonly components: readonly string[];
  readonly keyring: string;
  readonly mirror: string;
  /** Archive of the security updates, or null where the system has none. */
  readonly security: string | null;
}

/** First suites that package Valkey. Source: packages.debian.org and packages.ubuntu.com, November 2026. */
const firstSuites = { debian: 'trixie', ubuntu: 'noble' } as const;

/** Ubuntu suites before `noble`; what is newer packages Valkey itself. */
const olderUbuntu = new Set(['trusty', 'xenial', 'bionic', 'focal', 'jammy', 'kinetic', 'lunar', 'mantic']);

const keyrings = {
  debian: ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'],
  ubuntu: ['/usr/share/keyrings/ubuntu-archive-keyring.gpg', '/usr/share/keyrings/ubuntu-archive-keyring.pgp'],
} as const;

const components = { debian: ['main'], ubuntu: ['main', 'universe'] } as const;

/**
 * The archive of this system's distribution.
 *
 * @param root - the file system to look at
 * @returns the archive, or why there is none
 */
export function findArchive(root = '/'): Archive | { readonly missing: string } {
  const release = parseRelease(read(join(root, 'etc/os-release')) ?? read(join(root, 'usr/lib/os-release')) ?? '');
  const distribution = family(release);
  if (!distribution)
    return { missing: `packages of ${release['PRETTY_NAME'] ?? process.platform} are not known to this tool` };
  const codename = codenameOf(release, distribution);
  const entries = readSources(join(root, 'etc/apt'));
  const main = best(
    entries.filter(({ suites }) => !suites.every(isSecurity)),
    distribution,
    codename,
  );
  const security = best(
    entries.filter(({ suites }) => suites.some(isSecurity)),
    distribution,
    codename,
  );
  if (!main) return { missing: `the apt sources of this system name no ${distribution} archive` };
  const keyring = [main.signedBy, ...keyrings[distribution]].find(
    (path) => path?.startsWith('/') && existsSync(join(root, path)),
  );
  if (!keyring)
    return { missing: `the archive keyring of ${distribution} is not installed (${keyrings[distribution][0]})` };
  const own = distribution === 'ubuntu' && codename !== undefined && !olderUbuntu.has(codename);
  return {
    distribution,
    suite: own ? codename : firstSuites[distribution],
    components: components[distribution],
    keyring,
    mirror: main.uri,
    security: security?.uri ?? null,
  };
}

/** One archive of the system's own apt sources. */
export interface SourceEntry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly signedBy: string | null;
}

/** Entries of a one-line style list, `deb [options] uri suite components`. */
export function parseList(text: string): readonly SourceEntry[] {
  return [...text.matchAll(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)].map(
    ([, options = '', uri = '', suite = '']) => ({
      uri,
      suites: [suite],
      signedBy: /signed-by=(\S+)/.exec(options)?.[1] ?? null,
    }),
  );
}

/** Entries of a deb822 style file. */
export function parseDeb822(text: string): readonly SourceEntry[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => words(fields['types']).includes('deb') && fields['enabled'] !== 'no')
    .flatMap((fields) =>
      words(fields['uris']).map((uri) => ({
        uri,
        suites: words(fields['suites']),
        signedBy: words(fields['signed-by'])[0] ?? null,
      })),
    );
}

function fieldsOf(stanza: string): Record<string, string> {
  const fields = stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]));
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter(Boolean) ?? [];
}

function readSources(folder: string): readonly SourceEntry[] {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  return [
    ...names.filter((name) => name.endsWith('.sources')).flatMap((name) => parseDeb822(read(join(parts, name)) ?? '')),
    ...parseList(read(join(folder, 'sources.list')) ?? ''),
    ...names.filter((name) => name.endsWith('.list')).flatMap((name) => parseList(read(join(parts, name)) ?? '')),
  ];
}

/** Others publish under the same suite names, so what the archive's own key signs comes first; apt checks the signature. */
function best(
  entries: readonly SourceEntry[],
  distribution: 'debian' | 'ubuntu',
  codename?: string,
): SourceEntry | undefined {
  const score = ({ uri, suites, signedBy }: SourceEntry): number =>
    (signedBy?.includes(`${distribution}-archive-keyring`) ? 4 : 0) +
    (new RegExp(`/${distribution}(-ports|-security)?/?$`).test(uri) ? 2 : 0) +
    (suites.some((suite) => suite === codename || suite.startsWith(`${codename}-`)) ? 1 : 0);
  return [...entries].sort((a, b) => score(b) - score(a)).find((entry) => score(entry) > 0);
}

function isSecurity(suite: string): boolean {
  return suite.endsWith('-security');
}

function family(release: Readonly<Record<string, string>>): 'debian' | 'ubuntu' | null {
  const names = words(`${release['ID'] ?? ''} ${release['ID_LIKE'] ?? ''}`);
  if (names.includes('ubuntu')) return 'ubuntu';
  return names.includes('debian') ? 'debian' : null;
}

function codenameOf(release: Readonly<Record<string, string>>, distribution: 'debian' | 'ubuntu'): string | undefined {
  return release[`${distribution.toUpperCase()}_CODENAME`] ?? release['VERSION_CODENAME'];
}

function parseRelease(text: string): Record<string, string> {
  const lines = text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|(.*))$/gm);
  return Object.fromEntries([...lines].map(([, name = '', a, b, c]) => [name, a ?? b ?? c ?? '']));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
