import { capabilities, targetKinds } from '../../constructs/tier';
import { locations } from '../../constructs/tier/catalogue/locations';
import { nodeHours } from '../../constructs/tier/catalogue/node-prices';
import { nodeType, nodeTypes, nodeTypesFor } from '../../constructs/tier/catalogue/node-types';
import { nodePrice, serverPrice } from '../../constructs/tier/catalogue/prices';
import { serverPrices } from '../../constructs/tier/catalogue/server-prices';
import { serverType, serverTypes } from '../../constructs/tier/catalogue/server-types';
import { serviceSetting } from '../../constructs/tier/catalogue/service-settings';
import { ownedInstead, renamedSettings } from '../../constructs/tier/catalogue/own-settings';
import { inVersion, settingNamed, settings } from '../../constructs/tier/catalogue/settings';

const isoDay = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

describe('every row of a catalogue', () => {
  test.each([...nodeTypes, ...serverTypes].map((row) => [row.name, row] as const))(
    '%s has a source and the day it was read',
    (_name, row) => {
      expect(row.source.length).toBeGreaterThan(10);
      expect(row.date).toMatch(isoDay);
    },
  );

  test('names a thing once', () => {
    for (const names of [nodeTypes, serverTypes].map((rows) => rows.map(({ name }) => name))) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('has a price, or says why there is none', () => {
    for (const price of [
      ...nodeTypes.map(({ name }) => nodePrice(name, 'us-east-1')),
      ...serverTypes.map(({ name }) => serverPrice(name)),
    ]) {
      expect(price.monthly === null || price.monthly > 0).toBe(true);
      expect(price.source).not.toBe('');
    }
  });
});

test('no node gives more to data than it has memory', () => {
  for (const type of nodeTypes) expect(type.maxmemoryBytes).toBeLessThanOrEqual(type.memoryBytes);
});

test('every server has the disk for an append-only file, its rewrite and an RDB beside each other', () => {
  for (const { memoryGiB, diskGB } of serverTypes) {
    expect(diskGB * 1e9).toBeGreaterThanOrEqual(3 * 0.7 * memoryGiB * 2 ** 30 + 10 * 2 ** 30);
  }
});

test('a server type is sold somewhere we know, or has the day since which it is not', () => {
  for (const { retired, locations: sold } of serverTypes) {
    expect(sold.length > 0 || isoDay.test(retired ?? '')).toBe(true);
    for (const location of sold) expect(locations).toContain(location);
  }
});

test.each(['7.2', '7.3', '8.0', '8.1', '8.2', '9.0', '9.1'])('no setting has two ranges in %s', (version) => {
  const names = settings.filter((one) => inVersion(one, version)).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('an older name leads to one of today', () => {
  for (const name of Object.values(renamedSettings)) expect(settingNamed(name, '8.1')).toBeDefined();
});

test('no setting is both for the config to set and our own', () => {
  expect(settings.filter(({ name }) => ownedInstead(name) !== undefined)).toEqual([]);
});

function hasReason(cell: unknown): boolean {
  return typeof cell === 'object' && cell !== null && ('source' in cell || 'because' in cell);
}

test('the only price of a server without a location is one that holds wherever it is sold', () => {
  expect(serverPrice('cx23')).toEqual(serverPrice('cx23', 'fsn1'));
  expect(serverPrice('cx23', 'fsn1').monthly).toBeCloseTo(5.99);
  expect(serverPrice('cpx12').monthly).toBeNull();
  expect(serverPrice('cpx12', 'sin').monthly).toBeGreaterThan(serverPrice('cpx12', 'hel1').monthly ?? Infinity);
});

test('every price belongs to a type that we know, and is dated', () => {
  for (const type of Object.keys(nodeHours)) expect(nodeType(type)?.target).toBe('elasticache');
  for (const [type, prices] of Object.entries(serverPrices)) {
    for (const { date, locations: places, source } of prices) {
      expect([type, isoDay.test(date), source.length > 10]).toEqual([type, true, true]);
      for (const place of places) expect(serverType(type)?.locations).toContain(place);
    }
  }
});

test('every node type of ElastiCache has a price in us-east-1', () => {
  for (const { name } of nodeTypesFor('elasticache')) expect(nodePrice(name, 'us-east-1').monthly).toBeGreaterThan(0);
});

test('what a service takes of a setting, the engine takes too', () => {
  for (const { name, value } of settings) {
    for (const kind of ['elasticache', 'memorydb'] as const) {
      const service = serviceSetting(kind, name, '7.2');
      if (service?.kind !== 'free' || service.value.type !== 'integer' || value.type !== 'integer') continue;
      expect([name, service.value.min >= value.min]).toEqual([name, true]);
    }
  }
});

describe.each(targetKinds)('capabilities of %s', (kind) => {
  const can = capabilities[kind];

  test('have a source for every cell', () => {
    const cells = Object.values(can).filter(
      (cell): cell is { source: string } => typeof cell === 'object' && 'source' in cell,
    );
    expect(cells.length).toBeGreaterThanOrEqual(9);
    const sources = [...cells, ...Object.values(can.engineVersions)].map(({ source }) => source);
    for (const source of [...sources, ...Object.values(can.sources)]) expect(source.length).toBeGreaterThan(8);
    const silent = Object.entries(can).filter(
      ([name, cell]) => !(name in can.sources) && name !== 'engineVersions' && !hasReason(cell),
    );
    expect(silent.map(([name]) => name)).toEqual(['sources']);
  });

  test('have a default version that the target runs', () => {
    expect(Object.keys(can.engineVersions)).toContain(can.defaultVersion.value);
  });

  test('have a default number of replicas within their range', () => {
    expect(can.replicas.default).toBeGreaterThanOrEqual(can.replicas.min);
    expect(can.replicas.default).toBeLessThanOrEqual(can.replicas.max);
  });
});
