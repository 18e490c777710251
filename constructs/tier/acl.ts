/** What a user of the config may do. */
export interface UserRights {
  readonly keys: string;
  readonly channels: string;
  readonly can: 'read-only' | 'read-write';
}

/**
 * ACL rules of an application user, in the form that Valkey, ElastiCache and MemoryDB share: keys, channels, commands.
 *
 * An application needs data commands and what its client sends on connecting. `@admin` and `@dangerous` are taken away
 * last, so that KEYS, FLUSHALL, CONFIG, DEBUG, CLIENT KILL and the like are refused whatever was granted before; INFO and
 * ROLE come back because client libraries and BullMQ ask them. Functions cannot be loaded or deleted (they outlive the
 * user). RANDOMKEY and SCAN show names outside the user's pattern, so they go unless the pattern is everything.
 */
export function aclRules(user: UserRights): string {
  const granted =
    user.can === 'read-only'
      ? '+@read +@connection +@pubsub +@transaction +cluster|slots +cluster|shards +cluster|nodes -publish -spublish'
      : '+@all -function +fcall +fcall_ro -script|flush';
  const names = user.keys === '*' ? [] : ['-randomkey', '-scan'];
  return [
    'resetchannels',
    `~${user.keys}`,
    `&${user.channels}`,
    '-@all',
    granted,
    '-@admin',
    '-@dangerous',
    '+info',
    '+role',
    ...names,
  ].join(' ');
}
