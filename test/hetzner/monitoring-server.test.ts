import { CacheTier } from '../../constructs/hetzner';
import { check, type CacheTierConfig, plan } from '../../constructs/tier';
import { isSecret, openTexts, plainOf, record, type Recorded } from './recorded';

/** A server with Prometheus beside the nodes, as it is registered with the engine. */
const config: CacheTierConfig = {
  name: 'orders',
  workload: 'cache',
  dataset: '2GiB',
  access: { admin: ['203.0.113.7/32'] },
  monitoring: {
    prometheus: { from: ['10.20.9.10/32'] },
    notify: { email: 'ops@example.com' },
    server: { smtp: { relay: 'smtp.example.com:587', from: 'alerts@example.com', login: 'alerts' } },
  },
  target: { kind: 'hetzner' },
};

const smtpPassword = 'a-password-for-the-relay';

function named(resources: readonly Recorded[], name: string): Recorded {
  const found = resources.find((resource) => resource.custom && resource.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

test('the plan has it: a small server on an address of its own, which scrapes the nodes, at its price', () => {
  const made = plan(config);
  if (made.target.kind !== 'hetzner') throw new Error('it is planned for hetzner');
  expect(made.target.monitoringServer).toEqual({
    name: 'orders-monitoring',
    address: '10.20.1.10',
    serverType: 'cx23',
    smtp: { relay: 'smtp.example.com:587', from: 'alerts@example.com', login: 'alerts' },
  });
  expect(made.monitoring.prometheusFrom).toEqual(['10.20.9.10/32', '10.20.1.10/32']);
  expect(made.price.items.map(({ what }) => what)).toContain('monitoring server cx23');
  const { plan: without } = check({ ...config, monitoring: {} });
  expect(without?.target).toMatchObject({ monitoringServer: null });
});

test('it is a server without protection, told what it is by SSH with its host key pinned; the password stays secret', async () => {
  const resources = await record(() => {
    new CacheTier('orders', { config, smtpPassword });
  });
  const server = named(resources, 'orders-monitoring').inputs;
  expect(plainOf(server['serverType'])).toBe('cx23');
  expect(plainOf(server['deleteProtection'])).toBeUndefined();
  const apply = named(resources, 'orders-monitoring-apply').inputs;
  expect(isSecret(apply['stdin'])).toBe(true);
  expect(isSecret(apply['connection'])).toBe(true);
  const payload = String(plainOf(apply['stdin']));
  expect(payload).toMatch(/^cachetier-apply\/1\n/);
  expect(payload).toContain(Buffer.from(smtpPassword).toString('base64'));
  expect(openTexts(resources.map(({ inputs }) => inputs)).join('\n')).not.toContain(smtpPassword);
});

test('a login without its password is refused before anything is made', async () => {
  await expect(
    record(() => {
      new CacheTier('orders', { config });
    }),
  ).rejects.toThrow(/monitoring.server.smtp.login: .*smtpPassword/);
});
