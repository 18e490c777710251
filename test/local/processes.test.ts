import { spawn } from 'node:child_process';
import { identify, isRunning, signal } from '../../constructs/local/processes';
import { stop } from '../../constructs/local/launcher';
import { eventually } from '../support/eventually';

test('a process that got the number of an earlier one is neither taken for it nor signalled', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const now = identify(child.pid ?? 0);
  if (!now) throw new Error('sleep does not run');
  const earlier = { ...now, started: `${now.started}0` };
  expect([isRunning(now), isRunning(earlier)]).toEqual([true, false]);
  signal(earlier, 'SIGKILL');
  await stop({ kind: 'process', ...earlier });
  expect(isRunning(now)).toBe(true);
  signal(now, 'SIGKILL');
  await ended;
  await eventually(() => expect(isRunning(now)).toBe(false));
});

test('a number that no process has is nobody', () => {
  expect(identify(2 ** 22 + 1)).toBeNull();
});

test('a process that ignores the request to stop is killed', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error('sh does not run');
  await stop({ kind: 'process', ...identity });
  expect(isRunning(identity)).toBe(false);
}, 40_000);
