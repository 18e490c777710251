import type { CacheEndpoint } from '../endpoint';
import { indent, type Snippet } from './snippet';

/** go-redis 9 or newer. */
export function goRedis(endpoint: CacheEndpoint<string>, snippet: Snippet): string {
  const tls = snippet.ownCa ? '&tls.Config{RootCAs: pool}' : '&tls.Config{}';
  const pool = snippet.ownCa
    ? [
        `pem, _ := os.ReadFile(os.Getenv("${snippet.caFile}"))`,
        'pool := x509.NewCertPool()',
        'pool.AppendCertsFromPEM(pem)',
      ]
    : [];
  const login = [`Username: "${snippet.login}",`, `Password: os.Getenv("${snippet.password}"),`];
  const rest = [`TLSConfig: ${tls},`, 'DialTimeout: time.Second,'];
  switch (endpoint.mode) {
    case 'sentinel':
      return goCall(pool, 'redis.NewFailoverClient(&redis.FailoverOptions{', [
        `MasterName: "${endpoint.primaryName}",`,
        `SentinelAddrs: []string{${endpoint.sentinels.map(({ host, port }) => `"${host}:${port}"`).join(', ')}},`,
        `SentinelUsername: "${snippet.login}",`,
        `SentinelPassword: os.Getenv("${snippet.password}"),`,
        ...login,
        ...rest,
      ]);
    case 'standalone':
      return goCall(pool, 'redis.NewClient(&redis.Options{', [
        `Addr: "${endpoint.primary.host}:${endpoint.primary.port}",`,
        ...login,
        ...rest,
      ]);
    case 'cluster':
      return goCall(pool, 'redis.NewClusterClient(&redis.ClusterOptions{', [
        `Addrs: []string{"${endpoint.configuration.host}:${endpoint.configuration.port}"},`,
        ...login,
        ...rest,
      ]);
  }
}

function goCall(head: readonly string[], call: string, fields: readonly string[]): string {
  return [...head, `client := ${call}`, ...indent(fields), '})'].join('\n');
}
