import type { DefaultTaken } from './plan';

/** Keeps account of the defaults that are taken while a config is resolved. */
export class Defaults {
  readonly #taken: DefaultTaken[] = [];

  /** What was asked, or else the default, which is then put on record with its reason. */
  take<T extends DefaultTaken['value']>(path: string, asked: T | undefined, otherwise: T, because: string): T {
    if (asked !== undefined) return asked;
    this.#taken.push({ path, value: otherwise, because });
    return otherwise;
  }

  /** Every default taken so far. */
  get taken(): readonly DefaultTaken[] {
    return this.#taken;
  }
}
