import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Handover, TierStatus } from '../../constructs/local';
import { findValkey } from '../../constructs/local/binaries';
import { type Finished, run } from '../../constructs/local/run';
import { processesUnder } from '../support/local-tier';
import { tools } from '../support/tools';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'cachetier-cli-'));
const config = join(root, 'orders.yaml');
const state = join(root, 'state/cachetier');

beforeAll(async () => {
  await tools();
  writeFileSync(config, 'name: orders\nstage: dev\nworkload: job-queue\ndataset: 64MiB\ntarget:\n  kind: hetzner\n');
});

afterAll(async () => {
  await cachetier('down', 'orders-dev', '--delete-data');
  const left = processesUnder(root);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  rmSync(root, { recursive: true });
  expect(left).toEqual([]);
});

test('without a tier, status and down say how to start one and end with 2', async () => {
  for (const command of ['status', 'down', 'failover']) {
    const done = await cachetier(command);
    expect([done.status, done.stderr]).toEqual([
      2,
      expect.stringContaining('no tier on this machine; start one by: cachetier up FILE'),
    ]);
    const named = await cachetier(command, 'orders');
    expect([named.status, named.stderr]).toEqual([
      2,
      expect.stringContaining('no tier "orders" on this machine; there is none'),
    ]);
  }
});

test('a refused config ends up with 1 and starts nothing; a missing file with 2', async () => {
  const bad = join(root, 'bad.yaml');
  writeFileSync(
    bad,
    'name: orders\nworkload: job-queue\ndataset: 64MiB\nevictionPolicy: allkeys-lru\ntarget:\n  kind: local\n',
  );
  expect((await cachetier('up', bad)).status).toBe(1);
  expect((await cachetier('up', join(root, 'none.yaml'))).status).toBe(2);
  expect(existsSync(state)).toBe(false);
});

test('up runs a config for another target here, shows progress and settings to paste, and no password', async () => {
  const done = await cachetier('up', config);
  expect(done.status).toBe(0);
  expect(done.stderr).toContain('starting valkey a');
  expect(done.stdout).toMatch(/orders-dev made, 6 processes started/);
  expect(done.stdout).toContain("name: 'orders-dev'");
  const password = readFileSync(join(state, 'orders-dev/passwords/app'), 'utf8');
  expect(`${done.stdout}${done.stderr}`).not.toContain(password);
  expect(readdirSync(state)).toEqual(['orders-dev']);
});

test('up again says that it was up, and gives the same as JSON', async () => {
  expect((await cachetier('up', config)).stdout).toMatch(/orders-dev was up already/);
  const { stdout, stderr } = await cachetier('up', config, '--json');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    folder: join(state, 'orders-dev'),
    created: false,
    started: [],
    outputs: { endpoint: { mode: 'sentinel', primaryName: 'orders-dev' }, caFile: join(state, 'orders-dev/ca.crt') },
  });
});

