import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as ts from 'typescript';
import { parse } from 'yaml';
import { registerCheck } from '../../cli/commands/check';
import { registerDemo } from '../../cli/commands/demo';
import { registerDown } from '../../cli/commands/down';
import { registerFailover } from '../../cli/commands/failover';
import { registerPlan } from '../../cli/commands/plan';
import { registerRender } from '../../cli/commands/render';
import { registerSchema } from '../../cli/commands/schema';
import { registerStatus } from '../../cli/commands/status';
import { registerUp } from '../../cli/commands/up';
import { loadConfig } from '../../cli/load';
import { check } from '../../constructs/tier';
import { scripts } from '../../package.json';

const root = resolve(__dirname, '../..');
const documents = ['README.md', 'CONTRIBUTING.md'];

interface Block {
  readonly document: string;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = documents.flatMap((document) =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
    ([, language = '', text = '']) => ({ document, language, text }),
  ),
);

const of = (...languages: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language));

test('every block has a language that is held to a test here', () => {
  expect(blocks.length).toBeGreaterThan(8);
  expect(blocks.filter(({ language }) => !['ts', 'yaml', 'sh'].includes(language))).toEqual([]);
});

test('every TypeScript block compiles', () => {
  const names = of('ts').map((_block, index) => join(root, 'examples', `block-${index}.ts`));
  const texts = new Map(of('ts').map(({ text }, index) => [names[index] ?? '', text]));
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(config.options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => texts.has(file) || fileExists.call(host, file);
  host.getSourceFile = (file, options) => {
    const text = texts.get(file);
    return text === undefined ? getSourceFile.call(host, file, options) : ts.createSourceFile(file, text, options);
  };
  const program = ts.createProgram(names, { ...config.options, noUnusedLocals: false }, host);
  const found = names.flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
}, 120_000);

test.each(of('yaml').map(({ document, text }) => [document, text]))(
  'every YAML block of %s is a config that is planned',
  (_document, text) => {
    expect(check(parse(text)).issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  },
);

test('the first block of the README is the first example', () => {
  const [first] = of('ts');
  expect(first?.text).toBe(readFileSync(join(root, 'examples/cache.ts'), 'utf8'));
});

const commands: readonly (readonly [line: string])[] = of('sh')
  .flatMap(({ text }) => text.split('\n'))
  .map((line) => line.replace(/ +#.*$/, '').trim())
  .filter((line) => line !== '')
  .flatMap((line) => line.split(' && '))
  .map((line) => [line]);

test.each(commands)('`%s` can be typed as it stands', async (line) => {
  const [program = '', ...args] = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  if (line.startsWith('npx cachetier ')) await acceptsArguments(args.slice(1));
  else if (line.startsWith('npx cdk '))
    expect(line).toMatch(/^npx cdk (synth|deploy) -c tier=examples\/[\w.-]+( -c target=[\w-]+)?$/);
  else if (program === 'npm' && args[0] === 'run') expect(Object.keys(scripts)).toContain(args[1]);
  else expect(line).toMatch(/^(npm (ci|start|test)|cd pulumi|pulumi (stack init|config set|up).*|bash \.ci\/run)$/);
  for (const [file] of line.matchAll(/examples\/[\w./-]+/g)) expect(() => loadConfig(join(root, file))).not.toThrow();
});

/** Parses with the real commands, their actions put aside. */
async function acceptsArguments(args: readonly string[]): Promise<void> {
  const cachetier = new Command('cachetier').exitOverride();
  for (const register of [
    registerCheck,
    registerPlan,
    registerRender,
    registerSchema,
    registerUp,
    registerStatus,
    registerFailover,
    registerDown,
    registerDemo,
  ])
    register(cachetier);
  let ran = 0;
  for (const command of cachetier.commands) command.exitOverride().action(() => void (ran += 1));
  await cachetier.parseAsync([...args], { from: 'user' });
  expect(ran).toBe(1);
}
