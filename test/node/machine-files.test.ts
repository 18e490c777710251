import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../../constructs/local/run';
import { backupCommand, hetznerPlacement, nodeCommand, type NodeFile, renderMachineFiles } from '../../constructs/node';
import type { Backup } from '../../constructs/tier';
import { tools } from '../support/tools';
import { machineFiles, scriptsOf, writeBelow } from './disk';
import { hetznerPlans, nodesPlan, richest, smallest } from './plans';
import { makeSecrets } from './secrets';

/** Plans that differ in their engine only have the same scripts and units; each set is checked once. */
async function distinct(pick: (file: NodeFile) => boolean): Promise<readonly (readonly NodeFile[])[]> {
  const sets = new Map<string, readonly NodeFile[]>();
  for (const [, plan] of hetznerPlans) {
    const files = (await machineFiles(plan)).filter(pick);
    sets.set(files.map(({ path, content }) => `${path}\n${content}`).join('\n'), files);
  }
  return [...sets.values()];
}

test('shellcheck finds nothing in the scripts of any plan', async () => {
  const sets = await distinct((file) => scriptsOf([file]).length > 0);
  for (const scripts of sets) {
    const root = writeBelow(scripts);
    const { file, env } = await tools();
    const done = await run(file('shellcheck'), ['-x', ...scripts.map(({ path }) => join(root, path))], { env });
    rmSync(root, { recursive: true });
    expect(scripts.length).toBeGreaterThan(5);
    expect(done).toMatchObject({ status: 0, stdout: '' });
  }
}, 60_000);

test('Python reads every part of the keeper and the backup', async () => {
  const parts = (await machineFiles(nodesPlan(richest))).filter(({ path }) =>
    /\.py$|cachetier-(node|backup)$/.test(path),
  );
  const root = writeBelow(parts);
  const { file, env } = await tools();
  const done = await run(
    file('python3'),
    ['-W', 'error', '-m', 'py_compile', ...parts.map(({ path }) => join(root, path))],
    { env },
  );
  rmSync(root, { recursive: true });
  expect(parts.length).toBeGreaterThan(7);
  expect(done).toMatchObject({ status: 0, stderr: '' });
});

test('systemd accepts the units of every plan', async () => {
  const sets = await distinct(({ path }) => path.startsWith('/etc/systemd/'));
  expect(sets.length).toBeGreaterThan(1);
  for (const units of sets) {
    const all = await machineFiles(nodesPlan(richest));
    const root = writeBelow([
      ...units,
      ...scriptsOf(all),
      ...all.filter(({ path }) => [nodeCommand, backupCommand].includes(path)),
    ]);
    await addPackages(root);
    const names = units
      .map(({ path }) => path)
      .filter((path) => /^\/etc\/systemd\/system\/[^/]+\.(service|timer)$/.test(path))
      .map((path) => basename(path).replace('@.', '@daily.'));
    const ofPackages = ['valkey-server.service', 'valkey-sentinel.service', 'prometheus-node-exporter.service'];
    const done = await verify(root, [...names, ...ofPackages]);
    rmSync(root, { recursive: true });
    expect(names.length).toBeGreaterThan(4);
    expect(done).toMatchObject({ status: 0, stdout: '', stderr: '' });
  }
}, 60_000);

test('systemd names a key that it does not know, so the check above can fail', async () => {
  const unit = {
    path: '/etc/systemd/system/odd.service',
    mode: '0644',
    content: '[Service]\nExecStart=/bin/kill\nOdd=yes\n',
  };
  const root = writeBelow([unit]);
  await addPackages(root);
  const done = await verify(root, ['odd.service']);
  rmSync(root, { recursive: true });
  expect(done.stderr).toContain("Unknown key 'Odd'");
});

test('every secret file is closed to other accounts, and no other file holds a secret', async () => {
  const plan = nodesPlan(richest);
  const secrets = await makeSecrets(plan);
  const files = renderMachineFiles(plan, 'a', hetznerPlacement(plan), secrets);
  const values: string[] = [
    ...Object.values<string>({ ...secrets.internal }),
    ...Object.values(secrets.users),
    ...Object.values(secrets.buckets).map(({ secretAccessKey }) => secretAccessKey),
    'PRIVATE KEY',
  ];
  for (const { path, secret, mode, content } of files) {
    if (secret) expect([path, mode]).toEqual([path, '0600']);
    else expect([path, values.filter((value) => content.includes(value))]).toEqual([path, []]);
  }
  expect(files.filter(({ secret }) => secret).length).toBeGreaterThan(6);
});

test('only the files that Valkey and Sentinel rewrite are seeded once', async () => {
  const files = await machineFiles(nodesPlan(richest));
  expect(files.filter(({ seedOnce }) => seedOnce).map(({ path }) => path)).toEqual([
    '/etc/valkey/valkey.conf',
    '/etc/valkey/sentinel.conf',
  ]);
});

