import * as fc from 'fast-check';
import { besideKeeper } from './beside-keeper';

/** The rules of the keeper, tried on views: what each node says, and what the keeper remembers. */
interface Server {
  role: 'primary' | 'replica';
  priority: number;
  follows: string | null;
  pulse: [number, number, string, string] | null;
  keys: boolean;
  run: string;
  link: boolean;
  syncing: boolean;
  loading: boolean;
  rewriting: boolean;
  writes: boolean;
  offset: number;
}
interface View {
  letter: string;
  majority: number;
  persistent: boolean;
  valkeys: Record<string, Server | null>;
  sentinels: Record<string, { named: string; epoch: number; down?: boolean } | null>;
  silent: Record<string, string>;
  words: { bootstrap: boolean; empty: boolean; alone: boolean; restoring?: boolean };
  waited: { answering: number; primary: number; link: number; led: number; ended: number };
  unsynced: boolean;
  lifted: boolean;
}
interface Decision {
  rule: string;
  act: string;
  whom: string | null;
  why: string;
}

const main =
  'import json, sys\nfrom rules import decide\nprint(json.dumps([decide(v) for v in json.load(sys.stdin)]))\n';

async function decisions(views: readonly View[]): Promise<readonly Decision[]> {
  return (await besideKeeper(main, views)) as readonly Decision[];
}

function server(some: Partial<Server> = {}): Server {
  return {
    role: 'replica',
    priority: 0,
    follows: null,
    pulse: [1, 100, 'a', 'run-a'],
    keys: true,
    run: 'own',
    link: false,
    syncing: false,
    loading: false,
    rewriting: false,
    writes: true,
    offset: 100,
    ...some,
  };
}

const primary = (some: Partial<Server> = {}): Server => server({ role: 'primary', priority: 100, ...some });
const replica = (some: Partial<Server> = {}): Server => server({ priority: 100, link: true, follows: 'a', ...some });
const blank = { pulse: null, keys: false } as const;

function view(some: Partial<View> = {}): View {
  const named = { named: 'a', epoch: 1 };
  return {
    letter: 'a',
    majority: 2,
    persistent: true,
    valkeys: { a: server(), b: server(), c: server() },
    sentinels: { a: named, b: named, c: named },
    silent: {},
    words: { bootstrap: false, empty: false, alone: false },
    waited: { answering: 0, primary: 0, link: 0, led: 60, ended: 0 },
    unsynced: false,
    lifted: false,
    ...some,
  };
}

/** As node b sees it: its primary has been gone for so long, and which Sentinels call it down. */
function withoutPrimary(seconds: number, down: { readonly b?: boolean; readonly c?: boolean } = {}): View {
  const says = (so = false): View['sentinels'][string] => ({ named: 'a', epoch: 1, down: so });
  return view({
    letter: 'b',
    waited: { answering: 60, primary: seconds, link: seconds, led: 0, ended: 0 },
    valkeys: { a: null, b: replica({ link: false }), c: replica({ link: false }) },
    sentinels: { a: null, b: says(down.b), c: says(down.c) },
  });
}

/** As node a sees it, which the Sentinels name: its own Valkey has ended. */
function ended(others: View['valkeys']): View {
  return view({ valkeys: { a: null, ...others }, silent: { 'valkey of a': 'nothing listens' } });
}

/** A node on which a restore is under way. */
function restoring(own: Server | null, others: Partial<View> = {}): View {
  const valkeys = { a: own, b: primary(), c: replica({ follows: 'b' }) };
  const words = { bootstrap: false, empty: false, alone: false, restoring: true };
  return view({ valkeys, words, ...others });
}

