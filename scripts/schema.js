/**
 * Writes constructs/tier/config.schema.json and docs/config.md from constructs/tier/config.ts, the one source of both.
 *
 * `node scripts/schema.js` writes them; `--check` only says whether they are current.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { createGenerator } = require('ts-json-schema-generator');
const { referencePage } = require('./reference-page');

const root = join(__dirname, '..');

/** Both files, by path below the repository, with the content they should have. */
function generated() {
  const schema = createGenerator({
    path: join(root, 'constructs/tier/config.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    topRef: false,
    discriminatorType: 'open-api',
    additionalProperties: false,
    skipTypeCheck: true,
  }).createSchema('CacheTierConfig');
  const titled = { $schema: schema.$schema, title: 'Cachetier config', ...schema };
  return {
    'constructs/tier/config.schema.json': `${JSON.stringify(titled, null, 2)}\n`,
    'docs/config.md': referencePage(titled),
  };
}

/** Paths of the files that are not as the source says. */
function stale() {
  return Object.entries(generated())
    .filter(([path, content]) => current(path) !== content)
    .map(([path]) => path);
}

function current(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  if (process.argv.includes('--check')) {
    const paths = stale();
    for (const path of paths) console.error(`${path} is not current: run npm run schema`);
    process.exitCode = paths.length > 0 ? 1 : 0;
  } else {
    for (const [path, content] of Object.entries(generated())) writeFileSync(join(root, path), content);
  }
}

module.exports = { generated, stale };
