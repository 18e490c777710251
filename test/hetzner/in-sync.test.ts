import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inSyncCommand } from '../../constructs/hetzner/in-sync';

const primary = 'role:master\r\nconnected_slaves:2\r\nmaster_failover_state:no-failover\r\n';
const replica = 'role:slave\r\nmaster_link_status:up\r\nmaster_sync_in_progress:0\r\n';
const syncing = 'role:slave\r\nmaster_link_status:down\r\nmaster_sync_in_progress:1\r\n';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cachetier-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command as the deploy step does, where Valkey gives these answers in turn and then repeats the last. */
function run(
  answers: readonly string[],
  { joined = true, patience = 25 } = {},
): { status: number | null; stderr: string; asked: number } {
  answers.forEach((answer, index) => writeFileSync(join(folder, `answer-${index}`), answer));
  if (joined) writeFileSync(join(folder, 'joined'), '');
  writeFileSync(
    join(folder, 'lib.sh'),
    `state="${folder}"
LETTER=b
valkey() {
  echo "$*" >>"${folder}/asked"
  local turn="$(($(wc -l <"${folder}/asked") - 1))"
  cat "${folder}/answer-$((turn < ${answers.length} ? turn : ${answers.length - 1}))"
}
`,
  );
  writeFileSync(join(folder, 'asked'), '');
  const { status, stderr } = spawnSync('sh', ['-c', inSyncCommand], {
    encoding: 'utf8',
    env: { ...process.env, CACHETIER_LIB: folder, CACHETIER_PATIENCE: String(patience) },
  });
  const asked = spawnSync('wc', ['-l', join(folder, 'asked')], { encoding: 'utf8' }).stdout;
  return { status, stderr, asked: Number.parseInt(asked, 10) };
}

test('goes on at once where the tier is not bootstrapped', () => {
  expect(run([syncing], { joined: false })).toEqual({ status: 0, stderr: '', asked: 0 });
});

test.each([
  ['a primary', primary],
  ['a replica that has caught up', replica],
])('goes on at %s', (_what, answer) => {
  expect(run([answer])).toEqual({ status: 0, stderr: '', asked: 1 });
});

test('waits for a replica that copies its primary', () => {
  expect(run([syncing, syncing, replica])).toEqual({ status: 0, stderr: '', asked: 3 });
});

test('fails, naming the node, where it does not catch up in time', () => {
  const { status, stderr } = run([syncing], { patience: 1 });
  expect(status).toBe(3);
  expect(stderr).toContain('node b does not serve or has not caught up after 1 s');
});

test('fails where Valkey does not answer', () => {
  expect(run([''], { patience: 1 }).status).toBe(3);
});
