import type { CacheEndpoint } from '../endpoint';
import { indent, type Snippet } from './snippet';

/** Options that both node forms share: a READONLY answer means the primary has moved, so the connection is made anew. */
const nodeResilience = [
  'connectTimeout: 1000,',
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

function nodeOptions(endpoint: CacheEndpoint<string>, snippet: Snippet): string[] {
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
        ...nodeResilience,
      ];
    case 'standalone':
      return [
        `host: '${endpoint.primary.host}',`,
        `port: ${endpoint.primary.port},`,
        ...login,
        `tls: ${nodeTls(snippet)},`,
        ...nodeResilience,
      ];
    case 'cluster':
      return [...login, `tls: ${nodeTls(snippet)},`, 'connectTimeout: 1000,', 'keepAlive: 30000,'];
  }
}

function nodeConnection(endpoint: CacheEndpoint<string>, snippet: Snippet, extra: readonly string[]): string[] {
  const options = [...nodeOptions(endpoint, snippet), ...extra];
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
  return statement(nodeHead(snippet), 'const client = ', nodeConnection(endpoint, snippet, []));
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
    nodeConnection(endpoint, snippet, ['maxRetriesPerRequest: null,']),
  );
  return `${connection}\nnew Worker('jobs', async (job) => job.data, { connection${prefix} });`;
}

function statement(head: readonly string[], start: string, expression: readonly string[]): string {
  const [first, ...rest] = expression;
  return [...head, `${start}${first ?? ''}`, ...rest].join('\n') + ';';
}
