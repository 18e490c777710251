import { must, shell } from './shell';

/**
 * The lab: two switches, one for the public side and one for the private network, and a namespace for each machine and
 * for each host that only runs a client. Everything is in namespaces of its own; nothing of the host's network changes.
 */
export interface Host {
  /** Network namespace. */
  readonly namespace: string;
}

/** Addresses of the public side; those of the private network are the plan's. */
export const publicSide = {
  gateway: '203.0.113.1',
  operator: '203.0.113.7',
  outsider: '203.0.113.66',
  storage: '203.0.113.50',
  of: (index: number): string => `203.0.113.${11 + index}`,
} as const;

/** Answers as the metadata service of a cloud does, for whoever it lets through. */
export const metadataAddress = '169.254.169.254';

export class Network {
  constructor(private readonly prefix: string) {}

  /** A namespace of the lab. */
  namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /**
   * A command in a namespace, and in nothing else of its own: `ip netns exec` also copies the table of mounts, and a
   * process that goes on would keep the disk of a machine that loses its power.
   */
  within(name: string, command: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', `--net=/run/netns/${this.namespace(name)}`, '--', ...command];
  }

  /** Both switches, and the hosts that are no machines. */
  async up(hosts: Readonly<Record<string, { readonly public?: string; readonly private?: string }>>): Promise<void> {
    const lab = this.namespace('lab');
    await shell(`
      ip netns add ${lab}
      ip -n ${lab} link set lo up
      ip -n ${lab} link add public type bridge
      ip -n ${lab} link add private type bridge
      ip -n ${lab} addr add ${publicSide.gateway}/24 dev public
      ip -n ${lab} addr add ${metadataAddress}/32 dev public
      ip -n ${lab} link set public up
      ip -n ${lab} link set private up`);
    for (const [name, { public: outer, private: inner }] of Object.entries(hosts)) {
      await this.addNamespace(name);
      if (outer) await this.attach(name, 'public', 'eth0', `${outer}/24`);
      if (inner) await this.attach(name, 'private', 'enp7s0', `${inner}/16`);
    }
  }

  async addNamespace(name: string): Promise<void> {
    const own = this.namespace(name);
    await shell(`ip netns add ${own}; ip -n ${own} link set lo up`);
  }

  /** Plugs a cable into a switch; `address` is given from here, as an image's own network setup would. */
  async attach(name: string, side: 'public' | 'private', device: string, address?: string): Promise<void> {
    const [lab, own, port] = [this.namespace('lab'), this.namespace(name), portOf(name, side)];
    await shell(`
      ip -n ${lab} link add ${port} type veth peer name ${device} netns ${own}
      ip -n ${lab} link set ${port} master ${side} up
      ${address ? `ip -n ${own} addr add ${address} dev ${device}; ip -n ${own} link set ${device} up` : ''}`);
  }

  async detach(name: string, side: 'public' | 'private'): Promise<void> {
    await shell(`ip -n ${this.namespace('lab')} link del ${portOf(name, side)} 2>/dev/null || true`);
  }

  /** The cable is cut at the switch: the machine sees its link up, and nobody. */
  async cut(name: string, side: 'public' | 'private' = 'private'): Promise<void> {
    await must('ip', ['-n', this.namespace('lab'), 'link', 'set', portOf(name, side), 'nomaster']);
  }

  async heal(name: string, side: 'public' | 'private' = 'private'): Promise<void> {
    await must('ip', ['-n', this.namespace('lab'), 'link', 'set', portOf(name, side), 'master', side, 'up']);
  }

  /** Removes every namespace of this lab, those of an earlier run that broke too. */
  async down(): Promise<void> {
    await shell(`
      ip netns list | awk '{ print $1 }' | { grep '^${this.prefix}-' || true; } | while read -r name; do ip netns del "$name"; done`);
  }
}

/** Names of interfaces end after 15 characters. */
function portOf(name: string, side: 'public' | 'private'): string {
  return `${side === 'public' ? 'pub' : 'prv'}-${name}`.slice(0, 15);
}
