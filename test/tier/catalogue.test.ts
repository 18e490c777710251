import { capabilities, targetKinds } from '../../constructs/tier';
import { locations } from '../../constructs/tier/catalogue/locations';
import { nodeTypes } from '../../constructs/tier/catalogue/node-types';
import { nodePrice, serverPrice } from '../../constructs/tier/catalogue/prices';
import { serverTypes } from '../../constructs/tier/catalogue/server-types';
import { ownSettings, settings } from '../../constructs/tier/catalogue/settings';

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
    for (const names of [nodeTypes, serverTypes, settings].map((rows) => rows.map(({ name }) => name))) {
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

test('a server type that is sold is sold somewhere we know, and a retired one nowhere', () => {
  for (const { retired, locations: sold } of serverTypes) {
    expect(sold.length > 0).toBe(retired === null);
    for (const location of sold) expect(locations).toContain(location);
  }
});

test('no setting is both for the config to set and our own', () => {
  expect(settings.filter(({ name }) => name in ownSettings)).toEqual([]);
});

describe.each(targetKinds)('capabilities of %s', (kind) => {
  const can = capabilities[kind];

  test('have a source for every cell', () => {
    const cells = Object.values(can).filter(
      (cell): cell is { source: string } => typeof cell === 'object' && 'source' in cell,
    );
    expect(cells.length).toBeGreaterThanOrEqual(9);
    for (const cell of [...cells, ...Object.values(can.engineVersions)]) expect(cell.source.length).toBeGreaterThan(8);
  });

  test('have a default version that the target runs', () => {
    expect(Object.keys(can.engineVersions)).toContain(can.defaultVersion.value);
  });

  test('have a default number of replicas within their range', () => {
    expect(can.replicas.default).toBeGreaterThanOrEqual(can.replicas.min);
    expect(can.replicas.default).toBeLessThanOrEqual(can.replicas.max);
  });
});
