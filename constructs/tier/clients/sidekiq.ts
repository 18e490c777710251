import type { CacheEndpoint } from '../endpoint';
import { indent, type Snippet } from './snippet';

/** Sidekiq 7 or newer. It has no cluster support: its scripts touch several keys at once. */
export function sidekiq(endpoint: CacheEndpoint<string>, snippet: Snippet): string {
  if (endpoint.mode === 'cluster') return '# Sidekiq does not run on a cluster: choose a target with one shard';
  const login = [`username: "${snippet.login}",`, `password: ENV.fetch("${snippet.password}"),`];
  const tls = snippet.ownCa ? [`ssl_params: { ca_file: ENV.fetch("${snippet.caFile}") },`] : [];
  const where =
    endpoint.mode === 'sentinel'
      ? [
          `url: "rediss://${endpoint.primaryName}",`,
          `sentinels: [${endpoint.sentinels.map(({ host, port }) => `{ host: "${host}", port: ${port} }`).join(', ')}],`,
          `sentinel_username: "${snippet.login}",`,
          `sentinel_password: ENV.fetch("${snippet.password}"),`,
          'role: :master,',
        ]
      : [`url: "rediss://${endpoint.primary.host}:${endpoint.primary.port}",`];
  const options = [...where, ...login, ...tls, 'timeout: 1,', 'reconnect_attempts: 3,'];
  const block = (side: string): string[] => [`Sidekiq.configure_${side} { |config| config.redis = OPTIONS }`];
  return ['OPTIONS = {', ...indent(options), '}', ...block('server'), ...block('client')].join('\n');
}
