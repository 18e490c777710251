import { check } from '../../constructs/tier';
import { validate } from '../../constructs/tier/validate';
import { pathExists } from './schema-paths';

const good = { name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'memorydb' } };

const wrong: readonly (readonly [what: string, input: unknown, code: string, path: string, message: RegExp])[] = [
  ['nothing', undefined, 'WrongType', '$', /got nothing/],
  ['null', null, 'WrongType', '$', /got nothing/],
  ['a list', [], 'WrongType', '$', /got a list/],
  ['text', 'name: x', 'WrongType', '$', /got a string/],
  ['an empty object', {}, 'Missing', '$', /"name" is missing/],
  ['an unknown field of the config', { ...good, durabilty: 'none' }, 'UnknownKey', '$', /did you mean "durability"/],
  [
    'an unknown field of a part',
    { ...good, availability: { replica: 1 } },
    'UnknownKey',
    'availability',
    /did you mean "replicas"/,
  ],
  [
    'an unknown field in a list',
    { ...good, access: { users: [{ name: 'a', key: 'x' }] } },
    'UnknownKey',
    'access.users[0]',
    /did you mean "keys"/,
  ],
  ['a number for a version', { ...good, engine: { version: 7.3 } }, 'WrongType', 'engine.version', /quote it: "7.3"/],
  ['a number for a size', { ...good, dataset: 8 }, 'WrongType', 'dataset', /needs text/],
  [
    'text for a number',
    { ...good, availability: { replicas: '2' } },
    'WrongType',
    'availability.replicas',
    /needs a whole number/,
  ],
  ['a size in another unit', { ...good, dataset: '8GB' }, 'Malformed', 'dataset', /such as `"8GiB"`/],
  ['a workload that is none', { ...good, workload: 'cahce' }, 'NotAllowed', 'workload', /did you mean "cache"/],
  [
    'one workload of several that is none',
    { ...good, workload: ['cache', 'queue'] },
    'NotAllowed',
    'workload[1]',
    /needs one of cache/,
  ],
  ['a workload of another type', { ...good, workload: 7 }, 'NotAllowed', 'workload', /got 7; needs one of cache/],
  [
    'a target that is none',
    { ...good, target: { kind: 'elasticcache' } },
    'NotAllowed',
    'target.kind',
    /did you mean "elasticache"/,
  ],
  [
    'a target without a kind',
    { ...good, target: {} },
    'Missing',
    'target',
    /"kind" is missing: needs one of elasticache,/,
  ],
  ['a target as text', { ...good, target: 'memorydb' }, 'WrongType', 'target', /needs an object/],
  [
    'a field of another target',
    { ...good, target: { kind: 'memorydb', location: 'fsn1' } },
    'UnknownKey',
    'target',
    /unknown field "location"/,
  ],
  [
    'a provider that is none',
    { ...good, backup: { to: [{ provider: 'gcs', bucket: 'backups' }] } },
    'NotAllowed',
    'backup.to[0].provider',
    /needs one of r2, b2, s3/,
  ],
  [
    'a bucket without a name',
    { ...good, backup: { to: [{ provider: 'b2' }] } },
    'Missing',
    'backup.to[0]',
    /"bucket" is missing/,
  ],
  ['a value out of range', { ...good, availability: { replicas: 6 } }, 'OutOfRange', 'availability.replicas', /<= 5/],
  ['a list that is empty', { ...good, access: { users: [] } }, 'OutOfRange', 'access.users', /fewer than 1/],
  ['a name that a service would refuse', { ...good, name: 'orders--eu' }, 'Malformed', 'name', /single hyphens/],
  ['a window without an end', { ...good, backup: { window: '03:00' } }, 'Malformed', 'backup.window', /HH:MM-HH:MM/],
  [
    'an address without a mask',
    { ...good, access: { clients: ['10.0.0.1'] } },
    'Malformed',
    'access.clients[0]',
    /CIDR/,
  ],
  [
    'a CDK token in text',
    { ...good, target: { kind: 'memorydb', vpcId: '${Token[Vpc.12]}' } },
    'TokenInConfig',
    'target.vpcId',
    /vpc, securityGroups/,
  ],
  [
    'an instance of a class',
    { ...good, dataset: new (class Output {})() },
    'TokenInConfig',
    'dataset',
    /class Output; a config holds plain values only/,
  ],
  ['a function', { ...good, dataset: () => '8GiB' }, 'WrongType', 'dataset', /got a function/],
  [
    'a number that is none',
    { ...good, availability: { replicas: Number.NaN } },
    'WrongType',
    'availability.replicas',
    /finite/,
  ],
  ['a key of the prototype', JSON.parse('{"__proto__": {"a": 1}}') as unknown, 'UnknownKey', '$', /__proto__/],
];

