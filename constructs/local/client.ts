import type { Redis, RedisOptions } from 'ioredis';
import { clientLibrary } from './redis';
import type { LocalTier } from './tier';

/** A client of a user of the config, as an application has it: by Sentinel, over TLS, through a failover. It connects at its first command. */
export function connectUser(tier: LocalTier, name: string, adjust: Partial<RedisOptions> = {}): Redis {
  const { Redis: Client } = clientLibrary();
  const login = tier.plan.access.users.find((user) => user.name === name)?.login;
  const password = tier.secrets.users[name];
  const tls = { ca: tier.secrets.caCertificate };
  const client = new Client({
    sentinels: Object.values(tier.nodes).map(({ address, sentinelPort }) => ({ host: address, port: sentinelPort })),
    name: tier.plan.target.primaryName,
    username: login,
    password,
    sentinelUsername: login,
    sentinelPassword: password,
    tls,
    enableTLSForSentinelMode: true,
    sentinelTLS: tls,
    sentinelRetryStrategy: (times) => Math.min(times * 50, 1000),
    sentinelCommandTimeout: 500,
    disconnectTimeout: 100,
    connectTimeout: 1000,
    retryStrategy: (times) => Math.min(times * 50, 1000),
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    lazyConnect: true,
    ...adjust,
  });
  // A connection that a failover cuts is reported as an error event, and made anew.
  client.on('error', () => undefined);
  return client;
}
