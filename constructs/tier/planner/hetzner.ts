import { addressAt } from '../addresses';
import { locationZone } from '../catalogue/locations';
import { serverType } from '../catalogue/server-types';
import { capabilitiesOf } from '../capabilities';
import type { HetznerPlan } from '../plan';
import type { ResolvedTier, TargetFields } from '../resolved';
import { tierName } from './names';
import { planNodes, planNodesTarget } from './nodes';

/** What `ValkeyCluster` draws. */
export function planHetzner(tier: ResolvedTier, fields: TargetFields['hetzner']): HetznerPlan {
  const location = fields.location ?? 'fsn1';
  const networkRange = hetznerNetwork(fields);
  const subnetRange = hetznerSubnet(fields);
  const type = tier.size?.type ?? '';
  const name = tierName(tier);
  return {
    ...planNodesTarget(tier, planNodes(tier.replicas + 1, name, subnetRange), name),
    kind: 'hetzner',
    location,
    networkZone: locationZone(location) ?? '',
    networkRange,
    subnetRange,
    serverType: type,
    architecture: serverType(type)?.architecture ?? 'x86',
    image: fields.image ?? imageFor(tier.engineVersion),
    sshKeys: fields.sshKeys ?? [],
    spread: tier.zones === 'spread' && tier.replicas > 0,
  };
}

/** The private network of the tier. */
export function hetznerNetwork(fields: TargetFields['hetzner']): string {
  return fields.networkRange ?? '10.20.0.0/16';
}

/** The subnet of the nodes: the second /24 of the network, or all of a network that has no second one. */
export function hetznerSubnet(fields: TargetFields['hetzner']): string {
  if (fields.subnetRange !== undefined) return fields.subnetRange;
  const range = hetznerNetwork(fields);
  const roomForTwo = Number(range.split('/')[1]) <= 23;
  return roomForTwo ? `${addressAt(range, 256)}/24` : range;
}

function imageFor(version: string): 'debian-13' | 'ubuntu-26.04' {
  const cell = capabilitiesOf('hetzner').engineVersions[version];
  return cell?.image ?? 'debian-13';
}
