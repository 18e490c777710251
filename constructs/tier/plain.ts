import type { Issue } from './issue';

/** Deeper or larger than this is no config, and walking on would only cost time. */
const MOST_LEVELS = 12;
const MOST_VALUES = 20_000;

/** A CDK token in a string or a list, and what a Pulumi Output becomes as text. */
const token = /[$#]\{Token\[|Calling \[to(String|JSON)\] on an \[Output<T>\] is not supported/;

/** Construct prop or component argument that takes what a config must not hold. */
const instead =
  'a config holds plain values only; give resources to the construct instead: vpc, securityGroups, encryptionKey, ' +
  'networkId, existingSshKeys or bucketKeys';

/** A copy of any input that holds nothing but plain JSON, and what had to be left out of it. */
export interface Plain {
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Whether the input is as small as a config is. */
  readonly bounded: boolean;
}

/**
 * Copies an input, leaving out what JSON has no form for: tokens, outputs, functions, cycles.
 *
 * The copy is what validation and rules look at, so that no getter, proxy or prototype of the input is touched again.
 */
export function plain(input: unknown): Plain {
  const walk = new Walk();
  const value = walk.copy(input, '$', 0);
  return { value, issues: walk.issues, bounded: walk.bounded };
}

/** `access.users[0]` from its parts. */
export function child(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '$' ? key : `${path}.${key}`;
}

class Walk {
  readonly issues: Issue[] = [];
  readonly #open = new Set<object>();
  #count = 0;
  bounded = true;

  copy(input: unknown, path: string, level: number): unknown {
    this.#count += 1;
    if (this.#count > MOST_VALUES || level > MOST_LEVELS) {
      return this.#tooLarge();
    }
    switch (typeof input) {
      case 'string':
        if (!token.test(input)) return input;
        return this.#refuse('TokenInConfig', path, 'a value that is not known yet', instead);
      case 'boolean':
        return input;
      case 'number':
        if (isNumberToken(input)) return this.#refuse('TokenInConfig', path, 'a number that is not known yet', instead);
        return Number.isFinite(input) ? input : this.#refuse('WrongType', path, String(input), 'use a finite number');
      case 'undefined':
        return undefined;
      case 'object':
        return input === null ? null : this.#read(path, () => this.#copyObject(input, path, level));
      default:
        return this.#refuse('WrongType', path, `a ${typeof input}`, instead);
    }
  }

  #copyObject(input: object, path: string, level: number): unknown {
    if (this.#open.has(input)) return this.#refuse('WrongType', path, 'an object that contains itself', 'write it out');
    const list = Array.isArray(input);
    if (list && input.length > MOST_VALUES) return this.#tooLarge();
    if (!list && !isPlainObject(input)) {
      return this.#refuse('TokenInConfig', path, describe(input), instead);
    }
    this.#open.add(input);
    try {
      return list ? this.#copyList(input, path, level) : this.#copyFields(input, path, level);
    } finally {
      this.#open.delete(input);
    }
  }

  #copyList(input: readonly unknown[], path: string, level: number): unknown {
    return Array.from({ length: input.length }, (_, index) => {
      const at = child(path, index);
      return this.#read(at, () => this.copy(input[index], at, level + 1)) ?? null;
    });
  }

  #copyFields(input: object, path: string, level: number): object {
    // Without a prototype, keys such as __proto__ are keys like any other.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(input)) {
      const at = child(path, key);
      const value = this.#read(at, () => this.copy((input as Record<string, unknown>)[key], at, level + 1));
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  /** Getters and proxies run code of the caller, which may throw. */
  #read(path: string, read: () => unknown): unknown {
    try {
      return read();
    } catch (cause) {
      return this.#refuse('WrongType', path, 'a value that cannot be read', message(cause));
    }
  }

  #tooLarge(): undefined {
    const text = `a config has at most ${MOST_VALUES} values in ${MOST_LEVELS} levels, this one has more`;
    if (this.bounded) this.#add('TooLarge', '$', text);
    this.bounded = false;
    return undefined;
  }

  #refuse(code: string, path: string, got: string, what: string): undefined {
    this.#add(code, path, `got ${got}; ${what}`);
    return undefined;
  }

  #add(code: string, path: string, text: string): void {
    this.issues.push({ code, path, severity: 'error', message: text });
  }
}

/** A number that the CDK will replace: `Token.asNumber` marks it in the first 32 bits of the double. */
function isNumberToken(value: number): boolean {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  return bytes.getUint32(0) === 0xfbff0000;
}

function isPlainObject(input: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function describe(input: object): string {
  const name: unknown = (input.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `an object of class ${name}` : 'an object of a class';
}

function message(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : 'it throws when read';
  } catch {
    return 'it throws when read';
  }
}
