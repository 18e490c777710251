import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import {
  hetznerPlacement,
  type NodeFile,
  type NodesTierPlan,
  renderMachineFiles,
  renderUserData,
  type UserDataOptions,
} from '../../constructs/node';
import { makeSecrets } from './secrets';

/** A host key of the right form that opens nothing. */
export const hostKey: UserDataOptions['sshHostKey'] = {
  privateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm90 host',
};

/** User data as cloud-init reads it. */
export interface CloudConfig {
  readonly bootcmd: readonly (readonly string[])[];
  readonly packages: readonly string[];
  readonly write_files: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
  readonly ssh_keys: Readonly<Record<string, string>>;
}

export function cloudConfig(plan: NodesTierPlan, letter = 'a'): CloudConfig {
  return parse(renderUserData(plan, letter, { sshHostKey: hostKey })) as CloudConfig;
}

/** Every file of a machine: those of user data and those of the deploy step. */
export async function machineFiles(plan: NodesTierPlan, letter = 'a'): Promise<readonly NodeFile[]> {
  const delivered = renderMachineFiles(plan, letter, hetznerPlacement(plan), await makeSecrets(plan));
  const seeded = cloudConfig(plan, letter).write_files.map(({ path, permissions, content }) => ({
    path,
    mode: permissions,
    owner: 'root',
    group: 'root',
    content,
    secret: false,
    seedOnce: false,
  }));
  return [...seeded, ...delivered];
}

/** Writes files below a new folder. */
export function writeBelow(files: readonly Pick<NodeFile, 'path' | 'mode' | 'content'>[]): string {
  const root = mkdtempSync(join(tmpdir(), 'cachetier-disk-'));
  for (const { path, mode, content } of files) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, Number.parseInt(mode, 8));
  }
  return root;
}

/** Scripts among the files of a machine. */
export function scriptsOf(files: readonly NodeFile[]): readonly NodeFile[] {
  return files.filter(({ content }) => content.startsWith('#!/bin/bash') || content.startsWith('# shellcheck shell'));
}
