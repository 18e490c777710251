import { fetchPackages, type FetchOptions, type PackageTree } from './fetch';

/** Packages of Debian and Ubuntu that hold Valkey, and the programs to run. */
export const valkeyPackages = {
  packages: ['valkey-server', 'valkey-sentinel', 'valkey-tools'],
  programs: ['valkey-server', 'valkey-sentinel', 'valkey-cli', 'valkey-check-rdb', 'valkey-check-aof'],
} as const;

/** Valkey from the system's distribution; see {@link fetchPackages}. */
export function fetchValkey(options: FetchOptions = {}): Promise<PackageTree> {
  return fetchPackages(valkeyPackages, options);
}
