import { createColors } from 'picocolors';

/** Colours of what goes to standard output. */
export const pc = createColors(coloured(process.stdout));

/** Colours of what goes to standard error. */
export const pcError = createColors(coloured(process.stderr));

/** The part of a stream that decides. */
interface Stream {
  readonly isTTY?: boolean;
}

/**
 * Only a terminal gets colours, also where `CI` is set, unless `NO_COLOR` or `FORCE_COLOR` says otherwise.
 *
 * Convention: no-color.org, force-color.org
 */
function coloured({ isTTY = false }: Stream): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;
  if (NO_COLOR !== '') return false;
  return FORCE_COLOR === '' ? isTTY && TERM !== 'dumb' : FORCE_COLOR !== '0';
}
