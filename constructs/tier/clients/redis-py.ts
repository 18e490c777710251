import type { CacheEndpoint } from '../endpoint';
import type { Snippet } from './snippet';

/** redis-py 5 or newer, and valkey-py. */
export function redisPy(endpoint: CacheEndpoint<string>, snippet: Snippet): string {
  const tls = ['ssl=True', ...(snippet.ownCa ? [`ssl_ca_certs=os.environ["${snippet.caFile}"]`] : [])].join(', ');
  const login = `username="${snippet.login}", password=os.environ["${snippet.password}"]`;
  const common = `${login}, ${tls}, socket_connect_timeout=1, socket_timeout=1, health_check_interval=30`;
  switch (endpoint.mode) {
    case 'sentinel': {
      const sentinels = endpoint.sentinels.map(({ host, port }) => `("${host}", ${port})`).join(', ');
      return [
        'import os',
        'from redis.sentinel import Sentinel',
        `sentinel = Sentinel([${sentinels}],`,
        `    sentinel_kwargs=dict(${login}, ${tls}, socket_connect_timeout=1, socket_timeout=1))`,
        `client = sentinel.master_for("${endpoint.primaryName}", ${common})`,
      ].join('\n');
    }
    case 'standalone':
      return [
        'import os',
        'import redis',
        `client = redis.Redis(host="${endpoint.primary.host}", port=${endpoint.primary.port}, ${common})`,
      ].join('\n');
    case 'cluster':
      return [
        'import os',
        'from redis.cluster import RedisCluster',
        `client = RedisCluster(host="${endpoint.configuration.host}", port=${endpoint.configuration.port}, ${common})`,
      ].join('\n');
  }
}
