import { plan, type CacheTierConfig } from '../../constructs/tier';

const base: CacheTierConfig = { name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'elasticache' } };

test('a setting that the service does not take is accepted by name, and never reaches its parameter group', () => {
  const drawn = plan({
    ...base,
    engine: { settings: { 'io-threads': 2, timeout: 300 } },
    accept: [{ gap: 'engine-setting', because: 'the service tunes its own threads' }],
  });
  expect(drawn.target).toMatchObject({ parameters: { 'maxmemory-policy': 'allkeys-lru', timeout: '300' } });
  expect(JSON.stringify(drawn.target)).not.toContain('io-threads');
  expect(drawn.engine.settings).toEqual({ timeout: '300' });
});

test('amounts and buffer limits are spelled as the service has them', () => {
  const drawn = plan({
    ...base,
    engine: { settings: { 'repl-backlog-size': '64mb', 'client-output-buffer-limit': 'pubsub 32mb 8mb 60' } },
  });
  expect(drawn.target).toMatchObject({
    parameters: {
      'repl-backlog-size': '67108864',
      'client-output-buffer-limit-pubsub-hard-limit': '33554432',
      'client-output-buffer-limit-pubsub-soft-limit': '8388608',
      'client-output-buffer-limit-pubsub-soft-seconds': '60',
    },
  });
});

test('a replication backlog that the config names is the one that nodes get', () => {
  const drawn = plan({ ...base, engine: { settings: { 'repl-backlog-size': '128mb' } }, target: { kind: 'local' } });
  expect(drawn.target).toMatchObject({ replBacklogBytes: 128 * 2 ** 20 });
});

test('synchronous durability on ElastiCache turns the cluster protocol on, and the log', () => {
  const drawn = plan({ ...base, durability: 'synchronous' });
  expect(drawn.target).toMatchObject({
    durability: 'sync',
    clusterMode: 'enabled',
    multiAz: true,
    automaticFailover: true,
  });
  expect(drawn.endpointMode).toBe('cluster');
});
