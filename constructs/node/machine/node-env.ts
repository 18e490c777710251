import { plainPassword } from '../conf';
import { internalLogins } from '../internal-users';
import { addressOf } from '../lookup';
import type { NodePlacement } from '../placement';
import { lettersOf, type NodesTierPlan, peersOf } from '../plan';
import type { NodeSecrets } from '../secrets';
import { caFile, metricsFolder } from './paths';

/** What Cachetier's scripts know of the node and its tier; shell variables, no secret. */
export function renderNodeEnv(plan: NodesTierPlan, letter: string, placement: NodePlacement): string {
  const { target } = plan;
  const own = addressOf(placement, letter);
  const peers = peersOf(plan, letter).map((peer) => {
    const { address, valkeyPort, sentinelPort } = addressOf(placement, peer);
    return [peer, address, valkeyPort, sentinelPort].join(',');
  });
  return variables({
    TIER: target.primaryName,
    LETTER: letter,
    ADDRESS: own.address,
    VALKEY_PORT: String(own.valkeyPort),
    SENTINEL_PORT: String(own.sentinelPort),
    FIRST_PRIMARY: target.firstPrimary,
    PEERS: peers.join(' '),
    MAJORITY: String(Math.floor(lettersOf(plan).length / 2) + 1),
    PERSISTENT: target.appendFsync !== null || target.saveRules.length > 0 ? 'yes' : 'no',
    MIN_REPLICAS: String(target.minReplicasToWrite),
    CONFIG_FOLDER: placement.folders.config,
    TLS_FOLDER: placement.folders.tls,
    DATA_FOLDER: placement.folders.data,
    LOG_FOLDER: placement.folders.log,
    CA_FILE: caFile,
    METRICS_FOLDER: metricsFolder,
    OPERATOR: internalLogins.operator,
    SENTINEL_ADMIN: internalLogins.sentinelAdmin,
  });
}

/** Passwords of Cachetier's scripts; readable to root alone. */
export function renderCredentials({ internal, previous }: NodeSecrets): string {
  const { operator, sentinelAdmin } = { ...internal, ...previous?.internal };
  return variables({
    // A node that the rotation has not reached yet knows only these.
    OPERATOR_PASSWORD_BEFORE: plainPassword('operator', operator),
    SENTINEL_ADMIN_PASSWORD_BEFORE: plainPassword('sentinelAdmin', sentinelAdmin),
    OPERATOR_PASSWORD: plainPassword('operator', internal.operator),
    SENTINEL_ADMIN_PASSWORD: plainPassword('sentinelAdmin', internal.sentinelAdmin),
    SENTINEL_PASSWORD: plainPassword('sentinel', internal.sentinel),
    REPLICATION_PASSWORD: plainPassword('replication', internal.replication),
  });
}

/** Assignments that both the shell and systemd read alike. */
export function variables(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}
