import type { SettingValue } from './catalogue/setting-values';
import { memoryBytes } from './sizing';

/** What the value of a setting should be, or null where it is right. */
export function complaint(value: SettingValue, given: string): string | null {
  switch (value.type) {
    case 'integer': {
      const number = Number(given);
      const right = /^-?\d+$/.test(given) && ((number >= value.min && number <= value.max) || number === value.also);
      const also = value.also === undefined ? '' : `${value.also}, or `;
      return right ? null : `${also}a whole number from ${value.min} to ${value.max}`;
    }
    case 'bytes': {
      const amount = memoryBytes(given);
      const right = amount !== null && amount >= value.min && amount <= value.max;
      return right ? null : `an amount from ${value.min} to ${value.max} bytes, such as "64mb"`;
    }
    case 'yes-no':
      return given === 'yes' || given === 'no' ? null : 'true or false';
    case 'enum':
      return value.values.includes(given) ? null : `one of ${value.values.join(', ')}`;
    case 'text':
      return value.pattern.test(given) ? null : `a value such as ${value.form}`;
  }
}
