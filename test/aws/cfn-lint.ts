import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { tools } from '../support/tools';

const version = '1.58.0';

/** Findings about what is not ours, each with its reason. */
const known = [
  // CDK's own function for custom resources repeats a dependency that its role already makes.
  (finding: Finding) =>
    finding.Rule.Id === 'W3005' && String(finding.Location.Path?.[1]).startsWith('AWS679f53fac002430'),
];

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/** Runs cfn-lint from a folder of modules, which is the first argument. */
const program = 'import sys; sys.path.insert(0, sys.argv.pop(1)); from cfnlint.runner import main; sys.exit(main())';

/** What cfn-lint finds in a template; it is installed into the cache folder of the user where it is missing. */
export async function cfnLint(template: string): Promise<string[]> {
  const folder = await installCfnLint();
  const { file, env } = await tools();
  const args = ['-c', program, folder, '--format', 'json', '--', template];
  const { stdout, stderr } = spawnSync(file('python3'), args, { encoding: 'utf8', env });
  if (!stdout.trim().startsWith('[')) throw new Error(`cfn-lint failed: ${stderr}`);
  return (JSON.parse(stdout) as Finding[])
    .filter((finding) => !known.some((explains) => explains(finding)))
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${Location.Path?.join('/') ?? ''}: ${Message}`);
}

/** Folder that cfn-lint is installed to, by the Python that tests have: a new machine has none, or one without venv. */
export async function installCfnLint(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'cachetier', `cfn-lint-${version}-modules`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return folder;
  const { file, env } = await tools();
  rmSync(folder, { recursive: true, force: true });
  const options = ['--quiet', '--only-binary', ':all:', '--root-user-action', 'ignore', '--target', folder];
  execFileSync(file('python3'), ['-m', 'pip', 'install', ...options, `cfn-lint==${version}`], { stdio: 'pipe', env });
  writeFileSync(complete, '');
  return folder;
}
