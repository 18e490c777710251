import { OWN_KEYS, SENTINEL_CHANNELS } from '../tier/own-names';

/**
 * Rules of an application's user, so that none reaches what the nodes go by. With a forged pulse an old node would look
 * like the newest, and win; on the Sentinels' channel whoever speaks is believed, and could move the primary.
 *
 * An ACL knows no exception from a pattern, so "every key" is written as the patterns of all keys that differ from
 * `cachetier:` in one of its characters, or end before it does; "every channel" likewise. A pattern to subscribe to must
 * be one of the rules word for word, hence the second part: whoever may use every channel may listen to all of them.
 *
 * Such a user has not every key in Valkey's own sense, which SORT with BY or GET asks for.
 *
 * @param rules - rules with `~*` and `&*`, or with narrower patterns that a rule of the config has checked
 */
export function withoutOwnNames(rules: string): string {
  const everyChannel = /(^| )&\*(?= |$)/;
  const keyed = rules.replace(/(^| )~\*(?= |$)/, (_all, before: string) => `${before}${allBut('~', OWN_KEYS)}`);
  if (!everyChannel.test(keyed)) return keyed;
  const spoken = keyed.replace(everyChannel, (_all, before: string) => `${before}${allBut('&', SENTINEL_CHANNELS)}`);
  return `${spoken} (&* -@all +psubscribe)`;
}

function allBut(sigil: '~' | '&', first: string): string {
  return [...first]
    .flatMap((character, index) => {
      const start = first.slice(0, index);
      return [`${sigil}${start}[^${character}]*`, `${sigil}${start}`];
    })
    .join(' ');
}
