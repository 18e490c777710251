/**
 * `cachetier check` on a YAML config against Node's own start, in turn. Goal: at most 300 ms beyond Node's start.
 */
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..');
const runs = Number(process.argv[2] ?? 15);
const ours = [join(root, 'dist/cli/main.js'), 'check', join(root, 'examples/session-store.yaml')];
const reference = ['-e', '0'];

/** Wall time of one whole process in milliseconds. */
function time(args) {
  const started = process.hrtime.bigint();
  const child = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (child.status !== 0) throw new Error(`exit code ${child.status}: ${args.join(' ')}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const times = { ours: [], reference: [] };
for (let index = 0; index <= runs; index += 1) {
  const pair = { ours: time(ours), reference: time(reference) };
  // The first pair warms the disk cache.
  if (index > 0) for (const key of ['ours', 'reference']) times[key].push(pair[key]);
}
const [check, node] = [median(times.ours), median(times.reference)];
console.log(`cachetier check   ${check.toFixed(0)} ms (median of ${runs})`);
console.log(`node -e 0         ${node.toFixed(0)} ms (median of ${runs})`);
console.log(`beyond Node       ${(check - node).toFixed(0)} ms, ratio ${(check / node).toFixed(2)}; goal: 300 ms`);
