import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import type { CacheTierConfig } from './config';
import schema from './config.schema.json';
import type { Issue } from './issue';
import { plain } from './plain';
import { nearestField } from './schema-fields';
import { describe, pathOf, type Segment, segmentsOf, significant, subjectOf } from './schema-errors';

/** Any input, held against the schema. */
export interface Validated {
  readonly issues: readonly Issue[];
  /** The parts that parsed; what did not is left out. */
  readonly parts: Partial<CacheTierConfig>;
  /** Paths of the parts that were left out. */
  readonly invalid: readonly string[];
}

/** More findings than these help nobody; the last one says how many there are. */
const MOST_ISSUES = 100;

/** Each round leaves out one level, and a config has no more levels than these. */
const MOST_ROUNDS = 12;

let compiled: ValidateFunction | undefined;

/**
 * Holds any input against the schema. Never throws.
 *
 * @param input - what a file held or a program gave
 */
export function validate(input: unknown): Validated {
  const copy = plain(input);
  const unread = new Set(copy.issues.map((issue) => issue.path));
  // A path inside an unknown field names nothing that the reader could look up.
  const found = copy.issues.map((issue) => ({ ...issue, path: nearestField(issue.path) }));
  if (!copy.bounded) return { issues: found, parts: {}, invalid: ['$'] };
  if (!isObject(copy.value)) {
    return { issues: found.length > 0 ? found : [noConfig(input)], parts: {}, invalid: ['$'] };
  }
  const errors = schemaErrors(copy.value);
  // What the copy left out is named already; that it is now missing is no second finding.
  const telling = significant(errors).filter((error) => !unread.has(pathOf(subjectOf(error))));
  const described = telling.slice(0, MOST_ISSUES).map(describe);
  const invalid = prune(copy.value, errors);
  return {
    issues: bounded(distinct([...found.slice(0, MOST_ISSUES), ...described]), found.length + telling.length),
    parts: copy.value,
    invalid: [...unread, ...invalid],
  };
}

function noConfig(input: unknown): Issue {
  return {
    code: 'WrongType',
    path: '$',
    severity: 'error',
    message: `a config is an object with name, workload, dataset and target, got ${nameOf(input)}`,
  };
}

function schemaErrors(value: unknown): readonly ErrorObject[] {
  compiled ??= new Ajv({ allErrors: true, discriminator: true, verbose: true, strict: false }).compile(schema);
  return compiled(value) ? [] : (compiled.errors ?? []);
}

/** Leaves out what did not parse, until only missing fields of the config itself are left to report. */
function prune(value: object, first: readonly ErrorObject[]): readonly string[] {
  const removed = new Set<string>();
  let errors = first;
  for (let round = 0; round < MOST_ROUNDS && errors.length > 0; round += 1) {
    const paths = errors.map(removal).filter((path) => path.length > 0);
    if (paths.length === 0) break;
    for (const path of paths) {
      remove(value, path);
      removed.add(pathOf(path));
    }
    errors = schemaErrors(value);
  }
  return [...removed];
}

/** What to leave out for an error: an unknown key alone, an entry of a list with its list (indices must not move). */
function removal(error: ErrorObject): readonly Segment[] {
  const segments = segmentsOf(error.instancePath);
  const key = error.keyword === 'additionalProperties' ? String(error.params['additionalProperty']) : undefined;
  const whole = key === undefined ? segments : [...segments, key];
  const inList = whole.findIndex((segment) => typeof segment === 'number');
  return inList < 0 ? whole : whole.slice(0, inList);
}

function remove(value: unknown, path: readonly Segment[]): void {
  const [key, ...rest] = path;
  if (key === undefined || !isObject(value)) return;
  if (rest.length === 0) Reflect.deleteProperty(value, key);
  else remove((value as Record<string, unknown>)[key], rest);
}

function distinct(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map(issues.map((issue) => [`${issue.code} ${issue.path} ${issue.message}`, issue]));
  return [...seen.values()];
}

/** `found`: how many findings there were before the list was cut. */
function bounded(issues: readonly Issue[], found: number): readonly Issue[] {
  if (found <= MOST_ISSUES) return issues;
  const more = found - Math.min(issues.length, MOST_ISSUES);
  return [
    ...issues.slice(0, MOST_ISSUES),
    { code: 'TooManyProblems', path: '$', severity: 'error', message: `and ${more} more; repair these first` },
  ];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  return Array.isArray(input) ? 'a list' : `a ${typeof input}`;
}
