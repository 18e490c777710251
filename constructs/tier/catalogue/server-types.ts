/**
 * Server types of Hetzner Cloud. Data, not code. The API knows deprecation and availability for each location; this is
 * what can be said without asking it.
 */

/** A server type. */
export interface ServerType {
  readonly name: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly diskGB: number;
  readonly architecture: 'x86' | 'arm';
  /** Locations that sell it; what is sold can still be out of stock for a while. */
  readonly locations: readonly string[];
  /** Last day on which other locations sold it, ISO 8601, or null where none did. */
  readonly retired: string | null;
  /** Whether `auto` chooses among it: one core is too few for Valkey, Sentinel, exporters and a save at a time. */
  readonly automatic: boolean;
  readonly source: string;
  /** Day on which the source was read, ISO 8601. */
  readonly date: string;
}

const eu = ['fsn1', 'nbg1', 'hel1'];
const us = ['ash', 'hil'];
const everywhere = [...eu, ...us, 'sin'];
const current =
  'hetzner.com/cloud/regular-performance, cost-optimized and general-purpose, as rendered in October 2026';
const gone = 'docs.hetzner.cloud/changelog#2025-10-16-server-types-deprecated';

type Row = readonly [name: string, cores: number, memoryGiB: number, diskGB: number];

function rows(
  architecture: ServerType['architecture'],
  locations: readonly string[],
  retired: string | null,
  list: readonly Row[],
): ServerType[] {
  return list.map(([name, cores, memoryGiB, diskGB]) => ({
    name,
    cores,
    memoryGiB,
    diskGB,
    architecture,
    locations,
    retired,
    automatic: cores > 1,
    source: retired === null ? current : `${gone}; ${current}`,
    date: '2026-11-20',
  }));
}

/** Every server type that we know, the retired ones included so that they can be named. */
export const serverTypes: readonly ServerType[] = [
  ...rows('x86', eu, null, [
    ['cx23', 2, 4, 40],
    ['cx33', 4, 8, 80],
    ['cx43', 8, 16, 160],
    ['cx53', 16, 32, 320],
  ]),
  ...rows('arm', eu, null, [
    ['cax11', 2, 4, 40],
    ['cax21', 4, 8, 80],
    ['cax31', 8, 16, 160],
    ['cax41', 16, 32, 320],
  ]),
  ...rows('x86', [...eu, 'sin'], null, [
    ['cpx02', 1, 1, 20],
    ['cpx12', 1, 2, 40],
    ['cpx22', 2, 4, 80],
    ['cpx32', 4, 8, 160],
    ['cpx42', 8, 16, 320],
    ['cpx52', 12, 24, 480],
    ['cpx62', 16, 32, 640],
  ]),
  ...rows('x86', everywhere, null, [
    ['ccx13', 2, 8, 80],
    ['ccx23', 4, 16, 160],
    ['ccx33', 8, 32, 240],
    ['ccx43', 16, 64, 360],
    ['ccx53', 32, 128, 600],
    ['ccx63', 48, 192, 960],
  ]),
  ...rows('x86', [], '2025-12-31', [
    ['cx22', 2, 4, 40],
    ['cx32', 4, 8, 80],
    ['cx42', 8, 16, 160],
    ['cx52', 16, 32, 320],
  ]),
  ...rows('x86', us, '2025-12-31', [
    ['cpx11', 2, 2, 40],
    ['cpx21', 3, 4, 80],
    ['cpx31', 4, 8, 160],
    ['cpx41', 8, 16, 240],
    ['cpx51', 16, 32, 360],
  ]),
];

/** A server type by name, or undefined where we do not know it. */
export function serverType(name: string): ServerType | undefined {
  return serverTypes.find((type) => type.name === name);
}

/** Server types that can be ordered in a location. */
export function serverTypesIn(location: string): readonly ServerType[] {
  return serverTypes.filter((type) => type.locations.includes(location));
}
