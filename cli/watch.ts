import { setTimeout as delay } from 'node:timers/promises';

/** How often a view is drawn anew, in milliseconds. */
const EVERY = 1000;

/** Clears from the cursor to the end, so that a shorter view leaves nothing of a longer one. */
const toTheTop = '\u001b[H';
const clearLine = '\u001b[K';
const clearRest = '\u001b[J';
const otherScreen = '\u001b[?1049h\u001b[?25l';
const ownScreen = '\u001b[?25h\u001b[?1049l';

/**
 * Shows lines that change, until the process is interrupted. On a terminal it has the screen to itself, which is then as
 * it was before; elsewhere each view follows the one before, so that a file can be kept of it.
 *
 * @param draw - the lines as they are now
 */
export async function watch(draw: () => Promise<readonly string[]>): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const terminal = process.stdout.isTTY;
  if (terminal) process.stdout.write(otherScreen);
  try {
    while (!ended.signal.aborted) {
      const lines = await draw();
      process.stdout.write(
        terminal
          ? `${toTheTop}${lines.map((line) => `${line}${clearLine}\n`).join('')}${clearRest}`
          : `${lines.join('\n')}\n`,
      );
      await delay(EVERY, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  } finally {
    if (terminal) process.stdout.write(ownScreen);
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}
