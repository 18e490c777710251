import { stringify } from 'yaml';
import { addressOf } from '../lookup';
import type { NodesTierPlan } from '../plan';
import { nodeCommand, stateFolder } from './paths';
import { firewallFile, renderFirstBootFirewall } from './firewall';
import { hetznerPlacement } from './placement';
import { applyScript } from './scripts/apply';
import { waitAddressScript } from './scripts/wait-address';
import { addressUnit, firewallUnit } from './units';

/** What user data needs beside the plan. */
export interface UserDataOptions {
  /** SSH host key of the node in OpenSSH format; the deploy step trusts the node by it. The one secret in user data. */
  readonly sshHostKey: { readonly privateKey: string; readonly publicKey: string };
}

/** Takes the payload of `renderApplyPayload` on standard input. */
export const applyCommand = '/usr/local/sbin/cachetier-apply';

/** Makes the node the first primary of a new tier; run once, on `plan.target.firstPrimary`, after every node was applied. */
export const bootstrapCommand = `${nodeCommand} bootstrap`;

/** Packages of the distribution; the same names in Debian 13 and Ubuntu 26.04. */
const packages = [
  'age',
  'nftables',
  'prometheus-node-exporter',
  'prometheus-redis-exporter',
  'python3',
  'rclone',
  'valkey-sentinel',
  'valkey-server',
  'valkey-tools',
];

/** Units that the packages would start at once, with settings that are not ours. */
const held = ['prometheus-node-exporter', 'prometheus-redis-exporter', 'valkey-sentinel', 'valkey-server'];

/** What differs between the machines that we boot. */
export interface MachineKind {
  readonly packages: readonly string[];
  /** Units that the packages would start at once, with settings that are not ours. */
  readonly held: readonly string[];
  /** Packages that no timer upgrades. */
  readonly pinned: readonly string[];
  /** What the packages bring; without it the deploy step waits for nothing. */
  readonly program: string;
  /** Whether an operator may open a tunnel to a port of the machine. */
  readonly tunnels: boolean;
}

const valkeyMachine: MachineKind = {
  packages,
  held,
  // Upgrades of Valkey restart it; they are for the operator, never for a timer.
  pinned: ['valkey-server', 'valkey-sentinel', 'valkey-tools'],
  program: 'valkey-server',
  tunnels: false,
};

/**
 * User data of one node: what the node needs before the deploy step can reach it, and nothing that changes later.
 *
 * It replaces a server when it changes, so no setting of the engine is in it; it is readable to root on the node and
 * kept by the provider, so no password is in it.
 *
 * @throws Error when the tier has no node of that letter
 */
export function renderUserData(plan: NodesTierPlan, letter: string, options: UserDataOptions): string {
  return userDataOf(plan, addressOf(hetznerPlacement(plan), letter).address, valkeyMachine, options);
}

/** User data of a machine of the tier at an address. */
export function userDataOf(
  plan: NodesTierPlan,
  address: string,
  kind: MachineKind,
  { sshHostKey }: UserDataOptions,
): string {
  const document = {
    bootcmd: [['cloud-init-per', 'instance', 'cachetier-first-boot', 'sh', '-c', firstBoot(plan, kind)]],
    disable_root: false,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: withNewline(sshHostKey.privateKey), ed25519_public: sshHostKey.publicKey.trim() },
    package_update: true,
    packages: kind.packages,
    write_files: [
      script(applyCommand, applyScript(kind.program)),
      script('/usr/local/lib/cachetier/wait-address', waitAddressScript),
      text('/etc/systemd/system/cachetier-address.service', addressUnit(address)),
      text('/etc/systemd/system/cachetier-firewall.service', firewallUnit),
      text('/etc/ssh/sshd_config.d/10-cachetier.conf', sshdConfig(kind)),
      text('/etc/apt/apt.conf.d/52cachetier', aptConfig),
    ],
    runcmd: [installAgain(kind), ...running(kind).map((command) => ['sh', '-c', command])],
  };
  return `#cloud-config\n${stringify(document, { lineWidth: 0 })}`;
}

/**
 * Before the network of the machine is attached and before any package starts a service. One that has its files is left
 * alone: cloud-init takes a disk for that of a new machine when its metadata changes or is cleaned.
 */
function firstBoot(plan: NodesTierPlan, { held: units }: MachineKind): string {
  return [
    'set -e',
    `if [ -e ${stateFolder}/manifest ]; then exit 0; fi`,
    `systemctl mask nftables.service ${units.map((name) => `${name}.service`).join(' ')}`,
    'mkdir -p /etc/cachetier',
    `cat >${firewallFile} <<'EOF'`,
    `${renderFirstBootFirewall(plan)}EOF`,
    `if command -v nft >/dev/null; then nft -f ${firewallFile}; fi`,
    '',
  ].join('\n');
}

/** A mirror that does not answer for a moment must not leave a machine without its packages. */
function installAgain(kind: MachineKind): readonly string[] {
  const install = `apt-get -o DPkg::Lock::Timeout=300 install -y ${kind.packages.join(' ')}`;
  return ['sh', '-c', `for i in 1 2 3 4 5; do ${install} && break; sleep 10; apt-get update; done`];
}

function running({ pinned }: MachineKind): readonly string[] {
  return [
    ...(pinned.length === 0 ? [] : [`apt-mark hold ${pinned.join(' ')}`]),
    'systemctl daemon-reload',
    'systemctl enable --now cachetier-firewall.service',
    'systemctl reload-or-restart ssh.service',
  ];
}

function sshdConfig({ tunnels }: MachineKind): string {
  return `# Keys only, root only: nobody else has an account here.
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthenticationMethods publickey
AllowUsers root
AllowAgentForwarding no
AllowTcpForwarding ${tunnels ? 'local' : 'no'}
X11Forwarding no
MaxAuthTries 3
LoginGraceTime 30
`;
}

const aptConfig = `APT::Install-Recommends "false";
Unattended-Upgrade::Package-Blacklist { "^valkey"; };
`;

function script(path: string, content: string): object {
  return { path, permissions: '0755', content };
}

function text(path: string, content: string): object {
  return { path, permissions: '0644', content };
}

function withNewline(key: string): string {
  return key.endsWith('\n') ? key : `${key}\n`;
}