const cases: readonly (readonly [string, View, string])[] = [
  ['restored data does not follow the primary, and no Sentinel makes it', restoring(server()), 'R1 refuse -'],
  ['restored data that is still being read waits', restoring(server({ loading: true })), 'R1 nothing -'],
  ['a node that is stopped for a restore gives nothing away', restoring(null), 'R1 nothing -'],
  [
    'restored data does not lead because nobody does',
    restoring(server(), {
      valkeys: { a: server(), b: null, c: null },
      waited: { answering: 60, primary: 60, link: 0, led: 0, ended: 0 },
    }),
    'R1 refuse -',
  ],
  [
    'restored data that leads goes on, although another holds newer data',
    restoring(primary({ pulse: [1, 1, 'a', 'old'] }), {
      valkeys: { a: primary({ pulse: [1, 1, 'a', 'old'] }), b: server({ pulse: [9, 9, 'b', 'b'] }), c: replica() },
    }),
    'R2 pulse -',
  ],
  [
    'a node whose Valkey is silent does nothing',
    view({ valkeys: { a: null, b: server(), c: server() } }),
    'X1 nothing -',
  ],
  [
    'a node whose Valkey does not answer in time leaves it to Sentinel',
    view({ valkeys: { a: null, b: replica(), c: replica() }, silent: { 'valkey of a': 'no answer in time' } }),
    'X1 nothing -',
  ],
  [
    'a named node whose Valkey ended gives its role to a replica at once',
    ended({ b: replica({ link: false }), c: replica({ link: false }) }),
    'X1 failover b',
  ],
  [
    'a named node whose Valkey ended after a handover leaves the new primary its role',
    ended({ b: primary(), c: replica({ link: false }) }),
    'X1 nothing b',
  ],
  [
    'a named node whose Valkey ended waits for data that is under way',
    ended({ b: replica({ link: false }), c: replica() }),
    'X1 nothing b',
  ],
  [
    'a named node whose Valkey ended waits until Sentinel has seen which replica has most',
    ended({ b: replica({ link: false }), c: replica({ link: false, offset: 101 }) }),
    'X1 nothing b',
  ],
  [
    'a named node whose Valkey ended waits where nobody can take over',
    ended({ b: server(), c: server() }),
    'X1 nothing -',
  ],
  ['a primary writes its pulse', view({ valkeys: { a: primary(), b: replica(), c: replica() } }), 'P3 pulse -'],
  [
    'a primary that nobody confirmed steps back before newer data',
    view({ valkeys: { a: primary(), b: server({ pulse: [1, 101, 'a', 'x'] }), c: null } }),
    'P1 hold b',
  ],
  [
    'a primary that a replica confirmed stays',
    view({
      valkeys: {
        a: primary({ pulse: [2, 5, 'a', 'own'] }),
        b: server({ pulse: [3, 1, 'c', 'x'] }),
        c: replica({ pulse: [2, 4, 'a', 'own'] }),
      },
    }),
    'P3 pulse -',
  ],
  [
    'a primary that others have replaced follows the new one',
    view({
      valkeys: { a: primary(), b: primary({ pulse: [2, 1, 'b', 'x'] }), c: replica() },
      sentinels: { a: { named: 'a', epoch: 1 }, b: { named: 'b', epoch: 2 }, c: { named: 'b', epoch: 2 } },
    }),
    'P2 follow b',
  ],
  [
    'a primary that was just promoted stays, although the Sentinels do not name it yet',
    view({
      letter: 'b',
      valkeys: { a: primary(), b: primary({ run: 'own' }), c: replica() },
      waited: { answering: 0, primary: 0, link: 0, led: 1, ended: 0 },
    }),
    'P3 pulse -',
  ],
  [
    'a primary whose disk takes no write hands over',
    view({ valkeys: { a: primary({ writes: false }), b: replica(), c: replica() } }),
    'P4 handover b',
  ],
  [
    'the newest node of all asks again until it leads',
    view({ letter: 'b', lifted: true, valkeys: { a: server(), b: server({ priority: 100 }), c: server() } }),
    'E1 failover b',
  ],
  [
    'a replica cut off from a living primary may not be chosen',
    view({
      letter: 'b',
      waited: { answering: 0, primary: 0, link: 11, led: 0, ended: 0 },
      valkeys: { a: primary(), b: replica({ link: false }), c: null },
    }),
    'E2 hold -',
  ],
  [
    'a primary that was just demoted may not be chosen before it has synced',
    view({ letter: 'b', unsynced: true, valkeys: { a: primary(), b: replica({ link: false }), c: replica() } }),
    'E0 hold -',
  ],
  ['replicas that Sentinel forgot lead after half a minute, the newest first', withoutPrimary(31), 'E4 failover b'],
  ['an election that nobody won is not waited for', withoutPrimary(7, { b: true, c: true }), 'E4 failover b'],
  ['a primary that Sentinels still see is not replaced', withoutPrimary(7, { b: true, c: false }), 'E3 nothing -'],
  [
    'a replica leaves the choice to Sentinel',
    view({ letter: 'b', valkeys: { a: null, b: replica(), c: replica() } }),
    'E3 nothing -',
  ],
  [
    'a held node follows the named primary',
    view({ letter: 'b', valkeys: { a: primary(), b: server(), c: null } }),
    'H1 follow a',
  ],
  [
    'a held node never follows older data',
    view({ letter: 'b', valkeys: { a: primary(), b: server({ pulse: [2, 1, 'b', 'x'] }), c: null } }),
    'H1 refuse a',
  ],
  [
    'a synced node may be chosen',
    view({ letter: 'b', valkeys: { a: primary(), b: server({ follows: 'a', link: true }), c: null } }),
    'H1 lift a',
  ],
  [
    'a node that still rewrites its append-only file may not be chosen',
    view({ letter: 'b', valkeys: { a: primary(), b: server({ follows: 'a', link: true, rewriting: true }), c: null } }),
    'H1 nothing a',
  ],
  [
    'a primary that is not named is not followed',
    view({ letter: 'c', valkeys: { a: server(), b: primary(), c: server() } }),
    'H2 nothing b',
  ],
  [
    'a named node that crashed gives its role to a replica',
    view({
      valkeys: { a: server(), b: replica({ link: false, pulse: [1, 99, 'a', 'x'] }), c: replica({ link: false }) },
    }),
    'H3 failover c',
  ],
  [
    'a named node that crashed does so while it still reads its data',
    view({
      valkeys: {
        a: server({ loading: true, pulse: null }),
        b: replica({ link: false }),
        c: replica({ link: false }),
      },
    }),
    'H3 failover b',
  ],
  ['one of three waits', view({ valkeys: { a: server(), b: null, c: null } }), 'H4 nothing -'],
  [
    'one of three leads by the word of an operator',
    view({ valkeys: { a: server(), b: null, c: null }, words: { bootstrap: false, empty: false, alone: true } }),
    'H4 lead -',
  ],
  [
    'nobody is chosen while a node reads its data',
    view({ valkeys: { a: server(), b: server({ loading: true }), c: server() } }),
    'H5 nothing b',
  ],
  ['two of three wait for the third', view({ valkeys: { a: server(), b: server(), c: null } }), 'H6 nothing -'],
  [
    'two of three go on without the third after a while',
    view({
      valkeys: { a: server(), b: server(), c: null },
      waited: { answering: 31, primary: 31, link: 31, led: 0, ended: 0 },
    }),
    'H8 lead -',
  ],
  [
    'an empty tier waits for a word',
    view({ valkeys: { a: server(blank), b: server(blank), c: server(blank) } }),
    'H7 nothing -',
  ],
  [
    'an empty tier begins by the word of the deploy step',
    view({
      valkeys: { a: server(blank), b: server(blank), c: server(blank) },
      words: { bootstrap: true, empty: false, alone: false },
    }),
    'H7 lead -',
  ],
  [
    'the word of the deploy step is not enough while a node is away',
    view({
      valkeys: { a: server(blank), b: server(blank), c: null },
      words: { bootstrap: true, empty: false, alone: false },
      waited: { answering: 31, primary: 31, link: 31, led: 0, ended: 0 },
    }),
    'H7 nothing -',
  ],
  [
    'an empty tier that keeps nothing begins by itself',
    view({ persistent: false, valkeys: { a: server(blank), b: server(blank), c: server(blank) } }),
    'H7 lead -',
  ],
  [
    'the newest node leads, although another is named',
    view({ letter: 'b', valkeys: { a: server(), b: server({ pulse: [2, 1, 'b', 'x'] }), c: server() } }),
    'H8 lift -',
  ],
  ['an older node waits', view({ letter: 'c', valkeys: { a: server(), b: server(), c: server() } }), 'H9 nothing a'],
  [
    'an empty node waits although it is named',
    view({ valkeys: { a: server(blank), b: server(), c: server() } }),
    'H9 nothing b',
  ],
];

