import { instead, isBuiltIn, isForeignNumber, isForeignText } from './foreign';
import type { Segment } from './paths';

/** Deeper or larger than this is no config, and walking on would only cost time. */
const MOST_LEVELS = 12;
const MOST_VALUES = 20_000;

/** Something in an input that has no place in a config. */
export interface Refusal {
  readonly code: 'TokenInConfig' | 'WrongType' | 'TooLarge';
  readonly at: readonly Segment[];
  readonly message: string;
}

/** A copy of any input that holds nothing but plain JSON, and what had to be left out of it. */
export interface Plain {
  readonly value: unknown;
  readonly refusals: readonly Refusal[];
  /** Whether the input is as small as a config is. */
  readonly bounded: boolean;
}

/**
 * Copies an input, leaving out what JSON has no form for: tokens, outputs, functions, cycles. Never throws.
 *
 * The copy is what validation and rules look at, so that no getter, proxy or prototype of the input is touched again.
 */
export function plain(input: unknown): Plain {
  const walk = new Walk();
  const value = walk.copy(input, []);
  return { value, refusals: walk.refusals, bounded: walk.bounded };
}

class Walk {
  readonly refusals: Refusal[] = [];
  readonly #open = new Set<object>();
  #count = 0;
  bounded = true;

  copy(input: unknown, at: readonly Segment[]): unknown {
    this.#count += 1;
    if (this.#count > MOST_VALUES || at.length > MOST_LEVELS) return this.#tooLarge();
    switch (typeof input) {
      case 'string':
        return isForeignText(input) ? this.#foreign(at, 'a value that is not known yet') : input;
      case 'boolean':
      case 'undefined':
        return input;
      case 'number':
        if (isForeignNumber(input)) return this.#foreign(at, 'a number that is not known yet');
        return Number.isFinite(input) ? input : this.#wrong(at, String(input), 'needs a finite number');
      case 'object':
        return input === null ? null : this.#read(at, () => this.#copyObject(input, at));
      default:
        return this.#wrong(at, `a ${typeof input}`, instead(at));
    }
  }

  #copyObject(input: object, at: readonly Segment[]): unknown {
    if (this.#open.has(input)) return this.#wrong(at, 'an object that contains itself', 'write it out');
    const list = Array.isArray(input);
    if (!list && !isPlainObject(input)) {
      const got = describe(input);
      return isBuiltIn(input) ? this.#wrong(at, got, 'needs plain values') : this.#foreign(at, got);
    }
    this.#open.add(input);
    try {
      return list ? this.#copyList(input, at) : this.#copyFields(input, at);
    } finally {
      this.#open.delete(input);
    }
  }

  #copyList(input: readonly unknown[], at: readonly Segment[]): unknown {
    if (input.length > MOST_VALUES) return this.#tooLarge();
    return Array.from({ length: input.length }, (_, index) => {
      const here = [...at, index];
      return this.#read(here, () => this.copy(input[index], here)) ?? null;
    });
  }

  #copyFields(input: object, at: readonly Segment[]): unknown {
    const keys = Object.keys(input);
    if (keys.length > MOST_VALUES) return this.#tooLarge();
    // Without a prototype, keys such as __proto__ are keys like any other.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const key of keys) {
      const here = [...at, key];
      if (isForeignText(key)) {
        this.#foreign(at, 'a name that is not known yet');
        continue;
      }
      const value = this.#read(here, () => this.copy((input as Record<string, unknown>)[key], here));
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  /** Getters and proxies run code of the caller, which may throw. */
  #read(at: readonly Segment[], read: () => unknown): unknown {
    try {
      return read();
    } catch (cause) {
      return this.#wrong(at, 'a value that cannot be read', reason(cause));
    }
  }

  #tooLarge(): undefined {
    const message = `a config has at most ${MOST_VALUES} values in ${MOST_LEVELS} levels, this one has more`;
    if (this.bounded) this.refusals.push({ code: 'TooLarge', at: [], message });
    this.bounded = false;
    return undefined;
  }

  #foreign(at: readonly Segment[], got: string): undefined {
    this.refusals.push({ code: 'TokenInConfig', at, message: `got ${got}; ${instead(at)}` });
    return undefined;
  }

  #wrong(at: readonly Segment[], got: string, what: string): undefined {
    this.refusals.push({ code: 'WrongType', at, message: `got ${got}; ${what}` });
    return undefined;
  }
}

/** Also true of objects made in another realm, such as by a config that was loaded in one. */
function isPlainObject(input: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function describe(input: object): string {
  const name: unknown = (input.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `an object of class ${name}` : 'an object of a class';
}

function reason(cause: unknown): string {
  try {
    return cause instanceof Error && cause.message !== '' ? cause.message : 'it throws when read';
  } catch {
    return 'it throws when read';
  }
}
