import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import type { CST, Document, LineCounter } from 'yaml';
import { type Issue } from '../constructs/tier/issue';

/** A config is written by people; a larger file is another kind of file. */
const LARGEST_FILE = 1024 * 1024;

/** A YAML file that names one anchor more often than this is a bomb, not a config. */
const MOST_ALIASES = 100;

/** Deeper YAML overflows the composer's stack, and V8 then ends the process where the overflow meets a regular expression. */
const MOST_LEVELS = 64;

/** The YAML composer is slow; a config of this many words is none. */
const MOST_WORDS = 150_000;

/** A config file that cannot be read or does not parse. */
export class ConfigFileError extends Error {
  /**
   * @param file - the file as it was named
   * @param exitCode - 2 where there is no such file, 1 where it does not parse
   * @param message - what is wrong, lower case, no full stop
   */
  constructor(
    readonly file: string,
    readonly exitCode: 1 | 2,
    message: string,
  ) {
    super(`${file}: ${message}`);
    this.name = 'ConfigFileError';
  }

  /** The same as a finding about the config as a whole. */
  get issue(): Issue {
    return {
      code: this.exitCode === 2 ? 'NoSuchFile' : 'DoesNotParse',
      path: '$',
      severity: 'error',
      message: this.message,
    };
  }
}

/**
 * Reads a config from TypeScript, JavaScript, YAML or JSON. What it gives back is not validated yet.
 *
 * @param file - path of the file, from the working directory
 * @throws ConfigFileError
 */
export function loadConfig(file: string): unknown {
  const path = resolve(file);
  const text = readText(file, path);
  switch (extname(path).toLowerCase()) {
    case '.yaml':
    case '.yml':
      return parseYaml(file, text);
    case '.json':
      return parseJson(file, text);
    case '.ts':
    case '.mts':
    case '.cts':
    case '.js':
    case '.mjs':
    case '.cjs':
      return runModule(file, path);
    default:
      throw new ConfigFileError(file, 1, 'a config is a .ts, .js, .yaml, .yml or .json file');
  }
}

