import { hasSentinel, type NodesTierPlan } from '../plan';
import { addressOf } from '../lookup';
import type { NodePlacement } from '../placement';
import { exportersOf } from '../../tier/exporters';

/** Rules of the node; first those of the first boot, then those of the deploy step. */
export const firewallFile = '/etc/cachetier/firewall.nft';

/** Until the deploy step has come, nobody is admitted but the administrators by SSH. */
export function renderFirstBootFirewall(plan: NodesTierPlan): string {
  return table([set('admin', plan.access.admin)], ['ip saddr @admin tcp dport 22 accept']);
}

/**
 * The host's own firewall.
 *
 * Hetzner's Cloud Firewall does not see traffic of the private network, so this is the only guard of Valkey's ports.
 * Rules match the private address and not an interface, whose name differs between server types.
 */
export function renderFirewall(plan: NodesTierPlan, letter: string, placement: NodePlacement): string {
  const own = addressOf(placement, letter);
  const valkey = `{ ${[own.valkeyPort, ...(hasSentinel(plan) ? [own.sentinelPort] : [])].join(', ')} }`;
  const exporters = `{ ${Object.values(exportersOf(plan.topology)).join(', ')} }`;
  const nodes = Object.values(placement.nodes).map(({ address }) => address);
  return table(
    [
      set('admin', plan.access.admin),
      set('nodes', nodes),
      set('clients', plan.access.clients),
      set('prometheus', plan.monitoring.prometheusFrom),
    ],
    [
      'ip saddr @admin tcp dport 22 accept',
      `ip daddr ${own.address} ip saddr @nodes tcp dport ${valkey} accept`,
      `ip daddr ${own.address} ip saddr @clients tcp dport ${valkey} accept`,
      `ip daddr ${own.address} ip saddr @prometheus tcp dport ${exporters} accept`,
    ],
  );
}

/** One port that some networks reach, on one address of the machine. */
export interface Admitted {
  /** Name of the set of networks. */
  readonly name: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly port: number;
}

/** The firewall of a machine that is no node: SSH for the administrators, and what is named. */
export function admitting(plan: NodesTierPlan, admitted: readonly Admitted[]): string {
  return table(
    [set('admin', plan.access.admin), ...admitted.map(({ name, from }) => set(name, from))],
    [
      'ip saddr @admin tcp dport 22 accept',
      ...admitted.map(({ name, to, port }) => `ip daddr ${to} ip saddr @${name} tcp dport ${port} accept`),
    ],
  );
}

/**
 * Our own table, replaced as a whole and at once. Others on the machine are left alone.
 *
 * The metadata service hands user data to every process that asks, so only root may ask.
 */
function table(sets: readonly string[], admitted: readonly string[]): string {
  return `table inet cachetier
delete table inet cachetier
table inet cachetier {
${sets.join('')}  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iif lo accept
    ip protocol icmp accept
    meta l4proto icmpv6 accept
    udp sport 67 udp dport 68 accept
    udp dport 546 accept
${admitted.map((rule) => `    ${rule}\n`).join('')}  }
  chain forward {
    type filter hook forward priority filter; policy drop;
  }
  chain output {
    type filter hook output priority filter; policy accept;
    ip daddr 169.254.169.254 meta skuid != 0 reject
  }
}
`;
}

/** Networks may contain one another, hence `auto-merge`. */
function set(name: string, elements: readonly string[]): string {
  const list = elements.length === 0 ? '' : `    elements = { ${[...new Set(elements)].join(', ')} }\n`;
  return `  set ${name} {
    type ipv4_addr
    flags interval
    auto-merge
${list}  }
`;
}
