import type { Redis, RedisOptions } from 'ioredis';
import { outputsOf } from './outputs';
import { clientLibrary } from './redis';
import type { LocalTier } from './tier';

/** A client of a user of the config, as an application has it: over TLS, by Sentinel and through a failover where there is one. It connects at its first command. */
export function connectUser(tier: LocalTier, name: string, adjust: Partial<RedisOptions> = {}): Redis {
  const { Redis: Client } = clientLibrary();
  const login = tier.plan.access.users.find((user) => user.name === name)?.login;
  const password = tier.secrets.users[name];
  const tls = { ca: tier.secrets.caCertificate };
  const client = new Client({
    ...addressesOf(tier, login, password),
    username: login,
    password,
    tls,
    connectTimeout: 500,
    socketTimeout: 2000,
    retryStrategy: (times) => Math.min(times * 50, 1000),
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    lazyConnect: true,
    ...adjust,
  });
  // A connection that a failover cuts is reported as an error event, and made anew.
  client.on('error', () => undefined);
  return client;
}

function addressesOf(tier: LocalTier, login: string | undefined, password: string | undefined): RedisOptions {
  const { endpoint } = outputsOf(tier);
  if (endpoint.mode === 'standalone') return { host: endpoint.primary.host, port: Number(endpoint.primary.port) };
  if (endpoint.mode === 'cluster') return {};
  return {
    sentinels: endpoint.sentinels.map(({ host, port }) => ({ host, port: Number(port) })),
    name: endpoint.primaryName,
    sentinelUsername: login,
    sentinelPassword: password,
    enableTLSForSentinelMode: true,
    sentinelTLS: { ca: tier.secrets.caCertificate },
    sentinelRetryStrategy: (times) => Math.min(times * 50, 1000),
    sentinelCommandTimeout: 500,
    disconnectTimeout: 100,
  };
}