function readText(file: string, path: string): string {
  let size: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new ConfigFileError(file, 2, 'is a folder; name the config file in it');
    if (!stat.isFile()) throw new ConfigFileError(file, 2, 'is not a regular file');
    size = stat.size;
  } catch (cause) {
    if (cause instanceof ConfigFileError) throw cause;
    throw new ConfigFileError(file, 2, 'there is no such file');
  }
  if (size === 0) throw new ConfigFileError(file, 1, 'the file is empty');
  if (size > LARGEST_FILE) {
    throw new ConfigFileError(file, 1, `the file has ${size} bytes, and a config has at most ${LARGEST_FILE}`);
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ConfigFileError(file, 2, `cannot be read: ${messageOf(cause)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigFileError(file, 1, 'is not UTF-8; save it in that encoding');
  }
}

function parseYaml(file: string, text: string): unknown {
  // Loaded here so that a TypeScript or JSON config does not pay for it.
  const yaml = require('yaml') as typeof import('yaml');
  try {
    const lines = new yaml.LineCounter();
    const options = {
      version: '1.2',
      schema: 'core',
      merge: true,
      resolveKnownTags: false,
      logLevel: 'error',
    } as const;
    // Its own check of keys compares each with each other: 60,000 keys take a minute.
    const composer = new yaml.Composer({ ...options, uniqueKeys: false });
    const documents = [...composer.compose(yamlTokens(yaml, text, lines), true, text.length)];
    const [document, second] = documents;
    if (!document || second) throw new Error('a config file holds one document, this one holds more');
    // An unknown tag is only a warning to the parser, and would be dropped in silence.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem) throw new Error(`${problem.message}${at(lines, problem.pos[0])}`);
    refuseTwins(yaml, document, lines);
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (cause) {
    throw new ConfigFileError(file, 1, `is not valid YAML: ${messageOf(cause)}`);
  }
}

/** The tokens of a text, as long as it is no deeper and no longer than a config. */
function* yamlTokens(yaml: typeof import('yaml'), text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new yaml.Parser(lines.addNewLine);
  lines.addNewLine(0);
  let words = 0;
  for (const word of new yaml.Lexer().lex(text)) {
    yield* parser.next(word);
    words += 1;
    if (parser.stack.length > MOST_LEVELS) throw new Error(`it has more than ${MOST_LEVELS} levels`);
    if (words > MOST_WORDS) throw new Error('it has more values than a config');
  }
  yield* parser.end();
}

function refuseTwins(yaml: typeof import('yaml'), document: Document.Parsed | Document, lines: LineCounter): void {
  yaml.visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!yaml.isScalar(key)) continue;
        if (seen.has(key.value)) {
          throw new Error(
            `keys must be unique, got ${JSON.stringify(key.value)} twice${at(lines, key.range?.[0] ?? 0)}`,
          );
        }
        seen.add(key.value);
      }
    },
  });
}

function at(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}

function parseJson(file: string, text: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark.
    const value = JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    refuseJsonTwins(text);
    return value;
  } catch (cause) {
    throw new ConfigFileError(file, 1, `is not valid JSON: ${messageOf(cause)}`);
  }
}

/** JSON.parse takes the last of two keys of one name, and drops the other in silence. The text is known to be JSON. */
function refuseJsonTwins(text: string): void {
  const objects: (Set<string> | null)[] = [];
  for (const { 0: token, 1: key } of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(null);
    else if (token === '}' || token === ']') objects.pop();
    else if (key !== undefined) {
      const name = JSON.parse(key) as string;
      if (objects.at(-1)?.has(name)) throw new Error(`keys must be unique, got ${key} twice`);
      objects.at(-1)?.add(name);
    }
  }
}

/** In a config, `cachetier` is the package that runs, wherever the config lies. */
function runModule(file: string, path: string): unknown {
  const { createJiti } = require('jiti') as typeof import('jiti');
  const jiti = createJiti(__filename, {
    alias: {
      // The longer names first: an alias also stands for what begins with it.
      'cachetier/aws': join(__dirname, '../constructs/aws'),
      'cachetier/hetzner': join(__dirname, '../constructs/hetzner'),
      cachetier: require.resolve('../constructs/tier'),
    },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  let module: unknown;
  try {
    module = jiti(path);
  } catch (cause) {
    throw new ConfigFileError(file, 1, `throws: ${messageOf(cause)}${placeOf(cause, dirname(path))}`);
  }
  const config = defaultExport(module);
  if (config === undefined) {
    throw new ConfigFileError(file, 1, 'has no default export; write: export default defineCacheTier({ … })');
  }
  if (typeof config === 'function' || isPromise(config)) {
    throw new ConfigFileError(file, 1, 'exports a function or a promise; export the config itself');
  }
  return config;
}

/** `export default`, or `module.exports` of a CommonJS file. */
function defaultExport(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module;
  if ('default' in module) return module.default;
  return '__esModule' in module || Object.keys(module).length === 0 ? undefined : module;
}

/** The first line alone: a stack or a code frame is not the user's. */
function messageOf(cause: unknown): string {
  let text: string;
  try {
    text = hasMessage(cause) ? cause.message : String(cause);
  } catch {
    text = 'something without a message';
  }
  return (text.split('\n')[0] ?? '').replace(/:$/, '').trim();
}

/** What a config throws may come from another realm, where it is an instance of no class of ours. */
function hasMessage(cause: unknown): cause is { readonly message: string } {
  return typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string';
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** ` (file:line)` of the config, or of a file beside it, that threw; nothing of our own stack. */
function placeOf(cause: unknown, folder: string): string {
  try {
    const stack = cause instanceof Error || hasMessage(cause) ? String((cause as { stack?: unknown }).stack) : '';
    for (const line of stack.split('\n')) {
      if (line.includes(__filename)) break;
      const place = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(line.trim());
      if (place?.[1]?.startsWith(`${folder}/`) && !place[1].includes('/node_modules/')) {
        return ` (${place[1].slice(folder.length + 1)}:${place[2]})`;
      }
    }
  } catch {
    // A stack that cannot be read says nothing.
  }
  return '';
}
