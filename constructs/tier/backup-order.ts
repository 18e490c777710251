/** Which backup is meant; without a name or a second it is the newest there is. */
export interface BackupOrder {
  /** Id of the bucket, such as `r2:my-bucket`. @default - the first of the tier */
  readonly bucket?: string;
  /** The tier whose backup it is. @default - the tier itself */
  readonly tier?: string;
  /** Name of the backup. */
  readonly backup?: string;
  /** A second in UTC, such as `2026-11-20T10:00:00Z`. */
  readonly at?: string;
}

const patterns: Readonly<Record<keyof BackupOrder, readonly [pattern: RegExp, example: string]>> = {
  bucket: [/^(r2|b2|s3):[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'r2:my-bucket'],
  tier: [/^[a-z][a-z0-9-]{0,62}$/, 'orders-prod'],
  backup: [/^[a-z][a-z0-9-]*-\d{8}T\d{6}Z-[a-z]$/, 'orders-prod-20261120T030000Z-b'],
  at: [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, '2026-11-20T10:00:00Z'],
};

/**
 * Words of a command line of `cachetier-backup`, safe in any shell.
 *
 * @throws Error naming the option, what was given and what is needed
 */
export function toArguments(order: BackupOrder): readonly string[] {
  return (Object.keys(patterns) as (keyof BackupOrder)[]).flatMap((name) => {
    const value = order[name];
    if (value === undefined) return [];
    const [pattern, example] = patterns[name];
    if (!pattern.test(value)) throw new Error(`--${name}: got "${value}", needed one such as ${example}`);
    return [`--${name}`, value];
  });
}