describe('refuses', () => {
  test.each(wrong)('%s', (_what, input, code, path, message) => {
    const { issues, plan } = check(input);
    expect(plan).toBeNull();
    const found = issues.filter((issue) => issue.code === code && issue.path === path);
    expect(found.map((issue) => issue.message).join('\n')).toMatch(message);
    for (const issue of issues) expect([issue.path, pathExists(issue.path)]).toEqual([issue.path, true]);
  });

  test('an object that contains itself', () => {
    const loop: Record<string, unknown> = { ...good };
    loop['access'] = { users: [loop] };
    expect(check(loop).plan).toBeNull();
  });

  test('a proxy that throws whatever is asked of it', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expect(check(revoked.proxy).issues).toMatchObject([{ path: '$' }]);
    expect(check({ ...good, engine: revoked.proxy }).issues).toMatchObject([{ code: 'WrongType', path: 'engine' }]);
  });

  test('a value that another program will replace, in every form', () => {
    const output = 'Calling [toString] on an [Output<T>] is not supported.';
    const tokens = { ...good, name: output, availability: { replicas: -1.8881545897087626e289 } };
    const { issues } = check({ ...tokens, access: { clients: ['#{Token[TOKEN.6]}'] } });
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'TokenInConfig name',
      'TokenInConfig availability.replicas',
      'TokenInConfig access.clients[0]',
    ]);
  });

  test('a missing kind beside a token', () => {
    const { issues } = check({ ...good, target: { vpcId: '${Token[Vpc.12]}' } });
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(['TokenInConfig target.vpcId', 'Missing target']);
  });

  test('thousands of problems within seconds', () => {
    const started = Date.now();
    check(Object.fromEntries(Array.from({ length: 19_000 }, (_, i) => [`key${i}`, 1])));
    check({ ...good, access: { clients: Array.from({ length: 19_000 }, () => 5) } });
    check({ ...good, access: { clients: Array.from({ length: 19_000 }, () => () => 1) } });
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test.each([
    ['engine.version', { engine: { version: 9.0 } }, /quote it: "9.0"/],
    ['dataset', { dataset: 8 }, /needs text: An amount of memory/],
    ['target.account', { target: { kind: 'memorydb', account: 12345678901 } }, /12 digits in quotes/],
  ])('a number for text at %s, advising only what would be accepted', (path, part, message) => {
    expect(check({ ...good, ...part }).issues).toMatchObject([
      { path, message: expect.stringMatching(message) as string },
    ]);
  });

  test('an object whose fields throw when read', () => {
    const trap = {
      ...good,
      get dataset(): string {
        throw new Error('no such secret');
      },
    };
    expect(
      check(trap)
        .issues.map(({ message }) => message)
        .join(),
    ).toContain('no such secret');
  });

  test('a huge config at once, in one finding', () => {
    const { issues, plan } = check({
      ...good,
      tags: Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`t${i}`, 'x'])),
    });
    expect(plan).toBeNull();
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ code: 'TooLarge', path: '$' });
  });

  test('a config with hundreds of problems, saying how many more there are', () => {
    const { issues } = check({
      ...good,
      access: {
        clients: Array.from({ length: 50 }, () => 1),
        admin: Array.from({ length: 50 }, () => 2),
        users: Array.from({ length: 50 }, () => 3),
      },
    });
    expect(issues.some(({ message }) => /^and \d+ more/.test(message))).toBe(true);
    expect(issues.length).toBeLessThan(130);
  });
});

test('a choice is reported by its chosen branch alone', () => {
  const { issues } = validate({ ...good, target: { kind: 'hetzner', nodeType: 'cache.t4g.small' } });
  expect(issues).toHaveLength(1);
});

test('what did not parse is left out, and the rest is kept', () => {
  const { parts, invalid } = validate({
    ...good,
    availability: { replicas: 'two', zones: 'single' },
    accept: [{ gap: 'nothing', because: 'x' }],
  });
  expect(parts.availability).toEqual({ zones: 'single' });
  expect(parts).not.toHaveProperty('accept');
  expect([...invalid].sort()).toEqual(['accept', 'availability.replicas']);
});

test('an input is never changed', () => {
  const input = { ...good, availability: { replicas: 'two' } };
  const before = JSON.stringify(input);
  validate(input);
  expect(JSON.stringify(input)).toBe(before);
});