test.each([
  ['the only one'],
  ['its name', 'orders-dev'],
  ['its config', config],
  ['its folder', '--dir', join(state, 'orders-dev')],
])('status finds the tier by %s', async (_how, ...args) => {
  const done = await cachetier('status', ...args);
  expect([done.status, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toMatch(/orders-dev {2}whole/);
  expect(done.stdout.match(/ replica /g)).toHaveLength(2);
});

test('failover moves the primary, and status agrees', async () => {
  const done = await cachetier('failover', '--json');
  const { from, to } = JSON.parse(done.stdout) as Handover;
  expect([done.status, from]).toEqual([0, 'a']);
  const now = JSON.parse((await cachetier('status', '--json')).stdout) as TierStatus;
  expect([now.healthy, now.primary]).toEqual([true, to]);
});

test('status --watch shows it anew until it is interrupted, and ends with what it saw last', async () => {
  const child = spawn(jiti(), [cli, 'status', '--watch', '--json'], {
    env: env(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const seen: TierStatus[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(JSON.parse(line) as TierStatus);
    if (seen.length === 3) child.kill('SIGINT');
  });
  const code = await new Promise((ended) => child.once('close', ended));
  expect(code).toBe(0);
  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect(seen.every(({ healthy, nodes }) => healthy && nodes.length === 3)).toBe(true);
});

test('status ends with 3 when a node is gone, and names it', async () => {
  const now = JSON.parse((await cachetier('status', '--json')).stdout) as TierStatus;
  const lost = now.nodes.find(({ letter }) => letter !== now.primary);
  process.kill(lost?.pids.valkey ?? 0, 'SIGKILL');
  const done = await cachetier('status');
  expect(done.status).toBe(3);
  expect(done.stdout).toContain(`valkey ${lost?.letter} does not answer`);
  expect((await cachetier('failover')).status).toBe(3);
  expect((await cachetier('up', config)).stdout).toMatch(/orders-dev is up again, 1 processes? started/);
});

test('down stops all and keeps the folder; with --delete-data nothing is left', async () => {
  const done = await cachetier('down');
  expect([done.status, done.stdout]).toEqual([0, expect.stringMatching(/6 processes stopped; .*orders-dev is kept/)]);
  expect(processesUnder(root)).toEqual([]);
  expect((await cachetier('status')).status).toBe(3);
  expect((await cachetier('down', 'orders-dev', '--delete-data')).stdout).toMatch(/orders-dev is removed/);
  expect(readdirSync(state)).toEqual([]);
});

test('an interrupted up stops what it started', async () => {
  const folder = join(root, 'interrupted');
  // The third server takes its time, so that the interruption comes before the end however slow this test is.
  const { program } = await findValkey('8.1');
  const slow = join(root, 'slow');
  mkdirSync(slow);
  const script = `#!/bin/sh\ncase "$*" in *${folder}/c/*) exec sleep 60 ;; esac\nexec '${program}' "$@"\n`;
  writeFileSync(join(slow, 'valkey-server'), script, { mode: 0o755 });
  const child = spawn(jiti(), [cli, 'up', config, '--dir', folder], {
    env: { ...env(), PATH: `${slow}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
    if (!child.killed && said.includes('starting valkey c')) child.kill('SIGINT');
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect([status, said]).toEqual([3, expect.stringContaining('interrupted; what was started is stopped')]);
  expect(existsSync(folder)).toBe(false);
  expect(processesUnder(folder)).toEqual([]);
});

test('the demo runs, verifies and leaves a whole tier, twice', async () => {
  const folder = join(root, 'demo');
  mkdirSync(folder);
  for (let time = 0; time < 2; time += 1) {
    const done = await cachetier('demo', config, '--dir', folder);
    expect([done.status, done.stdout]).toEqual([0, expect.any(String)]);
    for (const line of [
      'write and read: 50 writes',
      'refused without TLS',
      'refused without password: NOAUTH',
      'ended by SIGKILL',
      'write again: the same client',
      'nothing lost: all 100 acknowledged writes are there',
      `npx cachetier down --dir ${folder} --delete-data`,
    ]) {
      expect(done.stdout).toContain(line);
    }
    expect((await cachetier('status', '--dir', folder)).status).toBe(0);
  }
  expect((await cachetier('down', '--dir', folder, '--delete-data')).status).toBe(0);
  expect(existsSync(folder)).toBe(false);
});

const cli = join(__dirname, '../../cli/main.ts');

function jiti(): string {
  return join(__dirname, '../../node_modules/.bin/jiti');
}

/** The test's own state folder, and no installed Valkey beside the distribution's. */
function env(): NodeJS.ProcessEnv {
  // Jest sets it for its workers where it runs on a terminal, and Node warns of both at once.
  const { FORCE_COLOR: _jests, ...own } = process.env;
  return { ...own, XDG_STATE_HOME: join(root, 'state'), NO_COLOR: '1' };
}

function cachetier(...args: string[]): Promise<Finished> {
  return run(jiti(), [cli, ...args], { env: env(), timeoutMs: 110_000 });
}
