/**
 * Packs the package and uses it as its users do: installed from the tarball into empty folders, alone, with the CDK
 * only, and with Pulumi only; type-checked under every module resolution, then run.
 *
 * `node test/package/run.js [CONSUMER]`; the last line says how many steps passed and failed.
 */
const { execFileSync } = require('node:child_process');
const { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { devDependencies, peerDependencies, version } = require(join(root, 'package.json'));

const cdk = ['aws-cdk-lib', 'constructs'];
const pulumi = ['@pulumi/pulumi', '@pulumi/hcloud', '@pulumi/random', '@pulumi/tls', '@pulumi/command'];

/** The versions that this repository is developed with. */
const current = (name) => devDependencies[name];
/** The oldest version that a peer's range admits. */
const oldest = (name) => peerDependencies[name].replace(/^[^\d]*/, '');

/** Each consumer: its program, what is installed beside the package, and what must not be there. */
const consumers = [
  { name: 'alone', program: 'alone', peers: [], versions: current, absent: [...cdk, '@pulumi'] },
  { name: 'aws', program: 'aws', peers: cdk, versions: current, absent: ['@pulumi'] },
  { name: 'aws-oldest', program: 'aws', peers: cdk, versions: oldest, absent: ['@pulumi'] },
  { name: 'hetzner', program: 'hetzner', peers: pulumi, versions: current, absent: ['aws-cdk-lib'] },
];

const resolutions = [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10'],
];

const totals = { passed: 0, failed: 0 };

function main(only) {
  const scratch = mkdtempSync(join(tmpdir(), 'cachetier-package-'));
  try {
    const tarball = pack(scratch);
    if (tarball === undefined) return;
    step('checkout: npx finds the command line', () => expectVersion(npx(['cachetier', '--version'], root)));
    for (const consumer of consumers.filter(({ name }) => only === undefined || name === only)) {
      const folder = mkdtempSync(join(scratch, `${consumer.name}-`));
      if (!install(consumer, tarball, folder)) continue;
      for (const resolution of resolutions) typecheck(consumer, folder, resolution);
      run(consumer, folder);
      if (consumer.name === 'alone') useCli(folder);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Path of the tarball, or nothing where packing failed. */
function pack(scratch) {
  let tarball;
  step('pack', () => {
    const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root));
    const paths = packed.files.map(({ path }) => path);
    for (const path of ['dist/cli/main.js', 'dist/constructs/tier/config.schema.json', 'LICENSE', 'README.md']) {
      expect(paths.includes(path), `the tarball lacks ${path}`);
    }
    const needless = paths.filter((path) => /^(test|examples|bench|constructs|cli)\/|\.tmp\./.test(path));
    expect(needless.length === 0, `the tarball has what nobody runs: ${needless.join(', ')}`);
    tarball = join(scratch, packed.filename);
  });
  return tarball;
}

function install({ name, program, peers, versions, absent }, tarball, folder) {
  return step(`${name}: install`, () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `consumer-${name}`, private: true }));
    const wanted = peers.map((peer) => `${peer}@${versions(peer)}`);
    npm(['install', '--prefer-offline', tarball, ...wanted, `@types/node@${current('@types/node')}`], folder);
    for (const gone of absent) expect(!existsSync(join(folder, 'node_modules', gone)), `${gone} was installed`);
    copyFileSync(join(__dirname, 'consumers', `${program}.ts`), join(folder, `${program}.ts`));
  });
}

/** Our declarations are checked too, once: under the resolution that resolves most strictly. */
function typecheck({ name, program }, folder, [module, moduleResolution]) {
  step(`${name}: types under ${moduleResolution}`, () => {
    const skipLibCheck = moduleResolution !== 'nodenext';
    const common = { strict: true, skipLibCheck, noEmit: true, target: 'es2022', types: ['node'] };
    const config = { compilerOptions: { ...common, module, moduleResolution }, files: [`${program}.ts`] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    node([tsc, '-p', folder], folder);
  });
}

function run({ name, program }, folder) {
  step(`${name}: run`, () => {
    const options = { module: 'commonjs', moduleResolution: 'node10', target: 'es2022', types: 'node' };
    const flags = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
    node([tsc, `${program}.ts`, '--skipLibCheck', ...flags], folder);
    node([`${program}.js`], folder);
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
      expect(JSON.parse(node([bin, 'check', file, '--json'], folder)).ok === true, `check ${file}`);
      expect(JSON.parse(node([bin, 'plan', file, '--json'], folder)).kind === 'hetzner', `plan ${file}`);
    }
    node([bin, 'render', 'tier.json', '--node', 'a', '--out', join(folder, 'node-a')], folder);
    expect(readFileSync(join(folder, 'node-a/user-data'), 'utf8').startsWith('#cloud-config'), 'render');
    expect(JSON.parse(node([bin, 'schema'], folder)).type === 'object', 'schema');
    expectVersion(npx(['cachetier', '--version'], folder));
  });
}

/** Runs one step, says how it went, and whether it passed. */
function step(name, work) {
  const started = Date.now();
  process.stdout.write(`${name} … `);
  try {
    work();
  } catch (error) {
    totals.failed += 1;
    console.log(`failed\n${[error.message, error.stdout, error.stderr].filter(Boolean).join('\n')}`);
    return false;
  }
  totals.passed += 1;
  console.log(`ok, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

function npm(args, cwd) {
  return output('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd);
}

/** Only what is installed: a command that is not must not be looked for in the registry. */
function npx(args, cwd) {
  return output('npx', ['--no', '--offline', '--loglevel=error', ...args], cwd);
}

function node(args, cwd) {
  return output(process.execPath, args, cwd);
}

function output(file, args, cwd) {
  return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

function expectVersion(printed) {
  expect(printed.trim() === version, `the version is ${version}, got ${printed.trim()}`);
}

main(process.argv[2]);
console.log(`package: ${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
