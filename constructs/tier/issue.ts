/** A finding about a config: what is wrong, where, and what to change. */
export interface Issue {
  /** Stable name of the finding, such as `QueueMustNotEvict`. */
  readonly code: string;
  /** Path in the config, such as `availability.replicas` or `access.users[0].keys`; `$` is the config as a whole. */
  readonly path: string;
  /** An error refuses the config; a warning is printed and passed on. */
  readonly severity: 'error' | 'warning';
  /** What was given, what is needed and what to change; lower case, no full stop. */
  readonly message: string;
}

/** A refused config, with every finding at once. */
export class ConfigError extends Error {
  /**
   * @param issues - all findings, at least one of them an error
   */
  constructor(readonly issues: readonly Issue[]) {
    const errors = issues.filter((issue) => issue.severity === 'error');
    super(
      `the config is refused for ${errors.length} reason${errors.length === 1 ? '' : 's'}\n` +
        errors.map((issue) => `  ${formatIssue(issue)}`).join('\n'),
    );
    this.name = 'ConfigError';
  }
}

/** One line for a terminal or a log: path, message and code. */
export function formatIssue(issue: Issue): string {
  return `${issue.path}: ${issue.message} [${issue.code}]`;
}
