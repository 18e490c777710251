import type { Redis } from 'ioredis';
import { internalLogins } from '../node';
import { clientLibrary } from './redis';
import type { LocalTier, Role } from './tier';

/**
 * Connects the operator's user to one server of a node, over TLS.
 *
 * @throws Error when nothing answers within a second or the login is refused
 */
export async function connect(tier: LocalTier, letter: string, role: Role): Promise<Redis> {
  const { Redis: Client } = clientLibrary();
  const node = tier.nodes[letter];
  const { internal, caCertificate } = tier.secrets;
  const client = new Client({
    host: '127.0.0.1',
    port: role === 'valkey' ? node?.valkeyPort : node?.sentinelPort,
    username: role === 'valkey' ? internalLogins.operator : internalLogins.sentinelAdmin,
    password: role === 'valkey' ? internal.operator : internal.sentinelAdmin,
    tls: { ca: caCertificate },
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: 1000,
    commandTimeout: 5000,
    retryStrategy: () => null,
  });
  // Without a listener a refused connection would be printed as an unhandled error; `connect` rejects with it as well.
  let reason: Error | null = null;
  client.on('error', (error: Error) => (reason = error));
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw (reason as Error | null) ?? error;
  }
}

/** Connects, runs a task and disconnects. */
export async function withClient<T>(
  tier: LocalTier,
  letter: string,
  role: Role,
  task: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = await connect(tier, letter, role);
  try {
    return await task(client);
  } finally {
    client.disconnect();
  }
}

/** What a server says, or null where it does not answer: a server that is down is a state, not an error. */
export async function ask<T>(
  tier: LocalTier,
  letter: string,
  role: Role,
  task: (client: Redis) => Promise<T>,
): Promise<T | null> {
  clientLibrary();
  try {
    return await withClient(tier, letter, role, task);
  } catch {
    return null;
  }
}
