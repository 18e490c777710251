import { ConfigError, type Issue } from '../constructs/tier/issue';
import { pc, pcError } from './colours';
import { ConfigFileError } from './load';

/** Exit codes of every command. */
export const exitCodes = { fine: 0, refused: 1, usage: 2, failed: 3 } as const;

/** An error whose text is meant for the person at the terminal. */
export class CliError extends Error {
  /**
   * @param exitCode - 2 for wrong use or a missing file, 3 where a machine or a service failed
   * @param message - what happened and what to do, lower case, no full stop
   */
  constructor(
    readonly exitCode: 2 | 3,
    message: string,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

/** Prints a line for people. */
export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a value for machines. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * The report of a config: every finding with its path, errors first.
 *
 * @param paint - colours of the stream that it goes to
 */
export function issueLines(issues: readonly Issue[], paint = pc): readonly string[] {
  const ordered = [...issues].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  return ordered.map((issue) => {
    const mark = issue.severity === 'error' ? paint.red('error  ') : paint.yellow('warning');
    return `${mark}  ${paint.bold(printable(issue.path))}: ${printable(issue.message)} ${paint.dim(`[${issue.code}]`)}`;
  });
}

/** Rows under a head, in columns as wide as they need. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [pc.bold(line(head)), ...rows.map(line)];
}

/** An amount of money for a month, or that it is not known. */
export function money(amount: number | null, currency: string): string {
  return amount === null ? 'not known' : `${amount.toFixed(2)} ${currency}`;
}

/** Ends the program with the code that the error means; a stack only where `CACHETIER_DEBUG` asks for it. */
export function fail(cause: unknown, json = false): void {
  process.exitCode = codeOf(cause);
  if (json) sayJson({ ok: false, issues: issuesOf(cause) });
  else process.stderr.write(`${errorLines(cause).join('\n')}\n`);
  if (process.env['CACHETIER_DEBUG'] && cause instanceof Error) process.stderr.write(`${cause.stack ?? ''}\n`);
}

function errorLines(cause: unknown): readonly string[] {
  if (cause instanceof ConfigError) return issueLines(cause.issues, pcError);
  return [`${pcError.red('error')}  ${messageOf(cause)}`];
}

function codeOf(cause: unknown): number {
  if (cause instanceof ConfigError) return exitCodes.refused;
  const code: unknown = (cause as { exitCode?: unknown } | null)?.exitCode;
  return typeof code === 'number' ? code : exitCodes.failed;
}

function issuesOf(cause: unknown): readonly Issue[] {
  if (cause instanceof ConfigError) return cause.issues;
  if (cause instanceof ConfigFileError) return [cause.issue];
  return [{ code: 'Failed', path: '$', severity: 'error', message: messageOf(cause) }];
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What a config holds must not steer the terminal that the report is read on. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
