import { createHash } from 'node:crypto';
import { discoveryRules, internalLogins, sentinelRules, valkeyRules } from './internal-users';
import { userPassword } from './lookup';
import { withoutOwnNames } from './own-names';
import { hasSentinel, type NodesTierPlan } from './plan';
import type { NodeSecrets } from './secrets';

/**
 * `users.acl` of Valkey.
 *
 * `default` is disabled but keeps every right: Valkey replays its AOF as `default` and checks the rights of commands in
 * a transaction once more, so a default user without rights loses every EXEC at a restart (valkey-io/valkey#3983; five
 * keys became one on 8.1.1).
 */
export function renderUsersAcl(plan: NodesTierPlan, secrets: NodeSecrets): string {
  const logins = (['replication', 'sentinel', 'operator', 'exporter', 'backup'] as const).filter(
    (name) => name !== 'sentinel' || hasSentinel(plan),
  );
  const internal = logins.map((name) =>
    userLine(internalLogins[name], [secrets.internal[name], secrets.previous?.internal[name]], valkeyRules[name]),
  );
  const users = plan.access.users.map((user) =>
    userLine(user.login, passwordsOf(secrets, user.name), withoutOwnNames(user.rules)),
  );
  return lines(['user default off ~* &* +@all', ...internal, ...users]);
}

/**
 * `sentinel-users.acl`: applications find the primary with the login and password they have for Valkey, and can change
 * nothing.
 */
export function renderSentinelUsersAcl(plan: NodesTierPlan, secrets: NodeSecrets): string {
  const internal = (['sentinelAdmin', 'exporter'] as const).map((name) =>
    userLine(internalLogins[name], [secrets.internal[name], secrets.previous?.internal[name]], sentinelRules[name]),
  );
  const users = plan.access.users.map((user) => userLine(user.login, passwordsOf(secrets, user.name), discoveryRules));
  return lines(['user default off', ...internal, ...users]);
}

function passwordsOf(secrets: NodeSecrets, user: string): readonly (string | undefined)[] {
  return [userPassword(secrets, user), secrets.previous?.users[user]];
}

/** The file holds hashes only; it is still kept from other accounts, as a weak password could be guessed from one. */
function userLine(login: string, passwords: readonly (string | undefined)[], rules: string): string {
  const hashes = passwords
    .filter((password) => password !== undefined)
    .map((password) => `#${createHash('sha256').update(password).digest('hex')}`);
  return `user ${login} on ${[...new Set(hashes)].join(' ')} ${rules}`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
