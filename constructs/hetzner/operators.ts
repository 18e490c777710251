import type { NodeFile } from '../node';
import type { HetznerTierPlan } from './plan';

/**
 * The operators' SSH keys as a file of the node.
 *
 * Not as keys at Hetzner: there a public key can be registered once in a project, so two tiers of one operator would
 * clash, and a server reads its keys when it is made and never again. sshd reads this file by default, beside
 * `authorized_keys`, which cloud-init owns (sshd_config(5), AuthorizedKeysFile).
 */
export function operatorFiles({ target: { sshKeys } }: HetznerTierPlan): readonly NodeFile[] {
  if (sshKeys.length === 0) return [];
  return [
    {
      path: '/root/.ssh/authorized_keys2',
      mode: '0600',
      owner: 'root',
      group: 'root',
      content: sshKeys.map((key) => `${key}\n`).join(''),
      secret: false,
      seedOnce: false,
    },
  ];
}
