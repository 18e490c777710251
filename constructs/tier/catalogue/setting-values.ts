/** What a setting takes. */
export type SettingValue =
  | { readonly type: 'integer'; readonly min: number; readonly max: number; readonly also?: number }
  | { readonly type: 'bytes'; readonly min: number; readonly max: number }
  | { readonly type: 'yes-no' }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'text'; readonly pattern: RegExp; readonly form: string };

/** The largest number that JSON carries exactly; the engine's own limit is above it. */
export const LARGEST = 2 ** 53 - 1;

/** The largest 32-bit number. */
export const INT32 = 2 ** 31 - 1;

/** `yes` or `no`; a config may say `true` or `false`. */
export const yesNo: SettingValue = { type: 'yes-no' };

/** A whole number; `also` is one more value outside the range. */
export function integer(min = 0, max = LARGEST, also?: number): SettingValue {
  return also === undefined ? { type: 'integer', min, max } : { type: 'integer', min, max, also };
}

/** An amount such as `"64mb"`. */
export function amount(min = 0, max = LARGEST): SettingValue {
  return { type: 'bytes', min, max };
}

/** One of several words. */
export function oneOf(...values: readonly string[]): SettingValue {
  return { type: 'enum', values };
}

/** Letters of `notify-keyspace-events`. */
export function events(letters: string): SettingValue {
  return { type: 'text', pattern: new RegExp(`^[${letters}]*$`), form: '"Ex"' };
}

/** `client-output-buffer-limit` of some classes of clients, each with hard limit, soft limit and seconds. */
export function bufferLimits(...classes: readonly string[]): SettingValue {
  const one = `(${classes.join('|')}) \\d+(b|kb|mb|gb)? \\d+(b|kb|mb|gb)? \\d+`;
  return {
    type: 'text',
    pattern: new RegExp(`^${one}( ${one})*$`, 'i'),
    form: `"${classes[0] ?? ''} 512mb 256mb 120"`,
  };
}
