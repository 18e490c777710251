import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** Runs the built command line and gives back every module that it loaded. */
function loadedBy(...args: readonly string[]): readonly string[] {
  const program = `
    process.argv = [process.execPath, ...${JSON.stringify([join(root, 'dist/cli/main.js'), ...args])}];
    process.on('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
    require(process.argv[1]);`;
  const run = spawnSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
  expect(run.status).toBe(0);
  return JSON.parse(run.stderr) as readonly string[];
}

test('check of a YAML config loads no cloud SDK and no TypeScript loader', () => {
  const loaded = loadedBy('check', 'examples/session-store.yaml');
  expect(loaded.some((file) => file.includes('/node_modules/yaml/'))).toBe(true);
  expect(loaded.filter((file) => /node_modules\/(aws-cdk-lib|constructs|@pulumi|jiti|ioredis)\//.test(file))).toEqual(
    [],
  );
});

test('check of a TypeScript config loads its loader, and still no cloud SDK', () => {
  const loaded = loadedBy('check', 'examples/cache.ts');
  expect(loaded.some((file) => file.includes('/node_modules/jiti/'))).toBe(true);
  expect(loaded.filter((file) => /node_modules\/(aws-cdk-lib|constructs|@pulumi)\//.test(file))).toEqual([]);
});
