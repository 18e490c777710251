import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where packages and tools are kept: `$XDG_CACHE_HOME/cachetier`, by default `~/.cache/cachetier`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return xdg(env['XDG_CACHE_HOME'], '.cache');
}

/** Where tiers of this machine are kept: `$XDG_STATE_HOME/cachetier`, by default `~/.local/state/cachetier`. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return xdg(env['XDG_STATE_HOME'], join('.local', 'state'));
}

/** The XDG specification tells programs to ignore a relative path. */
function xdg(value: string | undefined, otherwise: string): string {
  return join(value && isAbsolute(value) ? value : join(homedir(), otherwise), 'cachetier');
}
