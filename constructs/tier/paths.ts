/** A step in a path: a key, or an index of a list. */
export type Segment = string | number;

/** Keys that are written with a dot; any other key could be taken for a path of its own. */
const plainKey = /^[\w-]+$/;

/** `access.users[0].name` from its steps; `$` for none. */
export function pathOf(segments: readonly Segment[]): string {
  if (segments.length === 0) return '$';
  return segments.map(written).join('').replace(/^\./, '');
}

/** The steps of a JSON pointer such as `/access/users/0/name`. */
export function segmentsOf(pointer: string): readonly Segment[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : part));
}

function written(segment: Segment): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return plainKey.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
}
