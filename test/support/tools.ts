import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPackages, type PackageTree } from '../../constructs/local/distribution/fetch';
import { fetchValkey, valkeyPackages } from '../../constructs/local/distribution/valkey';

/** Packages that tests need beyond Valkey, in the versions that the nodes have (Debian 13). */
const testPackages = {
  packages: [
    'age',
    'cloud-init',
    'iproute2',
    'nftables',
    'openssh-client',
    'prometheus',
    'prometheus-alertmanager',
    'prometheus-node-exporter',
    'prometheus-redis-exporter',
    'python3-pip',
    'rclone',
    'restic',
    'shellcheck',
    'systemd',
  ],
  programs: [
    'age',
    'amtool',
    'ip',
    'nft',
    'prometheus',
    'prometheus-alertmanager',
    'prometheus-node-exporter',
    'prometheus-redis-exporter',
    'promtool',
    'python3',
    'rclone',
    'restic',
    'shellcheck',
    'ssh-keygen',
    'systemd-analyze',
  ],
} as const;

/** Python and its programs: they need the interpreter and the modules of their own tree. */
const scripts = ['python3', 'cloud-init'] as const;

/** A program that tests may run. */
export type ToolName =
  (typeof valkeyPackages.programs)[number] | (typeof testPackages.programs)[number] | (typeof scripts)[number];

/** The programs that tests run. */
export interface Tools {
  /** Absolute path of a program. */
  readonly file: (name: ToolName) => string;
  /** This process's environment with every tool first on `PATH`, and without what would bend the tools. */
  readonly env: NodeJS.ProcessEnv;
  /** Trees that the packages were unpacked to. */
  readonly trees: { readonly valkey: PackageTree; readonly others: PackageTree };
}

let ready: Promise<Tools> | undefined;

/**
 * The programs that tests run, fetched on first use from the system's distribution into Cachetier's cache folder.
 *
 * @throws MachineError naming what is missing, where the system has no apt or its distribution is not known
 */
export function tools(onProgress: (message: string) => void = () => undefined): Promise<Tools> {
  return (ready ??= prepare(onProgress));
}

async function prepare(onProgress: (message: string) => void): Promise<Tools> {
  const valkey = await fetchValkey({ onProgress });
  const others = await fetchPackages(testPackages, { onProgress });
  const scriptFolder = writeScripts(others);
  const folderOf = (name: ToolName): string => {
    if (valkeyPackages.programs.some((program) => program === name)) return valkey.bin;
    return scripts.some((script) => script === name) ? scriptFolder : others.bin;
  };
  const { AWS_CA_BUNDLE: _foreign, ...env } = process.env;
  const path = [valkey.bin, scriptFolder, others.bin, env['PATH'] ?? ''].join(':');
  return { file: (name) => join(folderOf(name), name), env: { ...env, PATH: path }, trees: { valkey, others } };
}

function writeScripts(tree: PackageTree): string {
  const folder = join(tree.root, 'scripts');
  mkdirSync(folder, { recursive: true });
  for (const name of scripts) {
    const file = join(folder, name);
    writeFileSync(`${file}.${process.pid}`, renderScript(tree, name));
    chmodSync(`${file}.${process.pid}`, 0o755);
    // A worker of another test may be starting it right now.
    renameSync(`${file}.${process.pid}`, file);
  }
  return folder;
}

function renderScript({ root, bin }: PackageTree, name: (typeof scripts)[number]): string {
  const program = name === 'python3' ? '' : `'${root}/usr/bin/${name}' `;
  return [
    '#!/bin/sh',
    `export PYTHONHOME='${root}/usr' PYTHONPATH='${root}/usr/lib/python3/dist-packages' PYTHONDONTWRITEBYTECODE=1`,
    `exec '${bin}/python3' ${program}"$@"`,
    '',
  ].join('\n');
}
