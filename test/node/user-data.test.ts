import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import { renderUserData } from '../../constructs/node';
import { tools } from '../support/tools';
import { cloudConfig, hostKey, writeBelow } from './disk';
import { hetznerPlans, nodesPlan, richest, smallest } from './plans';
import { makeSecrets } from './secrets';

const options = { sshHostKey: hostKey };

/** Plans that differ in their engine only have the same user data; each text is checked once. */
const texts = [...new Set(hetznerPlans.map(([, plan]) => renderUserData(plan, 'a', options)))];

test.each(texts)('cloud-init accepts the user data of every plan', async (content) => {
  const root = writeBelow([{ path: '/user-data', mode: '0600', content }]);
  const { file, env } = await tools();
  const done = await run(file('cloud-init'), ['schema', '--config-file', join(root, 'user-data')], { env });
  rmSync(root, { recursive: true });
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('Valid schema') });
});

test('cloud-init refuses a key that it does not know, so the check above can fail', async () => {
  const content = renderUserData(nodesPlan(smallest), 'a', options).replace('write_files:', 'write_filez:');
  const root = writeBelow([{ path: '/user-data', mode: '0600', content }]);
  const { file, env } = await tools();
  const done = await run(file('cloud-init'), ['schema', '--config-file', join(root, 'user-data')], { env });
  rmSync(root, { recursive: true });
  expect(done.status).not.toBe(0);
});

test.each(hetznerPlans)('user data of %s stays below 16 KiB', (_name, plan) => {
  expect(Buffer.byteLength(renderUserData(plan, 'c', options))).toBeLessThan(16 * 1024);
});

test('user data is the same whatever the engine is told', () => {
  const before = renderUserData(nodesPlan(smallest), 'b', options);
  const after = renderUserData(
    nodesPlan({
      ...smallest,
      dataset: '1GiB',
      durability: 'always',
      engine: { version: '8.1', settings: { timeout: 10 } },
      access: { ...smallest.access, clients: ['10.20.3.0/24'], users: [{ name: 'other', keys: 'x:*' }] },
      monitoring: richest.monitoring,
      backup: richest.backup,
    }),
    'b',
    options,
  );
  expect(after).toBe(before);
});

test('user data holds the host key and no other secret', async () => {
  const plan = nodesPlan(richest);
  const text = renderUserData(plan, 'a', options);
  const secrets = await makeSecrets(plan);
  expect(cloudConfig(plan).ssh_keys['ed25519_private']).toBe(hostKey.privateKey);
  for (const [letter, pair] of Object.entries(secrets.nodes)) {
    expect(text).not.toContain(pair.privateKey.split('\n')[1] ?? letter);
  }
  expect(text).not.toMatch(/sha256|requirepass|masterauth|auth-pass|ACCESS_KEY/i);
});

test('services are masked and the host is closed before any package is installed', () => {
  const script = cloudConfig(nodesPlan(smallest)).bootcmd[0]?.at(-1) ?? '';
  for (const name of ['valkey-server', 'valkey-sentinel', 'prometheus-redis-exporter', 'prometheus-node-exporter']) {
    expect(script).toMatch(new RegExp(`systemctl mask .*${name}\\.service`));
  }
  expect(script.indexOf('systemctl mask')).toBeLessThan(script.indexOf('nft -f'));
  expect(script).toContain('policy drop');
  expect(script).toContain('elements = { 203.0.113.7/32 }');
  expect(script).not.toContain('6379');
});

test('the shell accepts what runs at the first boot', async () => {
  const { bootcmd, runcmd } = cloudConfig(nodesPlan(richest));
  for (const command of [...bootcmd, ...runcmd]) {
    const done = await run('sh', ['-n'], { input: command.at(-1) });
    expect(done).toMatchObject({ status: 0, stderr: '' });
  }
});

test('upgrades of Valkey wait for the operator', () => {
  const { write_files: files, runcmd } = cloudConfig(nodesPlan(smallest));
  expect(files.find(({ path }) => path.startsWith('/etc/apt/apt.conf.d/'))?.content).toContain(
    'Unattended-Upgrade::Package-Blacklist { "^valkey"; };',
  );
  expect(runcmd.flat().join('\n')).toContain('apt-mark hold valkey-server valkey-sentinel valkey-tools');
});

test('refuses a letter that the tier does not have', () => {
  expect(() => renderUserData(nodesPlan(smallest), 'z', options)).toThrow('no node "z" in the placement, got a, b, c');
});
