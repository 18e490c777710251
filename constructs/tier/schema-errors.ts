import type { ErrorObject } from 'ajv';
import schema from './config.schema.json';
import type { Issue } from './issue';
import { didYouMean } from './nearest';
import { child } from './plain';
import { nearestField } from './schema-fields';

/** A step in a path: a key, or an index of a list. */
export type Segment = string | number;

/** The steps of a JSON pointer such as `/access/users/0/name`. */
export function segmentsOf(pointer: string): readonly Segment[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** `access.users[0].name` from its steps; `$` for none. */
export function pathOf(segments: readonly Segment[]): string {
  return segments.reduce<string>((path, segment) => child(path, segment), '$');
}

/** What a validator found, in words for people. */
export function describeErrors(errors: readonly ErrorObject[]): readonly Issue[] {
  return significant(errors).map(describe);
}

/** The errors that a reader should see. */
export function significant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const grouped = new Map<string, ErrorObject[]>();
  const parents = new Set<string>();
  for (const error of errors) {
    // Unknown keys can be many, and never make another error noise.
    if (error.keyword !== 'additionalProperties') {
      const group = grouped.get(error.instancePath);
      if (group) group.push(error);
      else grouped.set(error.instancePath, [error]);
    }
    for (let end = error.instancePath.lastIndexOf('/'); end > 0; end = error.instancePath.lastIndexOf('/', end - 1)) {
      parents.add(error.instancePath.slice(0, end));
    }
  }
  return errors.filter(
    (error) => !isNoise(error, grouped.get(error.instancePath) ?? [], parents.has(error.instancePath)),
  );
}

/** Path of what an error is about, a missing key included. */
export function subjectOf(error: ErrorObject): readonly Segment[] {
  const at = segmentsOf(error.instancePath);
  if (error.keyword === 'required') return [...at, String(error.params['missingProperty'])];
  return error.keyword === 'discriminator' ? [...at, String(error.params['tag'])] : at;
}

/**
 * Of a choice, only the chosen branch is of interest: where an entry of a list is wrong, that entry is the finding, and
 * else the choice as a whole.
 */
function isNoise(error: ErrorObject, all: readonly ErrorObject[], deeper: boolean): boolean {
  if (error.keyword === 'anyOf') return deeper;
  if (
    error.keyword === 'required' &&
    all.some((other) => other.keyword === 'discriminator' && other.instancePath === error.instancePath)
  ) {
    return error.params['missingProperty'] === tagOf(all, error.instancePath);
  }
  const choice = all.find((other) => other.keyword === 'anyOf' && other.instancePath === error.instancePath);
  return choice !== undefined && error.schemaPath !== choice.schemaPath;
}

function tagOf(all: readonly ErrorObject[], path: string): unknown {
  return all.find((other) => other.keyword === 'discriminator' && other.instancePath === path)?.params['tag'];
}

/** A finding below a name that the config made up, such as that of a tag, is one about the field that holds it. */
export function describe(error: ErrorObject): Issue {
  const found = describeAt(error, pathOf(segmentsOf(error.instancePath)));
  const path = nearestField(found.path);
  const key = segmentsOf(error.instancePath).at(-1);
  return path === found.path ? found : { ...found, path, message: `"${String(key)}": ${found.message}` };
}

function describeAt(error: ErrorObject, path: string): Issue {
  const got = show(error.data);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      return issue('UnknownKey', path, `unknown field "${key}"${didYouMean(key, knownKeys(error))}`);
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      return issue('Missing', path, `"${key}" is missing: ${firstSentence(propertyOf(error, key)?.['description'])}`);
    }
    case 'type':
      return issue('WrongType', path, typeMessage(error, got));
    case 'enum':
      return notAllowed(path, error.data, got, error.params['allowedValues'] as readonly unknown[]);
    case 'const':
      return notAllowed(path, error.data, got, [error.params['allowedValue']]);
    case 'anyOf':
      return notAllowed(path, error.data, got, choices(error));
    case 'discriminator': {
      const tag = String(error.params['tag']);
      const value = error.params['tagValue'] as unknown;
      const kinds = kindsOf(error, tag);
      return value === undefined
        ? issue('Missing', path, `"${tag}" is missing: needs one of ${kinds.join(', ')}`)
        : notAllowed(child(path, tag), value, show(value), kinds);
    }
    case 'pattern':
      return issue('Malformed', path, `got ${got}; needs: ${firstSentence(error.parentSchema?.['description'])}`);
    default:
      return issue('OutOfRange', path, `got ${got}; ${error.message ?? 'not accepted'}`);
  }
}

