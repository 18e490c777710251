import { goRedis } from './clients/go-redis';
import { bullmq, ioredis, ioredisWait } from './clients/ioredis';
import { redisPy } from './clients/redis-py';
import { sidekiq } from './clients/sidekiq';
import type { Snippet } from './clients/snippet';
import type { CacheEndpoint } from './endpoint';

/** Ready-made settings for the client libraries of the field, each as text to paste. */
export interface ClientSettings {
  /** ioredis 5 or newer, and iovalkey. */
  readonly ioredis: string;
  /** A write of the ioredis client above that survives the loss of the primary: `WAIT 1`, and a retry on NOREPLICAS. */
  readonly ioredisWait: string;
  /** BullMQ 5 or newer, on ioredis. */
  readonly bullmq: string;
  /** redis-py 5 or newer, and valkey-py. */
  readonly redisPy: string;
  /** go-redis 9 or newer. */
  readonly goRedis: string;
  /** Sidekiq 7 or newer. */
  readonly sidekiq: string;
}

/** What a client needs beyond the endpoint. */
export interface ClientOptions {
  /** Login of the user. */
  readonly login: string;
  /** Name of the environment variable that holds the password. */
  readonly passwordVariable?: string;
  /** Name of the environment variable that holds the path of the CA's PEM; used where the endpoint has its own CA. */
  readonly caFileVariable?: string;
}

/**
 * Settings that reconnect at a failover: limits for connecting and for silence, a retry on READONLY, Sentinel asked
 * again at each connection. Passwords and CA come from the environment and are never part of the text.
 *
 * valkey-glide is missing on purpose where Sentinel runs: it has no Sentinel support (valkey-glide#2761).
 *
 * @param endpoint - the endpoint, as plain text
 * @param options - login and names of the environment variables
 */
export function clientSettings(endpoint: CacheEndpoint<string>, options: ClientOptions): ClientSettings {
  const snippet: Snippet = {
    login: options.login,
    password: options.passwordVariable ?? 'CACHETIER_PASSWORD',
    caFile: options.caFileVariable ?? 'CACHETIER_CA_FILE',
    ownCa: endpoint.tls.ca !== null,
  };
  return {
    ioredis: ioredis(endpoint, snippet),
    ioredisWait: ioredisWait(endpoint),
    bullmq: bullmq(endpoint, snippet),
    redisPy: redisPy(endpoint, snippet),
    goRedis: goRedis(endpoint, snippet),
    sidekiq: sidekiq(endpoint, snippet),
  };
}
