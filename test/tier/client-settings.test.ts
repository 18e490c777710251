import { spawnSync } from 'node:child_process';
import { Script } from 'node:vm';
import { clientSettings } from '../../constructs/tier/client-settings';
import type { CacheEndpoint } from '../../constructs/tier/endpoint';
import { tools } from '../support/tools';

const endpoints: readonly CacheEndpoint<string>[] = [
  {
    mode: 'sentinel',
    tls: { ca: 'pem' },
    primaryName: 'orders',
    sentinels: ['10.20.1.11', '10.20.1.12', '10.20.1.13'].map((host) => ({ host, port: 26379 })),
  },
  { mode: 'standalone', tls: { ca: null }, primary: { host: 'primary.example', port: 6379 }, reader: null },
  { mode: 'cluster', tls: { ca: null }, configuration: { host: 'cluster.example', port: 6379 }, reader: null },
];

describe.each(endpoints)('ready-made settings for $mode', (endpoint) => {
  const settings = clientSettings(endpoint, { login: 'orders-app-123456789' });

  test.each(Object.entries(settings))('never carry a password: %s', (_library, text) => {
    expect(text).not.toMatch(/password\s*[:=]\s*["'][^"']/i);
  });

  test('are JavaScript that parses', () => {
    expect(() => new Script(settings.ioredis)).not.toThrow();
    expect(() => new Script(settings.bullmq)).not.toThrow();
  });

  test('let a BullMQ worker wait for ever, because it blocks on its command', () => {
    expect(settings.bullmq).toContain('maxRetriesPerRequest: null');
  });

  test('are Python that parses', async () => {
    const { file, env } = await tools();
    const python = spawnSync(file('python3'), ['-c', 'import ast,sys; ast.parse(sys.stdin.read())'], {
      input: settings.redisPy,
      env,
    });
    expect(python.stderr.toString()).toBe('');
    expect(python.status).toBe(0);
  });

  test('give the client the CA exactly where the tier has its own', () => {
    expect(settings.ioredis.includes('CACHETIER_CA_FILE')).toBe(endpoint.tls.ca !== null);
    expect(settings.redisPy.includes('CACHETIER_CA_FILE')).toBe(endpoint.tls.ca !== null);
  });
});

test('Sidekiq is told that it does not run on a cluster', () => {
  const [, , cluster] = endpoints;
  if (!cluster) throw new Error('the cluster endpoint is missing from the table');
  expect(clientSettings(cluster, { login: 'app' }).sidekiq).toMatch(/does not run on a cluster/);
});
