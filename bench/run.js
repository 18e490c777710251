/**
 * Runs a benchmark by name: `npm run bench -- synth`. Each measures ours and its reference in one run and prints a ratio.
 */
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const names = readdirSync(__dirname)
  .filter((entry) => entry.endsWith('.js') && entry !== 'run.js')
  .map((entry) => entry.replace(/\.js$/, ''))
  .sort();
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- ${names.join('|')}`);
  process.exitCode = 2;
} else {
  process.exitCode =
    spawnSync(process.execPath, [require.resolve(join(__dirname, name)), ...rest], { stdio: 'inherit' }).status ?? 1;
}
