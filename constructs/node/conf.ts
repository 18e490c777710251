/** Directives of a configuration file by name; a later entry of the same name wins. */
export type Directives = ReadonlyMap<string, string>;

/** A configuration file: one directive a line, in order. */
export function renderDirectives(directives: Directives): string {
  return [...directives].map(([name, value]) => `${name} ${value}\n`).join('');
}

/** A value that may be empty or hold blanks, as one word of `valkey.conf`. */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, (special) => `\\${special}`)}"`;
}

/**
 * A password of our own as it stands in `valkey.conf`, `sentinel.conf` and environment files.
 *
 * Sentinel rewrites its file without quotes, so a password with a blank or a quote would not survive its first
 * failover.
 *
 * @throws Error when the password has other characters, or fewer than 16
 */
export function plainPassword(name: string, password: string): string {
  if (!/^[A-Za-z0-9_-]{16,128}$/.test(password)) {
    throw new Error(`internal password "${name}" needs 16 to 128 letters, digits, hyphens or underscores`);
  }
  return password;
}

const factors: Readonly<Record<string, number>> = { k: 1e3, kb: 2 ** 10, m: 1e6, mb: 2 ** 20, g: 1e9, gb: 2 ** 30 };

/** A value as CONFIG GET gives it back: memory in bytes. */
export function effective(value: string): string {
  const [, count, unit] = /^(\d+)([kmg]b?)$/i.exec(value) ?? [];
  const factor = factors[unit?.toLowerCase() ?? ''];
  return count !== undefined && factor !== undefined ? String(Number(count) * factor) : value;
}
