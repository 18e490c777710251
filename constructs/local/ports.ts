import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { MachineError } from './errors';

/** Below the range that systems take outgoing ports from (32768 on Linux), so that a port is still free at the next start. */
const RANGE = { first: 20_000, last: 32_000 } as const;

/**
 * Ports on loopback, one after the other.
 *
 * @param count - how many
 * @param first - the first one, or null for any that are free
 * @throws MachineError when one of the asked ports is taken, or none are free
 */
export async function choosePorts(count: number, first: number | null): Promise<readonly number[]> {
  if (first !== null) {
    const ports = block(first, count);
    const taken = await takenOf(ports);
    if (taken !== null)
      throw new MachineError(
        `port ${taken} is taken; give target.port a first port with ${count} free ones, or leave it out`,
      );
    return ports;
  }
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const ports = block(randomInt(RANGE.first, RANGE.last - count), count);
    if ((await takenOf(ports)) === null) return ports;
  }
  throw new MachineError(`no ${count} free ports in a row between ${RANGE.first} and ${RANGE.last}`);
}

/** The first of the ports on loopback that something listens on, or null. */
export async function takenOf(ports: readonly number[]): Promise<number | null> {
  for (const port of ports) if (!(await isFree(port))) return port;
  return null;
}

function block(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
