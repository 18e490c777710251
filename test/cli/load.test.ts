import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFileError, loadConfig } from '../../cli/load';
import { check } from '../../constructs/tier';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cachetier-load-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const config = {
  name: 'orders',
  workload: 'cache',
  dataset: '2GiB',
  engine: { version: '7.3' },
  target: { kind: 'memorydb' },
};

test('TypeScript, YAML and JSON of one config load the same', () => {
  const yaml = 'name: orders\nworkload: cache\ndataset: 2GiB\nengine: { version: "7.3" }\ntarget: { kind: memorydb }\n';
  const source = `import { defineCacheTier } from 'cachetier';\nexport default defineCacheTier(${JSON.stringify(config)});\n`;
  expect(loadConfig(file('a.yaml', yaml))).toEqual(config);
  expect(loadConfig(file('a.json', JSON.stringify(config)))).toEqual(config);
  expect(loadConfig(file('a.ts', source))).toEqual(config);
  expect(loadConfig(file('a.js', `module.exports = ${JSON.stringify(config)};`))).toEqual(config);
  expect(loadConfig(file('a.mjs', `export default ${JSON.stringify(config)};`))).toEqual(config);
});

test('a YAML version without quotes is refused with the advice to quote it', () => {
  const loaded = loadConfig(
    file('v.yaml', 'name: a\nworkload: cache\ndataset: 1GiB\nengine: { version: 7.3 }\ntarget: { kind: memorydb }\n'),
  );
  expect(check(loaded).issues).toMatchObject([
    { path: 'engine.version', message: expect.stringContaining('quote it: "7.3"') as string },
  ]);
});

test('a key twice is named with its line', () => {
  expect(() => loadConfig(file('line.yaml', 'name: a\ntarget:\n  kind: local\n  kind: hetzner\n'))).toThrow(
    /keys must be unique, got "kind" twice at line 4, column 3/,
  );
});

test('merge keys, quoted dates and byte order marks mean what they mean elsewhere', () => {
  const merged =
    'target: { kind: memorydb }\ntargets:\n  local: &l { port: 7000 }\n  hetzner: { <<: *l, location: fsn1 }\n';
  expect(loadConfig(file('merge.yaml', merged))).toMatchObject({
    targets: { hetzner: { port: 7000, location: 'fsn1' } },
  });
  expect(loadConfig(file('date.yaml', 'name: 2026-01-01\n'))).toEqual({ name: '2026-01-01' });
  expect(loadConfig(file('bom.json', '\uFEFF{"name":"a"}'))).toEqual({ name: 'a' });
});

test('a config may import the doors of the package', () => {
  const source = "import { CacheTier } from 'cachetier/aws';\nexport default { name: typeof CacheTier };\n";
  expect(loadConfig(file('door.ts', source))).toEqual({ name: 'function' });
});

test('of a program that throws, its own file and line are named', () => {
  const source =
    "\n\nfunction region(): string {\n  throw new Error('no such region');\n}\nexport default { name: region() };\n";
  expect(() => loadConfig(file('place.ts', source))).toThrow(/throws: no such region \(place\.ts:4\)$/);
});

test('a file that is deep or long is refused at once', () => {
  const started = Date.now();
  const texts = [
    '['.repeat(100_000),
    '- '.repeat(300_000),
    Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n'),
  ];
  for (const text of texts) {
    expect(() => loadConfig(file('large.yaml', text))).toThrow(/more than 64 levels|more values than a config/);
  }
  expect(Date.now() - started).toBeLessThan(20_000);
});

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map(
    (letter, index) =>
      `${letter}: &${letter} [${Array(9)
        .fill(`*${'abcdefghi'[index] ?? ''}`)
        .join(',')}]`,
  ),
].join('\n');

test('JSON keys of one name in different objects are two keys', () => {
  const text = '{"a": {"x": ":"}, "b": [{"x": 1}, {"x": "{\\"x\\": 2}"}], "x": 3}';
  expect(loadConfig(file('keys.json', text))).toEqual(JSON.parse(text));
});

test('a file in another encoding is refused', () => {
  const path = file('latin1.yaml', '');
  writeFileSync(path, Buffer.from('name: caf\u00e9\n', 'latin1'));
  expect(() => loadConfig(path)).toThrow(/is not UTF-8/);
});

const bad: readonly (readonly [what: string, name: string, content: string, message: RegExp])[] = [
  ['an empty file', 'empty.yaml', '', /is empty/],
  ['a huge file', 'huge.json', ' '.repeat(2 * 1024 * 1024), /at most 1048576/],
  ['a YAML bomb of aliases', 'bomb.yaml', bomb, /not valid YAML/],
  ['a YAML file with a key twice', 'twice.yaml', 'name: a\nname: b\n', /unique/],
  ['YAML that does not parse', 'broken.yaml', 'name: [a\n', /not valid YAML/],
  ['JSON that does not parse', 'broken.json', '{"name": }', /not valid JSON/],
  ['a JSON file with a key twice', 'twice.json', '{"a": {"name": 1, "na\\u006de": 2}}', /unique, got "na/],
  ['a program that throws', 'throws.ts', "throw new Error('no such region');", /throws: no such region/],
  ['a tag that YAML does not know', 'tag.yaml', 'name: !secret x\n', /Unresolved tag/],
  ['two documents', 'two.yaml', 'name: a\n---\nname: b\n', /one document/],
  ['a program that throws what cannot be read', 'trap.ts', 'throw new Proxy({}, { has() { throw 1; } });', /throws: /],
  ['a program that does not parse', 'syntax.ts', 'export default {', /throws: /],
  ['a program without a default export', 'none.ts', 'export const config = {};', /no default export/],
  ['a program that exports a function', 'function.ts', 'export default () => ({});', /exports a function/],
  ['a program that exports a promise', 'promise.ts', 'export default Promise.resolve({});', /promise/],
  ['another kind of file', 'config.toml', 'name = "a"', /\.yaml/],
];

test.each(bad)('refuses %s, without a stack', (_what, name, content, message) => {
  let thrown: unknown;
  try {
    loadConfig(file(name, content));
  } catch (cause) {
    thrown = cause;
  }
  expect(thrown).toBeInstanceOf(ConfigFileError);
  expect(thrown).toMatchObject({ exitCode: 1, message: expect.stringMatching(message) as string });
  expect((thrown as Error).message).not.toContain('    at ');
});

test('a missing file and a folder are wrong use', () => {
  mkdirSync(join(folder, 'dir.yaml'));
  for (const path of [join(folder, 'nowhere.yaml'), join(folder, 'dir.yaml')]) {
    expect(() => loadConfig(path)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  }
});
