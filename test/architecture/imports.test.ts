import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

const root = resolve(__dirname, '../..');

/** What each room must not import: everything downstream of it, and the SDK of another. */
const rooms: readonly (readonly [folder: string, foreign: RegExp])[] = [
  [
    'constructs/tier',
    /^(aws-cdk-lib|constructs$|@pulumi\/|ioredis|commander|constructs\/(node|rollout|monitoring|aws|hetzner|local)\/|cli\/|cdk\/|pulumi\/)/,
  ],
  [
    'constructs/node',
    /^(aws-cdk-lib|constructs$|@pulumi\/|ioredis|commander|constructs\/(rollout|monitoring|aws|hetzner|local)\/|cli\/|cdk\/|pulumi\/)/,
  ],
  [
    'constructs/rollout',
    /^(aws-cdk-lib|constructs$|@pulumi\/|ioredis|commander|constructs\/(tier|node|monitoring|aws|hetzner|local)\/|cli\/|cdk\/|pulumi\/)/,
  ],
  [
    'constructs/monitoring',
    /^(aws-cdk-lib|constructs$|@pulumi\/|ioredis|commander|constructs\/(node|rollout|aws|hetzner|local)\/|cli\/|cdk\/|pulumi\/)/,
  ],
  ['constructs/aws', /^(@pulumi\/|ioredis|commander|constructs\/(rollout|hetzner|local)\/|cli\/|cdk\/|pulumi\/)/],
  ['constructs/hetzner', /^(aws-cdk-lib|constructs$|ioredis|commander|constructs\/(aws|local)\/|cli\/|cdk\/|pulumi\/)/],
  [
    'constructs/local',
    /^(aws-cdk-lib|constructs$|@pulumi\/|commander|constructs\/(aws|hetzner|rollout)\/|cli\/|cdk\/|pulumi\/)/,
  ],
  ['cli', /^(aws-cdk-lib|constructs$|@pulumi\/|constructs\/(aws|hetzner)\/|cdk\/|pulumi\/)/],
  ['cdk', /^(@pulumi\/|constructs\/(hetzner|local|node)\/|pulumi\/)/],
  ['pulumi', /^(aws-cdk-lib|constructs$|constructs\/(aws|local)\/|cdk\/)/],
];

interface Import {
  readonly file: string;
  /** A package, or a path from the root of the repository. */
  readonly target: string;
}

function sources(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Imports of every form: static, type, re-export, dynamic, and require. */
function importsOf(folder: string): readonly Import[] {
  return sources(join(root, folder)).flatMap((path) =>
    specifiers(readFileSync(path, 'utf8')).map((specifier) => ({
      file: relative(root, path),
      target: specifier.startsWith('.') ? `${relative(root, resolve(dirname(path), specifier))}/` : specifier,
    })),
  );
}

function specifiers(text: string): readonly string[] {
  return preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

test.each(rooms)('%s imports nothing from downstream', (folder, foreign) => {
  const all = importsOf(folder);
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter(({ target }) => foreign.test(target))).toEqual([]);
});

test.each(['tier', 'node', 'monitoring', 'aws', 'hetzner'])(
  'constructs/%s reads no disk and starts nothing',
  (room) => {
    const io = /^(node:)?(fs|child_process|net|tls|http|https|worker_threads)(\/|$)/;
    expect(importsOf(`constructs/${room}`).filter(({ target }) => io.test(target))).toEqual([]);
  },
);

test('every room of constructs has its rule', () => {
  const folders = readdirSync(join(root, 'constructs')).filter((name) =>
    statSync(join(root, 'constructs', name)).isDirectory(),
  );
  expect(folders.map((name) => `constructs/${name}`).sort()).toEqual(
    rooms
      .map(([folder]) => folder)
      .filter((folder) => folder.startsWith('constructs/'))
      .sort(),
  );
});

test('no file imports itself in a circle', () => {
  const graph = new Map<string, readonly string[]>();
  const exists = new Set(rooms.flatMap(([folder]) => sources(join(root, folder)).map((path) => relative(root, path))));
  for (const [folder] of rooms) {
    for (const file of sources(join(root, folder)).map((path) => relative(root, path))) {
      // A type that is imported is gone at run time, and so is the circle.
      const text = readFileSync(join(root, file), 'utf8').replaceAll(/(import|export) type [^;]+;/g, '');
      const targets = specifiers(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => {
          const base = relative(root, resolve(dirname(join(root, file)), specifier));
          return [`${base}.ts`, `${base}/index.ts`].find((path) => exists.has(path)) ?? base;
        });
      graph.set(file, targets);
    }
  }
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
    else if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    }
  };
  const done = new Set<string>();
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test.each(['check', 'plan'])('cachetier %s loads no cloud SDK and no client', (command) => {
  const spy = `
    const loaded = new Set();
    const { Module } = require('node:module');
    const load = Module._load;
    Module._load = function (request) { loaded.add(request.split('/').slice(0, request.startsWith('@') ? 2 : 1).join('/')); return load.apply(this, arguments); };
    process.argv = [process.argv[0], 'cachetier', '${command}', 'examples/session-store.yaml'];
    process.on('exit', () => process.stderr.write(JSON.stringify([...loaded])));
    require('./dist/cli/main.js');
  `;
  const run = spawnSync(process.execPath, ['-e', spy], { cwd: root, encoding: 'utf8' });
  expect(run.status).toBe(0);
  const loaded = JSON.parse(run.stderr) as string[];
  expect(loaded).toContain('ajv');
  expect(
    loaded.filter((name) =>
      /^(aws-cdk-lib|constructs|@pulumi|ioredis|@peculiar|jiti|listr2|reflect-metadata)/.test(name),
    ),
  ).toEqual([]);
});
