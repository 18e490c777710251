import { join } from 'node:path';
import { fetchPackages, type PackageTree } from '../../constructs/local/distribution/fetch';
import { type Archive, findArchive } from '../../constructs/local/distribution/release';
import { fetchValkey, valkeyPackages } from '../../constructs/local/distribution/valkey';

/** Versions of the images that nodes boot from, and the newest there is. */
export const engineVersions = ['8.1', '9.0', '9.1'] as const;

const started = new Map<string, Promise<PackageTree>>();

/**
 * Valkey of a version, fetched on first use into Cachetier's cache folder: 8.1 of Debian 13, 9.0 of Ubuntu 26.04, 9.1 of
 * Debian sid, which stands in where Ubuntu's archive cannot be reached.
 *
 * @throws MachineError where the system is no Debian, or nothing can be fetched
 */
export function engine(version: (typeof engineVersions)[number]): Promise<PackageTree> {
  const known = started.get(version);
  if (known) return known;
  const tree = fetchers[version]();
  started.set(version, tree);
  return tree;
}

const fetchers = {
  '8.1': () => fetchValkey({ archive: debian('trixie') }),
  '9.0': () =>
    ubuntu().catch((error: unknown) => {
      process.stderr.write(`Ubuntu 26.04 cannot be reached, Debian sid stands in: ${String(error)}\n`);
      return engine('9.1');
    }),
  '9.1': () => fetchValkey({ archive: { ...debian('sid'), security: null } }),
} satisfies Record<(typeof engineVersions)[number], () => Promise<PackageTree>>;

function debian(suite: string): Archive {
  const archive = findArchive();
  if ('missing' in archive) throw new Error(archive.missing);
  if (archive.distribution !== 'debian') throw new Error(`needed is a Debian, got ${archive.distribution}`);
  return { ...archive, suite };
}

async function ubuntu(): Promise<PackageTree> {
  const name = 'ubuntu-archive-keyring';
  // The C library is there for the sake of the tree: one without a library is not laid out as a system.
  const { root } = await fetchPackages({ packages: [name, 'libc6'], programs: [] }, { archive: debian('trixie') });
  return fetchPackages(valkeyPackages, {
    archive: {
      distribution: 'ubuntu',
      suite: 'resolute',
      components: ['main', 'universe'],
      keyring: join(root, 'usr/share/keyrings', `${name}.gpg`),
      mirror: 'http://archive.ubuntu.com/ubuntu',
      security: null,
    },
  });
}
