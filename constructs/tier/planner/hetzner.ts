import { addressAt } from '../addresses';
import { locationZone } from '../catalogue/locations';
import { serverPrice } from '../catalogue/prices';
import { serverType, serverTypesIn } from '../catalogue/server-types';
import { capabilitiesOf } from '../capabilities';
import type { HetznerPlan, MonitoringServerPlan } from '../plan';
import type { ResolvedTier, TargetFields } from '../resolved';
import { tierName } from './names';
import { MONITORING_OFFSET, planNodes, planNodesTarget } from './nodes';

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
    monitoringServer: planMonitoringServer(tier, name, location, subnetRange),
  };
}

function planMonitoringServer(
  { monitoringServer: asked }: ResolvedTier,
  name: string,
  location: string,
  subnetRange: string,
): MonitoringServerPlan | null {
  if (asked === null) return null;
  const { serverType: type = 'auto', smtp } = asked;
  return {
    name: `${name}-monitoring`,
    address: addressAt(subnetRange, MONITORING_OFFSET),
    serverType: type === 'auto' ? cheapestIn(location) : type,
    smtp: smtp ? { relay: smtp.relay, from: smtp.from, login: smtp.login ?? null } : null,
  };
}

/** Prometheus and Alertmanager of one tier need little; one whose price is not known is not taken by itself. */
function cheapestIn(location: string): string {
  const known = serverTypesIn(location).flatMap(({ name, automatic }) => {
    const { monthly } = serverPrice(name, location);
    return automatic && monthly !== null ? [{ name, monthly }] : [];
  });
  const [first] = [...known].sort((one, other) => one.monthly - other.monthly);
  return first?.name ?? serverTypesIn(location).find(({ automatic }) => automatic)?.name ?? '';
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
