import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MachineError } from '../errors';
import { complaint, run } from '../run';
import type { Archive } from './release';

/** Progress in words, such as `downloading 3 of 41 packages`. */
export type OnProgress = (message: string) => void;

/**
 * Downloads packages and all that they need into a folder, with an apt state of their own.
 *
 * Nothing of the system is read but its mirror, its keyring and its proxy settings, and nothing of it is written. What
 * was downloaded before an interruption is not downloaded again.
 *
 * @param folder - the folder of the apt state; kept between runs
 * @returns the paths of the `.deb` files
 * @throws MachineError when apt fails
 */
export async function download(
  archive: Archive,
  architecture: string,
  packages: readonly string[],
  folder: string,
  onProgress: OnProgress,
): Promise<readonly string[]> {
  const config = writeConfig(archive, architecture, folder);
  onProgress(`reading the package lists of ${archive.distribution} ${archive.suite}`);
  await apt(config, ['update'], onProgress);
  await apt(config, ['-y', '--no-install-recommends', '--download-only', 'install', ...packages], onProgress);
  const archives = join(folder, 'cache/archives');
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name));
}

async function apt(config: string, args: readonly string[], onProgress: OnProgress): Promise<void> {
  const env = { ...process.env, APT_CONFIG: config, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, onStatus: (line: string) => report(line, onProgress) };
  const done = await run('apt-get', ['-c', config, '-q', ...args], options);
  if (done.status !== 0)
    throw new MachineError(`apt-get ${args[0] === 'update' ? 'update' : 'download'} failed: ${complaint(done)}`);
}

/** Lines like `dlstatus:3:47.1:Retrieving file 3 of 41 (2min 1s remaining)`. */
function report(line: string, onProgress: OnProgress): void {
  const file = /^dlstatus:.*Retrieving file (\d+) of (\d+)/.exec(line);
  if (file) onProgress(`downloading file ${file[1]} of ${file[2]}`);
}

function writeConfig(archive: Archive, architecture: string, folder: string): string {
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'log']) {
    mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  }
  const config = join(folder, 'apt.conf');
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'archive.sources'), renderSources(archive));
  writeFileSync(config, renderConfig(architecture, folder));
  return config;
}

/** Suites that are changed themselves, so that no other holds their updates. */
const rolling = new Set(['sid', 'unstable']);

/** The sources of an archive in deb822 style. */
export function renderSources(archive: Archive): string {
  const stanza = (uri: string, suites: readonly string[]): string =>
    [
      'Types: deb',
      `URIs: ${uri}`,
      `Suites: ${suites.join(' ')}`,
      `Components: ${archive.components.join(' ')}`,
      `Signed-By: ${archive.keyring}`,
      '',
    ].join('\n');
  const { suite, mirror, security } = archive;
  return [
    stanza(mirror, rolling.has(suite) ? [suite] : [suite, `${suite}-updates`]),
    ...(security ? [stanza(security, [`${suite}-security`])] : []),
  ].join('\n');
}

/**
 * The apt settings. It is read after the system's own (`-c`), so that what images put there does not act on the system:
 * hooks after `update` (Debian's container images delete their cache, Ubuntu's rebuild an index), pins, a default release.
 */
export function renderConfig(architecture: string, folder: string): string {
  return [
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear APT::Update::Post-Invoke-Stats;',
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Architectures;',
    '#clear DPkg::Pre-Install-Pkgs;',
    '#clear DPkg::Pre-Invoke;',
    '#clear DPkg::Post-Invoke;',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Default-Release "";',
    'APT::Install-Recommends "false";',
    'APT::Keep-Downloaded-Packages "true";',
    'APT::Update::Error-Mode "any";',
    'APT::Status-Fd "3";',
    // Root's cache folder is closed to the account that apt drops to; the signatures are checked all the same.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User "root";'] : []),
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::AllowInsecureRepositories "false";',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";',
    `Dir::State "${join(folder, 'state')}";`,
    `Dir::State::lists "${join(folder, 'state/lists')}";`,
    `Dir::State::status "${join(folder, 'status')}";`,
    `Dir::State::extended_states "${join(folder, 'state/extended_states')}";`,
    `Dir::Cache "${join(folder, 'cache')}";`,
    `Dir::Cache::archives "${join(folder, 'cache/archives')}";`,
    `Dir::Log "${join(folder, 'log')}";`,
    `Dir::Etc::sourcelist "${join(folder, 'archive.sources')}";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    '',
  ].join('\n');
}
