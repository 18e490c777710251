import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Finished } from '../../constructs/local/run';
import {
  applyCommand,
  hetznerPlacement,
  type NodeFile,
  renderApplyPayload,
  renderMachineFiles,
} from '../../constructs/node';
import { cloudConfig } from './disk';
import { nodesPlan, richest } from './plans';
import { makeSecrets } from './secrets';

/** The receiver of user data, in a folder instead of on a machine. */
let root: string;
const script = cloudConfig(nodesPlan(richest)).write_files.find(({ path }) => path === applyCommand)?.content ?? '';
const me = userInfo();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cachetier-apply-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const file = (path: string, content: string, more: Partial<NodeFile> = {}): NodeFile => ({
  path,
  content,
  mode: '0640',
  owner: me.username,
  group: String(me.gid),
  secret: true,
  seedOnce: false,
  ...more,
});

function apply(input: string): Promise<Finished> {
  const receiver = join(root, 'receiver');
  writeFileSync(receiver, script, { mode: 0o755 });
  return run(receiver, [], { input, env: { ...process.env, CACHETIER_ROOT: join(root, 'disk') } });
}

function read(path: string): string {
  return readFileSync(join(root, 'disk', path), 'utf8');
}

test('every file of a machine arrives as it was rendered', async () => {
  const plan = nodesPlan(richest);
  const rendered = renderMachineFiles(plan, 'a', hetznerPlacement(plan), await makeSecrets(plan));
  // Accounts of the packages are not on this machine.
  const files = rendered.map((one) => ({ ...one, owner: me.username, group: String(me.gid) }));
  expect(await apply(renderApplyPayload(files))).toEqual({ status: 0, stdout: '', stderr: '' });
  for (const { path, content, mode } of files) {
    expect([path, read(path)]).toEqual([path, content]);
    expect([path, statSync(join(root, 'disk', path)).mode & 0o777]).toEqual([path, Number.parseInt(mode, 8)]);
  }
  expect(readdirSync(join(root, 'disk/run'))).toEqual(['cachetier-apply.lock']);
});

test('what the server rewrote is never written again, though the package had put a file there', async () => {
  mkdirSync(join(root, 'disk/etc/valkey'), { recursive: true });
  writeFileSync(join(root, 'disk/etc/valkey/valkey.conf'), 'of the package');
  const seed = file('/etc/valkey/valkey.conf', 'seed', { seedOnce: true });
  await apply(renderApplyPayload([seed]));
  expect(read('/etc/valkey/valkey.conf')).toBe('seed');
  writeFileSync(join(root, 'disk/etc/valkey/valkey.conf'), 'rewritten by Valkey');
  await apply(renderApplyPayload([{ ...seed, content: 'another seed' }]));
  expect(read('/etc/valkey/valkey.conf')).toBe('rewritten by Valkey');
});

test('other files are replaced, and content of any form arrives', async () => {
  const odd = 'a\n\n$HOME `id` "\'\\ ü\t\n  end';
  await apply(renderApplyPayload([file('/etc/x/y', 'first')]));
  await apply(renderApplyPayload([file('/etc/x/y', odd)]));
  expect(read('/etc/x/y')).toBe(odd);
});

test('the list of files tells the next run what is no longer sent', async () => {
  await apply(renderApplyPayload([file('/etc/a', '1'), file('/etc/b', '2')]));
  await apply(renderApplyPayload([file('/etc/a', '1')]));
  expect(read('/var/lib/cachetier/manifest')).toBe('/etc/a\n');
  expect(read('/var/lib/cachetier/manifest.previous')).toBe('/etc/a\n/etc/b\n');
});

test.each([
  ['nothing', '', 'no input'],
  ['input of another version', 'cachetier-apply/2\nend 0\n', 'different versions'],
  [
    'input that was cut short',
    renderApplyPayload([file('/etc/a', '1'), file('/etc/b', '2')])
      .split('\n')
      .slice(0, 2)
      .join('\n'),
    'input is incomplete',
  ],
  ['a file too few', renderApplyPayload([file('/etc/a', '1')]).replace('end 1', 'end 2'), 'got 1 files, needed 2'],
  [
    'content that does not decode',
    'cachetier-apply/1\n/etc/a 0600 root root always *\nend 1\n',
    'content of /etc/a does not decode',
  ],
  [
    'a path that is not absolute',
    'cachetier-apply/1\netc/a 0600 root root always YQ==\nend 1\n',
    'not an absolute path: etc/a',
  ],
])('refuses %s and changes nothing', async (_what, input, message) => {
  const done = await apply(input);
  expect(done.status).toBe(1);
  expect(done.stderr).toContain(message);
  expect(existsSync(join(root, 'disk/etc'))).toBe(false);
});

test('fails where the account of a file does not exist, without showing its content', async () => {
  const done = await apply(renderApplyPayload([file('/etc/a', 'the secret', { owner: 'nobody-of-that-name' })]));
  expect(done.status).toBe(1);
  expect(done.stderr).toContain('cannot give /etc/a to nobody-of-that-name');
  expect(existsSync(join(root, 'disk/etc/a'))).toBe(false);
  expect(done.stdout + done.stderr).not.toContain('the secret');
});

test('a payload refuses a path that would be read as two fields', () => {
  expect(() => renderApplyPayload([file('/etc/a b', '1')])).toThrow(
    'a file of a node needs plain names, got "/etc/a b"',
  );
});

test('a file is closed before its content is in it', async () => {
  const path = '/etc/deep/er/secret';
  await apply(renderApplyPayload([file(path, 'x', { mode: '0600' })]));
  expect(statSync(join(root, 'disk', path)).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(join(root, 'disk', path))).mode & 0o777).toBe(0o755);
  // The order is what matters, and only the script shows it.
  const steps = ['chown', 'chmod', 'cat "$content"', 'mv -f'].map((step) => script.indexOf(`  ${step}`));
  expect([...steps].sort((a, b) => a - b)).toEqual(steps);
  expect(steps[0]).toBeGreaterThan(0);
});
