import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../../constructs/local/lock';

const folder = mkdtempSync(join(tmpdir(), 'cachetier-lock-'));
const path = join(folder, 'lock');
const options = { what: 'the thing', waitMs: 5000 };

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => expect(readdirSync(folder)).toEqual([]));

test('tasks that want the same lock run one after the other', async () => {
  let inside = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await delay(20);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(path, options, task)));
  expect(most).toBe(1);
});

test('a lock of a process that has ended is taken over by exactly one', async () => {
  const { pid } = spawnSync('true');
  let inside = 0;
  const results: number[] = [];
  writeFileSync(path, JSON.stringify({ pid, started: 'long ago', token: 'dead' }));
  await Promise.all(
    [1, 2, 3, 4].map(() =>
      withLock(path, options, async () => {
        results.push(++inside);
        await delay(5);
        inside -= 1;
      }),
    ),
  );
  expect(results).toEqual([1, 1, 1, 1]);
});

test('a lock is given back when the task fails', async () => {
  await expect(withLock(path, options, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('fails after the time, naming the process that holds the lock', async () => {
  const waited: number[] = [];
  await withLock(path, options, async () => {
    const second = withLock(path, { what: 'the thing', waitMs: 50, onWait: (pid) => waited.push(pid) }, () =>
      Promise.resolve(),
    );
    await expect(second).rejects.toThrow(`the thing is in use by process ${process.pid}; try again when it has ended`);
  });
  expect(waited).toEqual([process.pid]);
});
