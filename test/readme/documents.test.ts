import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../cli/load';
import { createProgram } from '../../cli/program';
import { check, type TargetKind, targetKinds } from '../../constructs/tier';
import { scripts } from '../../package.json';
import { typeErrors } from '../support/type-errors';
import { type Block, blocksOf, brokenLinksOf, commandsOf, namedIn, textOf, wordsOf } from './markdown';
import { refusedByNode } from './node-command';

const root = resolve(__dirname, '../..');
const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));
const blocks = documents.flatMap(blocksOf);
const loaded = new Map<string, unknown>();
/** A config file, from the root; a TypeScript one takes its time to load, so it is loaded once. */
const load = (file: string): unknown => {
  if (!loaded.has(file)) loaded.set(file, loadConfig(join(root, file)));
  return loaded.get(file);
};
const of = (...languages: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language));

test('every block has a language that is held to a test here', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/config.md']));
  expect(blocks.length).toBeGreaterThan(8);
  expect(blocks.filter(({ language }) => !['ts', 'yaml', 'json', 'sh'].includes(language))).toEqual([]);
});

test('every TypeScript block compiles', () => {
  const texts = of('ts').map(({ document, line, text }) => [`${document}.${line}.ts`, text] as const);
  expect(typeErrors(Object.fromEntries(texts))).toEqual([]);
}, 120_000);

test('a block that does not compile is found', () => {
  const text = `import { defineCacheTier } from 'cachetier';\nexport default defineCacheTier({ name: 1 });\n`;
  expect(typeErrors({ 'README.md.1.ts': text })).toEqual([expect.stringContaining('README.md.1.ts(2): ')]);
}, 120_000);

test.each(of('yaml', 'json').map(({ document, line, text }) => [document, line, text] as const))(
  'the config in %s, line %i, is planned',
  (_document, _line, text) => {
    expect(check(parse(text)).issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  },
);

test('the first block of the README is the first example', () => {
  expect(of('ts')[0]?.text).toBe(textOf('examples/cache.ts'));
});

const commands = of('sh').flatMap(({ document, line, ...block }) =>
  commandsOf({ document, line, ...block }).map((command) => [command, document, line] as const),
);

test.each(commands)('`%s` can be typed as it stands (%s, line %i)', async (command) => {
  const [program = '', ...args] = wordsOf(command);
  if (program === 'npx' && args[0] === 'cachetier') await acceptsArguments(args.slice(1));
  else if (program === 'npx' && args[0] === 'cdk') synthesizes(args.slice(1));
  else if (program === 'npm' && args[0] === 'run') expect(Object.keys(scripts)).toContain(args[1]);
  else
    expect(command).toMatch(
      /^(npm (ci|start|test)|cd pulumi|pulumi (stack init \w+|up|refresh)|bash \.ci\/run)$|^pulumi config|^pulumi stack output (rollout|backupKey) |^cachetier-(node|backup) |^(systemctl|journalctl|df|du|sort|openssl|aws) /,
    );
  if (command.startsWith('pulumi config')) isConfigured(command);
  for (const [file] of command.matchAll(/examples\/[\w./-]+/g)) expect(check(load(file)).plan).not.toBeNull();
});

test('every command of a node that a document names is one that a node takes', async () => {
  const programs = ['cachetier-node', 'cachetier-backup'];
  const named = documents.flatMap((document) => programs.flatMap((program) => namedIn(document, program)));
  const typed = commands.flatMap(([command]) => (/^cachetier-(node|backup) /.test(command) ? [command] : []));
  expect(Math.min(named.length, typed.length)).toBeGreaterThan(3);
  expect(await refusedByNode([...named, ...typed])).toEqual([]);
  expect(await refusedByNode(['cachetier-node forget'])).toEqual(['cachetier-node forget']);
});

test.each(documents)('every link in %s leads somewhere', (document) => {
  expect(brokenLinksOf(document)).toEqual([]);
});

test.each(targetKinds)('the README says of %s what it costs, as the plan does', (kind) => {
  const { plan } = check(load('examples/cache.ts'), { kind });
  const row = textOf('README.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${kind}\``));
  const price = row?.split('|').at(-2)?.trim() ?? '';
  const { monthly, items } = plan?.price ?? { monthly: undefined, items: [] };
  const known = items.flatMap((item) => (item.monthly === null ? [] : [item.monthly]));
  if (monthly === 0) expect(price).toBe('nothing');
  else if (monthly === null && known.length === 0) expect(price).toMatch(/^not known: /);
  else for (const amount of monthly === null ? known : [monthly]) expect(price).toContain(amount?.toFixed(2));
});

/** Parses with the real command, its action put aside. */
async function acceptsArguments(args: readonly string[]): Promise<void> {
  const program = createProgram();
  let ran = 0;
  for (const command of program.commands) command.action(() => void (ran += 1));
  await program.parseAsync([...args], { from: 'user' });
  expect(ran).toBe(1);
}

/** `synth` or `deploy`, each context one that the app knows, of a config that its target accepts. */
function synthesizes([verb, ...rest]: readonly string[]): void {
  expect(['synth', 'deploy']).toContain(verb);
  const words = rest.filter((word) => word !== '-c').map((word) => word.split('=') as [string, string]);
  const { tier = '', target, ...unknown } = Object.fromEntries(words);
  expect(unknown).toEqual({});
  const { plan } = check(load(tier), target === undefined ? {} : { kind: target as TargetKind });
  expect(['elasticache', 'elasticache-serverless', 'memorydb']).toContain(plan?.kind);
}

/** The settings that the Pulumi program reads, and buckets that the config before them has. */
function isConfigured(command: string): void {
  const words = wordsOf(command).filter((word) => !word.startsWith('--'));
  expect(words[2]).toBe('set');
  const [, key = ''] = /^cachetier:(tier|target|bucketKeys)/.exec(words[3] ?? '') ?? [];
  if (key === 'tier') expect(check(load(join('pulumi', words[4] ?? ''))).plan?.kind).toBe('hetzner');
  else {
    const [, id = ''] =
      /^cachetier:bucketKeys\["([^"]+)"\]\.(?:accessKeyId|secretAccessKey)$/.exec(words[3] ?? '') ?? [];
    const tier = commands
      .map(([one]) => /cachetier:tier \.\.\/(\S+)/.exec(one)?.[1])
      .find((file) => file !== undefined);
    const { plan } = check(load(tier ?? ''));
    expect(plan?.backup.destinations.map((to) => to.id)).toContain(id);
  }
}
