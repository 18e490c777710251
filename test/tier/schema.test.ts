import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('the JSON Schema and the reference page are what config.ts says', () => {
  const run = spawnSync(process.execPath, [join(__dirname, '../../scripts/schema.js'), '--check'], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});
