import type { CacheEndpoint } from '../endpoint';
import { indent, type Snippet } from './snippet';

/** Options that both node forms share: a READONLY answer means the primary has moved, so the connection is made anew. */
const nodeResilience = [
  'keepAlive: 30000,',
  'retryStrategy: (times) => Math.min(times * 50, 1000),',
  "reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),",
];

function nodeTls(snippet: Snippet): string {
  return snippet.ownCa ? `{ ca: fs.readFileSync(process.env.${snippet.caFile}) }` : '{}';
}

function nodeHead(snippet: Snippet): string[] {
  return [...(snippet.ownCa ? ["const fs = require('node:fs');"] : []), "const Redis = require('ioredis');"];
}

/**
 * A node that lost its power, or is frozen, closes no connection: without a limit the client waits for its answer for
 * minutes (27 s and more were measured). Two seconds is when the other nodes call it down as well.
 *
 * ioredis' failoverDetector is left out on purpose: where its message meets a reconnection, the client ends for good.
 */
const limit = 'socketTimeout: 2000, // a command that blocks for longer needs a client of its own, with a longer limit';

/** A worker of BullMQ blocks for up to 10 s, so silence means something only after that. */
const blockingLimit = 'socketTimeout: 12000,';

function nodeOptions(endpoint: CacheEndpoint<string>, snippet: Snippet, silence: readonly string[]): string[] {
  const login = [`username: '${snippet.login}',`, `password: process.env.${snippet.password},`];
  switch (endpoint.mode) {
    case 'sentinel':
      return [
        `sentinels: [${endpoint.sentinels.map(({ host, port }) => `{ host: '${host}', port: ${port} }`).join(', ')}],`,
        `name: '${endpoint.primaryName}',`,
        ...login,
        `sentinelUsername: '${snippet.login}',`,
        `sentinelPassword: process.env.${snippet.password},`,
        `tls: ${nodeTls(snippet)},`,
        'enableTLSForSentinelMode: true,',
        `sentinelTLS: ${nodeTls(snippet)},`,
        'sentinelRetryStrategy: (times) => Math.min(times * 50, 1000),',
        'sentinelCommandTimeout: 500,',
        'disconnectTimeout: 100,',
        'connectTimeout: 500,',
        ...silence,
        ...nodeResilience,
      ];
    case 'standalone':
      return [
        `host: '${endpoint.primary.host}',`,
        `port: ${endpoint.primary.port},`,
        ...login,
        `tls: ${nodeTls(snippet)},`,
        'connectTimeout: 1000,',
        ...silence,
        ...nodeResilience,
      ];
    case 'cluster':
      return [...login, `tls: ${nodeTls(snippet)},`, 'connectTimeout: 1000,', 'keepAlive: 30000,'];
  }
}

function nodeConnection(
  endpoint: CacheEndpoint<string>,
  snippet: Snippet,
  silence: string,
  extra: readonly string[],
): string[] {
  const options = [...nodeOptions(endpoint, snippet, [silence]), ...extra];
  if (endpoint.mode !== 'cluster') return ['new Redis({', ...indent(options), '})'];
  // The certificate names the host, so the addresses that CLUSTER SLOTS gives are not resolved to anything else.
  return [
    `new Redis.Cluster([{ host: '${endpoint.configuration.host}', port: ${endpoint.configuration.port} }], {`,
    '  dnsLookup: (address, callback) => callback(null, address),',
    '  slotsRefreshTimeout: 2000,',
    '  redisOptions: {',
    ...indent(indent(options)),
    '  },',
    '})',
  ];
}

/** ioredis 5 or newer, and iovalkey. */
export function ioredis(endpoint: CacheEndpoint<string>, snippet: Snippet): string {
  return statement(nodeHead(snippet), 'const client = ', nodeConnection(endpoint, snippet, limit, []));
}

/**
 * BullMQ 5 or newer.
 *
 * Workers block on a command, so a request must never be given up: `maxRetriesPerRequest: null`.
 */
export function bullmq(endpoint: CacheEndpoint<string>, snippet: Snippet): string {
  const prefix = endpoint.mode === 'cluster' ? ", prefix: '{jobs}'" : '';
  const connection = statement(
    [...nodeHead(snippet), "const { Worker } = require('bullmq');"],
    'const connection = ',
    nodeConnection(endpoint, snippet, blockingLimit, ['maxRetriesPerRequest: null,']),
  );
  return `${connection}\nnew Worker('jobs', async (job) => job.data, { connection${prefix} });`;
}

/**
 * A write that survives the loss or the partition of the primary: it counts once a replica has it too. Refused writes
 * are tried again, since a new primary takes none until a replica follows it (NOREPLICAS).
 */
export function ioredisWait(endpoint: CacheEndpoint<string>): string {
  if (endpoint.mode !== 'sentinel')
    return '// there is no Sentinel here: the target itself says what an acknowledged write survives';
  return [
    '// For a write that may be repeated: without an answer nobody knows whether it was made.',
    'async function setSurely(key, value, attempts = 20) {',
    '  for (let attempt = 1; ; attempt += 1) {',
    "    const [write, wait] = await client.pipeline().set(key, value).call('WAIT', 1, 500).exec().catch((error) => [[error]]);",
    '    if (!write[0] && wait?.[1] >= 1) return;',
    '    if (attempt === attempts) throw write[0] ?? new Error(`no replica has ${key} yet`);',
    '    await new Promise((resolve) => setTimeout(resolve, Math.min(attempt * 50, 500)));',
    '  }',
    '}',
  ].join('\n');
}

function statement(head: readonly string[], start: string, expression: readonly string[]): string {
  const [first, ...rest] = expression;
  return [...head, `${start}${first ?? ''}`, ...rest].join('\n') + ';';
}
