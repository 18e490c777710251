/** First part of every key that is a node's own. */
export const OWN_KEYS = 'cachetier:';

/** The key by which nodes tell whose data is newest. */
export const PULSE_KEY = `${OWN_KEYS}pulse`;

/** First part of the channels on which Sentinels tell each other who the primary is. */
export const SENTINEL_CHANNELS = '__sentinel__:';

/** Where Sentinels believe whoever speaks: an announcement with a high term moves the primary's address. */
export const HELLO_CHANNEL = `${SENTINEL_CHANNELS}hello`;

/**
 * Whether a pattern of Valkey matches a key or a channel: `*`, `?`, `[a-z]`, `[^a]`, and everything else as it is.
 *
 * @param pattern - as `access.users[]` takes it, which has no backslash
 */
export function reaches(pattern: string, name: string): boolean {
  const parts = pattern.matchAll(/\[(\^?)([^\]]*)\]?|([*?])|([^])/g);
  const source = [...parts].map(([, not, set, wildcard, character = '']) => {
    if (set !== undefined) return set === '' && !not ? '(?!)' : `[${not ?? ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
    if (wildcard !== undefined) return wildcard === '*' ? '[^]*' : '[^]';
    return character.replace(/[\\^$.+(){}|/\]]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source.join('')}$`).test(name);
  } catch {
    // A range that runs backwards: Valkey swaps its ends, so rather say yes.
    return true;
  }
}
