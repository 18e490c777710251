import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../constructs/local/folders';
import { withLock } from '../../../constructs/local/lock';
import { must } from './shell';

/** Images that machines boot from; `warm` ones have the packages of user data already, which saves their installation. */
export type ImageName = 'debian-13' | 'debian-testing';

/** Debian's suites: testing stands in for Ubuntu 26.04, whose Valkey is nearest to it. */
const suites = { 'debian-13': 'trixie', 'debian-testing': 'sid' } as const;

/** What a cloud image of Debian has. */
const cloudImage = [
  'apt-utils',
  'ca-certificates',
  'cloud-init',
  'dbus',
  'iproute2',
  'kmod',
  'less',
  'libpam-systemd',
  'netplan.io',
  'openssh-server',
  'procps',
  'python3',
  'sudo',
  'systemd',
  'systemd-resolved',
  'systemd-sysv',
  'udev',
  'unattended-upgrades',
];

/** Packages that the host needs; `systemd-container` has systemd-nspawn, `tcc` is a small compiler for `clock.c`. */
export const hostPackages = [
  'debootstrap',
  'systemd-container',
  'iproute2',
  'nftables',
  'util-linux',
  'e2fsprogs',
  'openssh-client',
  'tcc',
];

/** Packages that user data installs. */
export interface ImagePackages {
  /** Of the nodes: on the mirror, and in a warm image. */
  readonly nodes: readonly string[];
  /** Of other machines: on the mirror alone. */
  readonly others: readonly string[];
}

/** A root file system, and the packages that its machines install. */
export interface Image {
  readonly root: string;
  /** The same without packages. */
  readonly bare: string;
  readonly mirror: string;
}

/** Address at which machines find the package mirror; the image's sources name it. */
export const mirrorUrl = 'http://203.0.113.1:8080/';

/**
 * An image, built once and kept in the cache folder. It appears whole or not at all, and two at once wait for each other.
 *
 */
export async function ensureImage(
  name: ImageName,
  kind: 'bare' | 'warm',
  packages: ImagePackages,
  onProgress: (message: string) => void = () => undefined,
): Promise<Image> {
  const recipe = createHash('sha256')
    .update(JSON.stringify([build('', cloudImage, packages), warm('', packages.nodes)]))
    .digest('hex')
    .slice(0, 10);
  const folder = join(cacheFolder(), 'machines');
  const at = (what: string): string => join(folder, `${name}-${what}-${recipe}`);
  mkdirSync(folder, { recursive: true });
  const bare = { root: join(at('bare'), 'root'), mirror: join(at('bare'), 'mirror') };
  await withLock(join(folder, 'lock'), { what: 'images of machines', waitMs: 30 * 60_000 }, async () => {
    if (!existsSync(at('bare'))) {
      onProgress(`building ${name} (some minutes, once)`);
      await make(at('bare'), build(suites[name], cloudImage, packages));
      forgetOld(folder);
    }
    if (kind === 'warm' && !existsSync(at('warm'))) {
      onProgress(`installing packages into ${name} (once)`);
      await make(at('warm'), warm(bare.root, packages.nodes));
    }
  });
  return { root: kind === 'bare' ? bare.root : join(at('warm'), 'root'), bare: bare.root, mirror: bare.mirror };
}

/** Images of recipes that nobody has built for a month: each takes most of a gigabyte. */
function forgetOld(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!/-(bare|warm)-[0-9a-f]{10}(\.partial)?$/.test(entry.name)) continue;
    if (Date.now() - statSync(path).mtimeMs > 30 * 24 * 3_600_000) rmSync(path, { recursive: true });
  }
}

async function make(folder: string, script: string): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  await must(
    'unshare',
    ['--mount', '--propagation', 'private', 'bash', '-euo', 'pipefail', '-c', script, 'build', partial],
    {
      timeoutMs: 20 * 60_000,
    },
  );
  renameSync(partial, folder);
}

/** Packages must not start services in the chroot, nor ask. */
const quiet = `export DEBIAN_FRONTEND=noninteractive LC_ALL=C
printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf.host"
in_root() { chroot "$root" env -u SSL_CERT_FILE -u SSL_CERT_DIR "$@"; }`;

function build(suite: string, base: readonly string[], { nodes, others }: ImagePackages): string {
  return `root="$1/root"; mirror="$1/mirror"; mkdir "$mirror"
debootstrap --variant=minbase --include=ca-certificates,apt-utils ${suite} "$root"
${quiet}
mv "$root/etc/resolv.conf.host" "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
if [ ${suite} = trixie ]; then
  archive="$(sed -n 's/^deb \\([^ ]*\\) .*/\\1/p' "$root/etc/apt/sources.list" | head -n 1)"
  {
    echo "deb $archive trixie main"
    echo "deb $archive trixie-updates main"
    echo "deb \${archive%debian*}debian-security trixie-security main"
  } >"$root/etc/apt/sources.list"
fi
in_root apt-get -q -o Acquire::Check-Valid-Until=false update
in_root apt-get -q -y full-upgrade
in_root apt-get -q -y --no-install-recommends install ${base.join(' ')}
mkdir "$root/pool"
mount --bind "$mirror" "$root/pool"
in_root apt-get -q -y clean
# What an image lacks, and what it has for a test that upgrades or installs it again.
in_root apt-get -q -y --download-only install ${[...nodes, ...others].join(' ')}
in_root sh -c 'mv /var/cache/apt/archives/*.deb /pool/'
in_root sh -c 'cd /pool && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release'
umount "$root/pool" "$root/proc"
rmdir "$root/pool"
echo 'deb [trusted=yes] ${mirrorUrl} ./' >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/*_* "$root/usr/sbin/policy-rc.d" "$root"/etc/ssh/ssh_host_* "$root/etc/hostname"
rm -f "$root/etc/resolv.conf"; : >"$root/etc/machine-id"
# As cloud images have it; a package alone does not enable it everywhere.
in_root systemctl enable systemd-networkd.service
# The machine has no clock of its own and no name server.
ln -sf /dev/null "$root/etc/systemd/system/systemd-timesyncd.service"
# Nor is there a udev in a container; netplan from 1.2 on ends its start with a word to it.
mkdir "$root/etc/systemd/system/netplan-configure.service.d"
printf '[Service]\\nExecStartPost=\\n' >"$root/etc/systemd/system/netplan-configure.service.d/no-udev.conf"
`;
}

function warm(bare: string, packages: readonly string[]): string {
  return `root="$1/root"; cp -a '${bare}' "$root"
${quiet}
rm -f "$root/etc/resolv.conf.host"
mkdir "$root/pool"
mount --bind '${bare}/../mirror' "$root/pool"
mount -t proc proc "$root/proc"
echo 'deb [trusted=yes] file:///pool ./' >"$root/etc/apt/sources.list"
in_root apt-get -q -o Acquire::Check-Valid-Until=false update
in_root apt-get -q -y --no-install-recommends install ${packages.join(' ')}
umount "$root/pool" "$root/proc"
rmdir "$root/pool"
echo 'deb [trusted=yes] ${mirrorUrl} ./' >"$root/etc/apt/sources.list"
rm -f "$root"/var/lib/apt/lists/*_* "$root/usr/sbin/policy-rc.d"
`;
}
