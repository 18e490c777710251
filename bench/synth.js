'use strict';
// `npm run bench -- synth`: CPU time of a whole `node app.js` that writes cdk.out, ours beside the same resources as bare
// L1, in alternated runs, with the flags of cdk.json. Needs a build. BENCH_ROUNDS sets the rounds, 5 if unset; with
// CDK_VALIDATION=false CDK does not validate the templates, which is most of the time on both sides.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');
const kinds = ['elasticache', 'elasticache-serverless', 'memorydb'];
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const further = 20;
const many = 50;

/** Limits, as factors of the bare L1 program; growth is the cost of a tier among many beside one among few. */
const limits = { total: 1.15, further: 1.5, growth: 1.5 };

function main() {
  if (!existsSync(join(root, 'dist/cdk/tier-stack.js'))) throw new Error('dist/ is missing; run "npm run build" first');
  const results = kinds.flatMap(measureKind);
  for (const { what, ratio, limit, detail } of results) {
    const verdict = ratio <= limit ? 'ok  ' : 'MISS';
    console.log(`${verdict} ${what.padEnd(52)} ${ratio.toFixed(2)} (limit ${limit})  ${detail}`);
  }
  return results.every(({ ratio, limit }) => ratio <= limit) ? 0 : 1;
}

function measureKind(kind) {
  compareResources(kind);
  const one = alternate(kind, 1);
  const few = alternate(kind, 1 + further);
  const bareTier = (few.bare - one.bare) / further;
  const ourTier = (few.ours - one.ours) / further;
  const results = [
    {
      what: `${kind}: one tier, in total`,
      ratio: one.ours / one.bare,
      limit: limits.total,
      detail: `${ms(one.ours)} beside ${ms(one.bare)}`,
    },
    {
      what: `${kind}: each further tier`,
      ratio: ourTier / bareTier,
      limit: limits.further,
      detail: `${ms(ourTier)} beside ${ms(bareTier)}`,
    },
  ];
  if (kind !== 'elasticache') return results;
  const most = least(Array.from({ length: rounds }, () => run('ours', kind, many)));
  const later = (most - few.ours) / (many - 1 - further);
  const growth = {
    what: `${kind}: a tier among ${many} stacks, beside one among ${1 + further}`,
    ratio: later / ourTier,
    limit: limits.growth,
    detail: `${ms(later)} beside ${ms(ourTier)}`,
  };
  return [...results, growth];
}

/** Runs that take turns, so that a busy machine slows both alike. */
function alternate(kind, tiers) {
  const bare = [];
  const ours = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(run('bare', kind, tiers));
    ours.push(run('ours', kind, tiers));
  }
  return { bare: least(bare), ours: least(ours) };
}

/** The reference is only one while it draws the same resources with the same properties. */
function compareResources(kind) {
  const shape = (program) => {
    const [file] = withOutput(program, kind, 1, (folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.template.json'))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    );
    return Object.values(JSON.parse(file).Resources)
      .map(({ Type, Properties: { Tags: _tags, ...rest } }) => `${Type} ${Object.keys(rest).sort().join(' ')}`)
      .sort();
  };
  const [bare, ours] = [shape('bare'), shape('ours')];
  const missing = ours.filter((line) => !bare.includes(line));
  if (missing.length > 0 || bare.length !== ours.length) {
    throw new Error(`bench/synth/bare.js no longer draws the same resources as ours:\n${missing.join('\n')}`);
  }
}

function run(program, kind, tiers) {
  return withOutput(program, kind, tiers, (folder) => Number(readFileSync(join(folder, 'cpu'), 'utf8')));
}

function withOutput(program, kind, tiers, read) {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-bench-'));
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  try {
    execFileSync(process.execPath, [join(__dirname, 'synth', `${program}.js`)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        BENCH_KIND: kind,
        BENCH_TIERS: String(tiers),
        BENCH_RESULT: join(folder, 'cpu'),
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify(context),
      },
    });
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What else runs on the machine only ever adds to a run. */
function least(values) {
  return Math.min(...values);
}

function ms(value) {
  return `${value.toFixed(0)} ms`;
}

if (require.main === module) process.exitCode = main();
module.exports = { main };
