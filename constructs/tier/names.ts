import { createHash } from 'node:crypto';

/** Characters of the hash that tells tiers of the same name apart: 36 bits, so 10,000 tiers clash with odds below 1 in 1,000. */
const HASH_LENGTH = 9;

/**
 * A name within a service's limit that is the tier's alone: readable part, hyphen, hash.
 *
 * The readable part is cut where it is too long; the hash covers the whole of it, so cutting never makes two names equal.
 *
 * @param readable - words of the name, joined by hyphens; lower-case letters, digits and hyphens
 * @param identity - what tells the tier from another of the same name
 * @param limit - the service's longest name
 */
export function uniqueName(readable: readonly string[], identity: string, limit = 40): string {
  const words = readable.join('-');
  const hash = shortHash(`${identity}\n${words}`, HASH_LENGTH);
  const room = limit - HASH_LENGTH - 1;
  return `${words.slice(0, room).replace(/-+$/, '')}-${hash}`;
}

/** The first characters of a SHA-256 in lower-case base 16. */
export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
