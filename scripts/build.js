/**
 * Compiles dist/. It is compiled elsewhere and then put in place: a build that fails leaves the last good one, nothing
 * of a source that is gone is left in it, and who runs from it never finds half of it.
 *
 * `--if-stale` does nothing where no source has changed since.
 */
const { spawnSync } = require('node:child_process');
const {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const dist = join(root, 'dist');
const fresh = join(root, 'node_modules/.cache/cachetier', `dist-${process.pid}`);
const stamp = 'build.stamp';

/** Path, size and time of every file that the build reads. */
function sources() {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'));
  const below = include.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, name)),
  );
  const own = ['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name));
  return [...below, ...own]
    .filter((path) => statSync(path).isFile())
    .map((path) => [relative(root, path), statSync(path).size, statSync(path).mtimeMs].join(' '))
    .sort()
    .join('\n');
}

function isCurrent(read) {
  const file = join(dist, stamp);
  return existsSync(file) && readFileSync(file, 'utf8') === read;
}

function build(read) {
  mkdirSync(fresh, { recursive: true });
  try {
    const args = [require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
    // npx runs the file itself, and the compiler writes it as it writes every other.
    chmodSync(join(fresh, 'cli/main.js'), 0o755);
    writeFileSync(join(fresh, stamp), read);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return 0;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const read = sources();
if (!(process.argv.includes('--if-stale') && isCurrent(read))) process.exitCode = build(read);
