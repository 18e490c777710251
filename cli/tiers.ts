import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { layoutOf, stateFolder, tierExists, type Layout } from '../constructs/local';
import { planFile } from './options';
import { CliError } from './output';

/** Options of the commands that act on a tier of this machine. */
export interface TierOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

/**
 * The tier that a command names: by its config file, by its name with the stage, by its folder, or by being the only one.
 *
 * @throws CliError where there is none, or more than one to choose from
 */
export function findTier(named: string | undefined, options: TierOptions): Layout {
  if (options.dir !== undefined) return layoutOf('', options.dir);
  if (named === undefined) return onlyTier();
  if (extname(named) !== '' || existsSync(named)) return layoutOfFile(named);
  const layout = layoutOf(named);
  if (!existsSync(layout.folder)) throw new CliError(2, `no tier "${named}" on this machine; ${known()}`);
  return layout;
}

function layoutOfFile(file: string): Layout {
  const { target } = planFile(file, { target: 'local' });
  return layoutOf('primaryName' in target ? target.primaryName : '');
}

function onlyTier(): Layout {
  const names = tiers();
  const [name] = names;
  if (name === undefined) throw new CliError(2, 'no tier on this machine; start one by: cachetier up FILE');
  if (names.length > 1) throw new CliError(2, `which tier? ${known()}`);
  return layoutOf(name);
}

function known(): string {
  const names = tiers();
  return names.length === 0 ? 'there is none' : `there is ${names.join(', ')}`;
}

function tiers(): readonly string[] {
  const folder = stateFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => tierExists(layoutOf('', join(folder, name))));
}