test('no file is written twice', async () => {
  const paths = (await machineFiles(nodesPlan(richest))).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
});

test('a tier without buckets has no backup files, and units come with what they are for', async () => {
  const units = async (backup: Partial<Backup>): Promise<string[]> => {
    const files = await machineFiles(nodesPlan({ ...richest, backup: { ...richest.backup, ...backup } }));
    return files.map(({ path }) => basename(path)).filter((name) => /^cachetier-(backup|drill|ship)\./.test(name));
  };
  const without = (await machineFiles(nodesPlan(smallest))).map(({ path }) => path);
  expect(without.filter((path) => /backup/.test(path) && /^\/etc/.test(path))).toEqual([]);
  expect(without).toContain(backupCommand);
  const always = ['cachetier-backup.service', 'cachetier-backup.timer'];
  expect(await units({ drill: 'none' })).toEqual(always);
  expect(await units({})).toEqual([...always, 'cachetier-drill.service', 'cachetier-drill.timer']);
  expect(await units({ drill: 'none', continuous: true })).toEqual([...always, 'cachetier-ship.service']);
});

test('servers that notify systemd are not waited for by a file that they do not write', async () => {
  const dropIns = (await machineFiles(nodesPlan(smallest))).filter(({ path }) => /valkey-.*\.service\.d/.test(path));
  expect(dropIns).toHaveLength(2);
  for (const { content } of dropIns) expect(content).toContain('\nPIDFile=\n');
});

test.each(['backup', 'drill'])('systemd understands when to look at a %s', async (what) => {
  const files = await machineFiles(nodesPlan(richest));
  const timer = files.find(({ path }) => path.endsWith(`cachetier-${what}.timer`));
  const calendar = /^OnCalendar=(.*)$/m.exec(timer?.content ?? '')?.[1] ?? '';
  const { file, env } = await tools();
  expect(await run(file('systemd-analyze'), ['calendar', calendar], { env })).toMatchObject({ status: 0 });
});

test.each([
  ['a bucket without a key', { buckets: {} }, 'no key for the bucket "r2:orders-r2"'],
  ['backups without a key', { backupKey: undefined }, 'no key for the backups'],
  ['a user without a password', { users: {} }, 'no password for user "app"'],
  ['a node without a certificate', { nodes: {} }, 'no certificate for node "a"'],
] as const)('refuses %s', async (_what, lack, message) => {
  const plan = nodesPlan(richest);
  const secrets = { ...(await makeSecrets(plan)), ...lack };
  expect(() => renderMachineFiles(plan, 'a', hetznerPlacement(plan), secrets)).toThrow(message);
});

test('refuses an internal password that Sentinel would not write back whole', async () => {
  const plan = nodesPlan(smallest);
  const secrets = await makeSecrets(plan);
  const odd = { ...secrets, internal: { ...secrets.internal, sentinel: 'has a blank and is long enough' } };
  expect(() => renderMachineFiles(plan, 'a', hetznerPlacement(plan), odd)).toThrow('internal password "sentinel"');
});

/** Units and programs of the packages, as they lie on the image. */
async function addPackages(root: string): Promise<void> {
  const { trees } = await tools();
  const units = 'usr/lib/systemd/system';
  for (const tree of [trees.others, trees.valkey])
    cpSync(join(tree.root, units), join(root, units), { recursive: true });
  const programs = [
    [
      trees.others.root,
      ['usr/bin/systemctl', 'usr/sbin/nft', 'usr/bin/prometheus-redis-exporter', 'usr/bin/prometheus-node-exporter'],
    ],
    [trees.valkey.root, ['usr/bin/valkey-server', 'usr/bin/valkey-sentinel']],
  ] as const;
  for (const [tree, names] of programs) {
    for (const name of names) cpSync(join(tree, name), join(root, name), { dereference: true });
  }
  // Every image has them; no package of ours brings them.
  for (const program of ['bin/kill', 'usr/bin/true', 'usr/bin/python3']) {
    mkdirSync(join(root, program, '..'), { recursive: true });
    writeFileSync(join(root, program), '');
    chmodSync(join(root, program), 0o755);
  }
}

async function verify(root: string, units: readonly string[]): ReturnType<typeof run> {
  const { file, env } = await tools();
  // It wants a folder below /run, which only root can make, and only where systemd runs is there already.
  const script = 'mount -t tmpfs none /run && exec "$@"';
  const args = [file('systemd-analyze'), `--root=${root}`, '--man=no', 'verify', ...units];
  return run('unshare', ['-rm', 'sh', '-c', script, 'verify', ...args], { env });
}
