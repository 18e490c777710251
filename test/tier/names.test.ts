import fc from 'fast-check';
import { uniqueName } from '../../constructs/tier/names';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,30}$/);

describe('a physical name', () => {
  test('stays within the limit of the service and keeps to letters, digits and single hyphens', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 5 }),
        fc.string(),
        fc.integer({ min: 20, max: 100 }),
        (words, identity, limit) => {
          const name = uniqueName(words, identity, limit);
          expect(name.length).toBeLessThanOrEqual(limit);
          expect(name).toMatch(/^[a-z]([a-z0-9]|-(?!-))*[a-z0-9]$/);
        },
      ),
    );
  });

  test('differs between two tiers of the same name', () => {
    expect(uniqueName(['orders', 'app'], 'dev/orders')).not.toBe(uniqueName(['orders', 'app'], 'prod/orders'));
  });

  test('differs for words that are cut to the same beginning', () => {
    const long = 'a'.repeat(60);
    expect(uniqueName([`${long}b`], 'x')).not.toBe(uniqueName([`${long}c`], 'x'));
  });
});
