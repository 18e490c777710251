import { setTimeout as delay } from 'node:timers/promises';

/**
 * Repeats a look at something until it holds: returns what the look returned, or throws its last failure.
 *
 * @param look - throws while the thing does not hold
 */
export async function eventually<T>(look: () => T | Promise<T>, { withinMs = 10_000, everyMs = 50 } = {}): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(everyMs);
  }
}
