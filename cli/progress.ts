/** How progress is shown. */
export interface ProgressOptions {
  /** Shows nothing, so that machines read nothing but JSON. */
  readonly silent?: boolean;
}

/**
 * Runs a long task and shows its steps: a spinner on a terminal, lines on standard error elsewhere, so that a pipe
 * holds only the result.
 *
 * @param title - what is done, in a few words
 */
export async function withProgress<T>(
  title: string,
  { silent }: ProgressOptions,
  task: (report: (message: string) => void) => Promise<T>,
): Promise<T> {
  if (silent) return task(() => undefined);
  if (!process.stdout.isTTY) return task((message) => process.stderr.write(`${title}: ${message}\n`));
  const { Listr } = await import('listr2');
  const outcome: { value?: T } = {};
  const shown = async (_context: unknown, line: { output: string }): Promise<void> => {
    outcome.value = await task((message) => (line.output = message));
  };
  await new Listr([{ title, task: shown }], { registerSignalListeners: false }).run();
  return outcome.value as T;
}

/** Ends a task that an interrupt reaches, and gives it the time to clean up; a second interrupt ends the program. */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new Error('interrupted; what was started is stopped'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await task(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