test.each(cases)('%s', async (_name, one, expected) => {
  const [decision] = await decisions([one]);
  expect(`${decision?.rule} ${decision?.act} ${decision?.whom ?? '-'}`).toBe(expected);
});

test('in no view does an older node take the role from a newer one that answers', async () => {
  const pulse = fc.option(fc.tuple(fc.nat(3), fc.nat(4), fc.constant('a'), fc.constantFrom('own', 'x')), { nil: null });
  const some = fc.record({
    role: fc.constantFrom('replica' as const, 'replica' as const, 'primary' as const),
    priority: fc.constantFrom(0, 0, 100),
    follows: fc.constantFrom(null, 'a', 'b', 'c'),
    pulse,
    keys: fc.boolean(),
    run: fc.constantFrom('own', 'other'),
    link: fc.boolean(),
    syncing: fc.boolean(),
    loading: fc.boolean(),
    rewriting: fc.boolean(),
    writes: fc.boolean(),
    offset: fc.constantFrom(100, 101),
  });
  const maybe = fc.option(some, { nil: null });
  const said = fc.option(fc.record({ named: fc.constantFrom('a', 'b', 'c'), epoch: fc.nat(3) }), { nil: null });
  const seconds = fc.constantFrom(0, 11, 31);
  const views = fc.record({
    letter: fc.constantFrom('a', 'b', 'c'),
    majority: fc.constant(2),
    persistent: fc.boolean(),
    valkeys: fc.record({ a: maybe, b: maybe, c: maybe }),
    sentinels: fc.record({ a: said, b: said, c: said }),
    silent: fc.constant({}),
    words: fc.record({ bootstrap: fc.boolean(), empty: fc.boolean(), alone: fc.constant(false) }),
    waited: fc.record({ answering: seconds, primary: seconds, link: seconds, led: seconds, ended: seconds }),
    unsynced: fc.boolean(),
    lifted: fc.constant(false),
  }) as fc.Arbitrary<View>;
  const sample = fc.sample(views, { numRuns: 40_000, seed: 20_261_120 });
  const decided = await decisions(sample);
  const age = (one: Server | null | undefined): number =>
    one?.pulse ? one.pulse[0] * 100 + one.pulse[1] : one?.keys ? -1 : -2;
  let acts = 0;
  sample.forEach((one, index) => {
    const { act, rule, whom } = decided[index] ?? { act: '', rule: '', whom: null };
    const own = one.valkeys[one.letter];
    const others = Object.entries(one.valkeys).filter(([letter, peer]) => letter !== one.letter && peer);
    if (act === 'lead' || (act === 'lift' && rule !== 'H1')) {
      acts += 1;
      expect([rule, others.filter(([, peer]) => age(peer) > age(own))]).toEqual([rule, []]);
      expect([rule, others.filter(([, peer]) => peer?.role === 'primary' || peer?.loading)]).toEqual([rule, []]);
      expect(others.length).toBeGreaterThanOrEqual(1);
    }
    if (act === 'follow' && rule === 'H1') {
      acts += 1;
      if (own?.pulse && own.pulse[3] !== one.valkeys[whom ?? '']?.run)
        expect(age(one.valkeys[whom ?? ''])).toBeGreaterThanOrEqual(age(own));
    }
  });
  expect(acts).toBeGreaterThan(500);
}, 60_000);
