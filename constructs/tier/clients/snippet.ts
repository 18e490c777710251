/** What every ready-made text needs beyond the endpoint. */
export interface Snippet {
  readonly login: string;
  /** Environment variable with the password. */
  readonly password: string;
  /** Environment variable with the path of the CA's PEM. */
  readonly caFile: string;
  /** Whether the tier has a CA of its own, which the client must be told. */
  readonly ownCa: boolean;
}

/** Lines two spaces further in. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
