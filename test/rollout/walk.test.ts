import fc from 'fast-check';
import {
  type Answer,
  type Nodes,
  type NodeState,
  parseAccess,
  rollOut,
  RolloutStopped,
} from '../../constructs/rollout';

/** A tier that behaves as the nodes do: a primary hands over before it restarts, and a node in a restart is away. */
class Tier implements Nodes {
  readonly letters: readonly string[];
  readonly touched: string[] = [];
  away = 0;
  mostAway = 0;

  constructor(
    readonly waiting: Set<string>,
    public primary: string,
    readonly broken: Set<string> = new Set(),
    readonly silent: Set<string> = new Set(),
    count = 3,
  ) {
    this.letters = 'abcde'.slice(0, count).split('');
  }

  async run(letter: string, command: string): Promise<Answer> {
    await Promise.resolve();
    if (this.silent.has(letter)) return { status: null, stdout: '', stderr: 'ssh: connect: timed out\n' };
    if (command.endsWith('pending --json'))
      return { status: 0, stdout: JSON.stringify(this.state(letter)), stderr: '' };
    this.touched.push(letter);
    this.mostAway = Math.max(this.mostAway, (this.away += 1));
    await Promise.resolve();
    this.away -= 1;
    if (this.primary === letter) this.primary = this.letters.find((other) => other !== letter) ?? letter;
    if (this.broken.has(letter)) return { status: 3, stdout: '', stderr: 'cachetier-node take: it does not start\n' };
    this.waiting.delete(letter);
    return { status: 0, stdout: 'done\n', stderr: '' };
  }

  private state(letter: string): NodeState {
    const [unsound] = this.silent;
    return {
      letter,
      role: this.primary === letter ? 'primary' : 'replica',
      healthy: unsound === undefined,
      why: unsound === undefined ? '' : `valkey of ${unsound} does not answer: no answer in time`,
      pending: this.waiting.has(letter) ? [{ what: 'setting', name: 'databases', running: '16', wanted: '32' }] : [],
    };
  }
}

const tiers = fc
  .record({
    count: fc.integer({ min: 1, max: 5 }),
    waiting: fc.subarray(['a', 'b', 'c', 'd', 'e']),
    broken: fc.subarray(['a', 'b', 'c', 'd', 'e'], { maxLength: 1 }),
    silent: fc.subarray(['a', 'b', 'c', 'd', 'e'], { maxLength: 2 }),
    primary: fc.nat(),
  })
  .map(({ count, waiting, broken, silent, primary }) => {
    const letters = 'abcde'.slice(0, count).split('');
    const among = (list: readonly string[]) => new Set(list.filter((letter) => letters.includes(letter)));
    return new Tier(among(waiting), letters[primary % count] ?? 'a', among(broken), among(silent), count);
  });

async function tried(tier: Tier): Promise<RolloutStopped | null> {
  try {
    await rollOut(tier);
    return null;
  } catch (error) {
    if (error instanceof RolloutStopped) return error;
    throw error;
  }
}

test('never are two nodes away at once, and nothing is touched while one does not answer', async () => {
  await fc.assert(
    fc.asyncProperty(tiers, async (tier) => {
      const stopped = await tried(tier);
      expect(tier.mostAway).toBeLessThanOrEqual(1);
      if (tier.silent.size > 0) {
        expect(tier.touched).toEqual([]);
        expect(stopped).not.toBeNull();
      }
    }),
    { numRuns: 500 },
  );
});

test('replicas come first in the order of their letters, and the primary last', async () => {
  await fc.assert(
    fc.asyncProperty(tiers, async (tier) => {
      fc.pre(tier.silent.size === 0 && tier.broken.size === 0);
      const [primary, waiting] = [tier.primary, [...tier.waiting]];
      const { taken } = await rollOut(tier);
      const replicas = waiting.filter((letter) => letter !== primary).sort();
      expect(taken).toEqual([...replicas, ...(waiting.includes(primary) ? [primary] : [])]);
      expect(tier.touched).toEqual(taken);
    }),
    { numRuns: 500 },
  );
});

test('after a stop it goes on where it was, and touches only what is left', async () => {
  await fc.assert(
    fc.asyncProperty(tiers, async (tier) => {
      fc.pre(tier.silent.size === 0);
      const broken = [...tier.broken].find((letter) => tier.waiting.has(letter));
      const waiting = [...tier.waiting];
      const stopped = await tried(tier);
      expect(stopped?.letter).toBe(broken);
      const before = tier.touched.length;
      tier.broken.clear();
      const again = await rollOut(tier);
      expect(new Set([...(stopped?.taken ?? tier.touched), ...again.taken])).toEqual(new Set(waiting));
      expect(tier.touched.slice(before)).toEqual(again.taken);
      expect((await rollOut(tier)).taken).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('a stop says where, why, what was done, and what to do', async () => {
  const stopped = await tried(new Tier(new Set(['a', 'b', 'c']), 'a', new Set(['c'])));
  expect(stopped?.message).toBe(
    'node c did not take its changes: cachetier-node take: it does not start; node b had taken theirs, and nothing else was changed. ' +
      'Mend it and run the rollout again: it goes on from there',
  );
  expect(stopped?.taken).toEqual(['b']);
});

test('a node that is away is named, and nothing was changed', async () => {
  const stopped = await tried(new Tier(new Set(['a']), 'a', new Set(), new Set(['b'])));
  expect(stopped?.letter).toBe('b');
  expect(stopped?.message).toContain('node b does not answer: ssh: connect: timed out; nothing was changed');
});

test('a dry run touches nothing and says what waits', async () => {
  const tier = new Tier(new Set(['b']), 'a');
  const { pending, taken } = await rollOut(tier, undefined, true);
  expect([tier.touched, taken]).toEqual([[], []]);
  expect(pending).toEqual({
    a: [],
    b: [{ what: 'setting', name: 'databases', running: '16', wanted: '32' }],
    c: [],
  });
});

describe('the description of the nodes', () => {
  const whole = {
    tier: 't',
    user: 'root',
    privateKey: 'k',
    nodes: [{ letter: 'a', host: '203.0.113.1', hostKey: 'ssh-ed25519 A' }],
  };

  test('is read as it is', () => expect(parseAccess(JSON.stringify(whole))).toEqual(whole));

  test.each([
    ['no JSON', 'nonsense', /not JSON/],
    ['no key', JSON.stringify({ ...whole, privateKey: undefined }), /^privateKey: missing/],
    ['no node', JSON.stringify({ ...whole, nodes: [] }), /^nodes: missing/],
    ['no host key', JSON.stringify({ ...whole, nodes: [{ letter: 'a', host: 'h' }] }), /^nodes\[0\]\.hostKey: missing/],
    [
      'an option for a host',
      JSON.stringify({ ...whole, nodes: [{ ...whole.nodes[0], host: '-oProxyCommand=x' }] }),
      /host: an address/,
    ],
    ['an option for a user', JSON.stringify({ ...whole, user: '-x' }), /^user: /],
  ])('with %s is refused, and shows no value', (_name, text, message) => {
    expect(() => parseAccess(text)).toThrow(message);
  });
});
