import { readFileSync } from 'node:fs';
import { parseAccess, type RolloutAccess } from '../constructs/rollout';
import { CliError } from './output';

/**
 * The description of a tier's nodes and buckets: the output `rollout` of the stack.
 *
 * @param file - its path; `-` for standard input
 * @throws CliError where it cannot be read, or lacks something, naming it
 */
export function readAccess(file: string): RolloutAccess {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError(2, `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  try {
    return parseAccess(text);
  } catch (error) {
    throw new CliError(2, (error as Error).message);
  }
}