function issue(code: string, path: string, message: string): Issue {
  return { code, path, severity: 'error', message };
}

function typeMessage(error: ErrorObject, got: string): string {
  const needed = String(error.params['type']);
  const about = firstSentence(error.parentSchema?.['description']);
  const quoted =
    needed === 'string' && typeof error.data === 'number' ? quotable(error.data, error.parentSchema) : undefined;
  if (quoted !== undefined) return `got the number ${got}, needs text; quote it: "${quoted}"`;
  return `got ${got}, needs ${needed.split(',').map(article).join(' or ')}${about === '' ? '' : `: ${about}`}`;
}

/** The text that a number was meant to be: YAML and TypeScript read `9.0` as 9. */
function quotable(value: number, described: Schema | undefined): string | undefined {
  const pattern = described?.['pattern'];
  const texts = Number.isInteger(value) ? [String(value), value.toFixed(1)] : [String(value)];
  return texts.find((text) => typeof pattern !== 'string' || new RegExp(pattern, 'u').test(text));
}

function notAllowed(path: string, value: unknown, got: string, allowed: readonly unknown[]): Issue {
  const names = allowed.map(String);
  const near = typeof value === 'string' ? didYouMean(value, names) : '';
  return issue('NotAllowed', path, `got ${got}; needs ${names.length > 1 ? 'one of ' : ''}${names.join(', ')}${near}`);
}

type Schema = Readonly<Record<string, unknown>>;

function knownKeys(error: ErrorObject): readonly string[] {
  return Object.keys((error.parentSchema?.['properties'] ?? {}) as object);
}

function propertyOf(error: ErrorObject, key: string): Schema | undefined {
  return (error.parentSchema?.['properties'] as Readonly<Record<string, Schema>> | undefined)?.[key];
}

/** Values of a choice between one value and a list of them. */
function choices(error: ErrorObject): readonly string[] {
  return (error.schema as readonly Schema[]).flatMap((one) => {
    if (one['type'] === 'array') return ['a list of them'];
    const values = definitionOf(one)?.['enum'];
    return Array.isArray(values) ? values.map(String) : [];
  });
}

function definitionOf(branch: Schema): Schema | undefined {
  const name = String(branch['$ref']).replace('#/definitions/', '');
  return (schema.definitions as unknown as Readonly<Record<string, Schema>>)[name];
}

/** Kinds of a choice told apart by a tag: each branch is a reference to a definition that fixes the tag. */
function kindsOf(error: ErrorObject, tag: string): readonly string[] {
  const branches = (error.parentSchema?.['oneOf'] ?? []) as readonly Schema[];
  return branches.map((branch) => {
    const properties = definitionOf(branch)?.['properties'] as Readonly<Record<string, Schema>> | undefined;
    return String(properties?.[tag]?.['const']);
  });
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function article(type: string): string {
  switch (type) {
    case 'array':
      return 'a list';
    case 'integer':
      return 'a whole number';
    case 'object':
      return 'an object';
    default:
      return type === 'string' ? 'text' : `a ${type}`;
  }
}

/** Up to the first full stop that ends a sentence, without it. */
function firstSentence(text: unknown): string {
  if (typeof text !== 'string') return '';
  const flat = text.replaceAll('\n', ' ');
  return (/^(.*?)[.;](\s|$)/.exec(flat)?.[1] ?? flat).trim();
}
