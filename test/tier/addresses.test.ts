import { addressAt, contains, isNetwork } from '../../constructs/tier/addresses';
import { majority } from '../../constructs/tier/planner/nodes';
import fc from 'fast-check';

test('an address is counted from the start of its network', () => {
  expect(addressAt('10.20.1.0/24', 11)).toBe('10.20.1.11');
  expect(addressAt('10.20.0.0/16', 256)).toBe('10.20.1.0');
});

test('a network contains its subnets and not its neighbours', () => {
  expect(contains('10.20.0.0/16', '10.20.1.0/24')).toBe(true);
  expect(contains('10.20.0.0/16', '10.21.1.0/24')).toBe(false);
  expect(contains('10.20.1.0/24', '10.20.0.0/16')).toBe(false);
});

test('host bits make an address out of a network', () => {
  expect(isNetwork('10.0.0.0/16')).toBe(true);
  expect(isNetwork('10.0.0.1/16')).toBe(false);
  expect(isNetwork('255.255.255.255/32')).toBe(true);
});

test('two halves of a split never both hold a majority', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), (voters) => {
      expect(2 * majority(voters)).toBeGreaterThan(voters);
    }),
  );
});
