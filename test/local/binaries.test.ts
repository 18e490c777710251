import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findValkey } from '../../constructs/local';
import { renderContainerArgs } from '../../constructs/local/container';
import { tools } from '../support/tools';

const root = mkdtempSync(join(tmpdir(), 'cachetier-path-'));
let made = 0;

beforeAll(() => tools(), 300_000);
afterAll(() => rmSync(root, { recursive: true }));

test('an installed Valkey is used as it is', async () => {
  const { trees } = await tools();
  const found = await findValkey('8.1', { path: trees.valkey.bin, kinds: ['path'] });
  expect(found).toEqual({
    kind: 'path',
    program: join(trees.valkey.bin, 'valkey-server'),
    image: null,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
  });
});

test('without an installed one the packages of the distribution are used', async () => {
  const found = await findValkey('8.1', { path: folderWith({}) });
  expect(found).toMatchObject({ kind: 'distribution', image: null });
});

test.each([
  ['an older release', 'Valkey server v=7.0.15 sha=0', /is 7\.0\.15, needed is 7\.2 or newer/],
  ['a build without TLS', 'Valkey server v=8.1.1 sha=0', /is built without TLS/],
  ['something else', 'hello', /does not tell its version/],
])('refuses %s on PATH', async (_what, version, reason) => {
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo "${version}" && exit\necho ">>> 'tls-port 0'"\nexit 1\n`;
  await expect(findValkey('8.1', { path: folderWith({ 'valkey-server': script }), kinds: ['path'] })).rejects.toThrow(
    reason,
  );
});

test('fails with everything that was tried and the command for each system', async () => {
  const failing = findValkey('8.1', { path: folderWith({}), kinds: ['path'] });
  await expect(failing).rejects.toThrow(/^no Valkey 7\.2 or newer on this machine: valkey-server is not on PATH\n/);
  for (const command of [
    'sudo apt install valkey-server valkey-sentinel',
    'sudo dnf install valkey',
    'brew install valkey',
  ]) {
    await expect(failing).rejects.toThrow(command);
  }
});

test("a container engine that works is used, with the image of the plan's version", async () => {
  const docker = '#!/bin/sh\n[ "$1" = info ] && exit 0\nexit 1\n';
  await withPath(folderWith({ docker }), async () => {
    const found = await findValkey('8.1', { kinds: ['container'] });
    expect(found).toMatchObject({ kind: 'container', image: 'docker.io/valkey/valkey:8.1', version: '8.1' });
  });
});

test('refuses a container engine that is installed but does not work, in its words', async () => {
  const docker = '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n';
  await withPath(folderWith({ docker }), async () => {
    await expect(findValkey('8.1', { kinds: ['container'] })).rejects.toThrow(
      /docker does not work: Cannot connect to the Docker daemon/,
    );
  });
});

test("a container runs as this account, on the host's network, with the folder of the tier alone", () => {
  const runtime = {
    kind: 'container',
    program: '/usr/bin/docker',
    image: 'docker.io/valkey/valkey:8.1',
    version: '8.1',
  } as const;
  const launch = {
    name: 'cachetier-orders-a-sentinel',
    config: '/t/a/config/sentinel.conf',
    sentinel: true,
    folder: '/t',
    output: '/t/a/log/x',
  };
  const args = renderContainerArgs(runtime, launch, { engine: 'docker', rootless: false, uid: 1000, gid: 1000 }).join(
    ' ',
  );
  expect(args).toBe(
    'run --detach --name cachetier-orders-a-sentinel --network host --volume /t:/t --workdir /t --security-opt label=disable ' +
      '--user 1000:1000 --entrypoint valkey-server docker.io/valkey/valkey:8.1 /t/a/config/sentinel.conf --sentinel',
  );
  const podman = renderContainerArgs(runtime, launch, { engine: 'podman', rootless: false, uid: 1000, gid: 1000 });
  expect(podman.join(' ')).toContain('--userns keep-id --user 1000:1000');
  const rootless = renderContainerArgs(runtime, launch, { engine: 'docker', rootless: true, uid: 1000, gid: 1000 });
  expect(rootless.join(' ')).toContain('--user 0:0');
});

function folderWith(programs: Record<string, string>): string {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Finds nothing but the programs of a folder. */
async function withPath(folder: string, task: () => Promise<void>): Promise<void> {
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    await task();
  } finally {
    process.env['PATH'] = path;
  }
}
