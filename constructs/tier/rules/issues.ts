import type { Issue } from '../issue';

/** An error, in the list that a rule gives back. */
export function error(code: string, path: string, message: string): readonly Issue[] {
  return [{ code, path, severity: 'error', message }];
}

/** A warning, in the list that a rule gives back. */
export function warning(code: string, path: string, message: string): readonly Issue[] {
  return [{ code, path, severity: 'warning', message }];
}
