import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

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

/** What cfn-lint finds in a template; it is installed into the cache folder of the user where it is missing. */
export function cfnLint(template: string): string[] {
  const { stdout, stderr } = spawnSync(program(), ['--format', 'json', '--', template], { encoding: 'utf8' });
  if (!stdout.trim().startsWith('[')) throw new Error(`cfn-lint failed: ${stderr}`);
  return (JSON.parse(stdout) as Finding[])
    .filter((finding) => !known.some((explains) => explains(finding)))
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${Location.Path?.join('/') ?? ''}: ${Message}`);
}

function program(): string {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cachetier', `cfn-lint-${version}`);
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' });
    execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', `cfn-lint==${version}`], { stdio: 'pipe' });
    writeFileSync(complete, '');
  }
  return join(folder, 'bin/cfn-lint');
}
