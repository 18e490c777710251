import { aclRules } from './acl';
import type { User } from './config';
import type { Defaults } from './defaults';
import { uniqueName } from './names';
import type { UserPlan } from './plan';

/** Longest login that every target takes: MemoryDB user names end at 40 characters. */
const LOGIN_LIMIT = 40;

/** The users of a config with every field, or the one user that a tier has without a list. */
export function aclDefaults(asked: readonly User[] | undefined, defaults: Defaults): readonly Required<User>[] {
  if (!asked) {
    defaults.take('access.users', undefined, ['app'], 'one user that reads and writes every key');
    return [{ name: 'app', keys: '*', channels: '*', can: 'read-write' }];
  }
  return asked.map(({ name, keys = '*', channels = keys, can = 'read-write' }) => ({ name, keys, channels, can }));
}

/**
 * A user with its login and ACL rules.
 *
 * On MemoryDB the login is also the identifier within the account, so it carries the hash of the tier's identity; it is
 * derived alike everywhere, so that an application keeps it when the target changes.
 */
export function planUser(
  user: Required<User>,
  tier: { name: string; stage: string | null; identity: string },
): UserPlan {
  const words = [tier.name, ...(tier.stage ? [tier.stage] : []), user.name];
  return { ...user, login: uniqueName(words, tier.identity, LOGIN_LIMIT), rules: aclRules(user) };
}
