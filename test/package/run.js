/**
 * Packs the package and uses it as its users do: installed from the tarball into empty folders, alone, with the CDK
 * only, and with Pulumi only; type-checked under every module resolution, then run.
 */
const { execFileSync } = require('node:child_process');
const { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { devDependencies } = require(join(root, 'package.json'));

/** Each consumer: what is installed beside the package, and what must not be there. */
const consumers = [
  { name: 'alone', peers: [], absent: ['aws-cdk-lib', 'constructs', '@pulumi'] },
  { name: 'aws', peers: ['aws-cdk-lib', 'constructs'], absent: ['@pulumi'] },
  {
    name: 'hetzner',
    peers: ['@pulumi/pulumi', '@pulumi/hcloud', '@pulumi/random', '@pulumi/tls', '@pulumi/command'],
    absent: ['aws-cdk-lib'],
  },
];

const resolutions = [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10'],
];

let passed = 0;

function step(name, run) {
  process.stdout.write(`${name} … `);
  run();
  passed += 1;
  process.stdout.write('ok\n');
}

function npm(args, cwd) {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function node(args, cwd) {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

function use(consumer, tarball, folder) {
  const { name, peers, absent } = consumer;
  const program = `${name}.ts`;
  step(`${name}: install`, () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `consumer-${name}`, private: true }));
    const versions = [...peers, '@types/node'].map((peer) => `${peer}@${devDependencies[peer]}`);
    npm(['install', '--prefer-offline', tarball, ...versions], folder);
    for (const gone of absent) expect(!existsSync(join(folder, 'node_modules', gone)), `${gone} was installed`);
  });
  copyFileSync(join(__dirname, 'consumers', program), join(folder, program));
  for (const [module, moduleResolution] of resolutions) {
    step(`${name}: types under ${moduleResolution}`, () => {
      const config = {
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        target: 'es2022',
        types: ['node'],
        module,
        moduleResolution,
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: config, files: [program] }));
      node([tsc, '-p', folder], folder);
    });
  }
  step(`${name}: run`, () => {
    node(
      [
        tsc,
        program,
        '--module',
        'commonjs',
        '--moduleResolution',
        'node10',
        '--target',
        'es2022',
        '--skipLibCheck',
        '--types',
        'node',
      ],
      folder,
    );
    node([`${name}.js`], folder);
  });
}

function useCli(folder) {
  step('alone: the command line works', () => {
    const bin = join(folder, 'node_modules/.bin/cachetier');
    const config = { name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'hetzner' } };
    writeFileSync(join(folder, 'tier.json'), JSON.stringify(config));
    writeFileSync(
      join(folder, 'tier.ts'),
      `import { defineCacheTier } from 'cachetier';\nexport default defineCacheTier(${JSON.stringify(config)});\n`,
    );
    for (const file of ['tier.json', 'tier.ts']) {
      expect(JSON.parse(node([bin, 'plan', file, '--json'], folder)).kind === 'hetzner', `plan ${file}`);
    }
    expect(JSON.parse(node([bin, 'schema'], folder)).type === 'object', 'schema');
  });
}

function main() {
  const scratch = mkdtempSync(join(tmpdir(), 'cachetier-package-'));
  try {
    let tarball = '';
    step('pack', () => {
      const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root));
      const paths = packed.files.map(({ path }) => path);
      expect(
        paths.includes('dist/cli/main.js') && paths.includes('dist/constructs/tier/config.schema.json'),
        'the tarball lacks its parts',
      );
      expect(!paths.some((path) => /^(test|examples|constructs)\//.test(path)), 'the tarball has what nobody runs');
      tarball = join(scratch, packed.filename);
    });
    const [only] = process.argv.slice(2);
    for (const consumer of consumers.filter(({ name }) => only === undefined || name === only)) {
      const folder = mkdtempSync(join(scratch, `${consumer.name}-`));
      use(consumer, tarball, folder);
      if (consumer.name === 'alone') useCli(folder);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`package: ${passed} passed, 0 failed`);
}

main();
