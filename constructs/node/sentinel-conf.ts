import { plainPassword, quoted } from './conf';
import { internalLogins } from './internal-users';
import { addressOf } from './lookup';
import type { NodePlacement } from './placement';
import { lettersOf, type NodesTierPlan, peersOf, sentinelId } from './plan';
import type { NodeSecrets } from './secrets';

/**
 * `sentinel.conf` of one node, as it is seeded once.
 *
 * Sentinel rewrites the file after every failover; written again it would point the node at an old primary. The seed is
 * complete (own id, other Sentinels, replicas), because a young Sentinel that must discover them first cannot fail over:
 * a primary killed 2 s after its creation stayed dead. Addresses are numbers, so no DNS is asked during a failover.
 */
export function renderSentinelConf(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): string {
  const { target } = plan;
  const own = addressOf(placement, letter);
  const first = addressOf(placement, target.firstPrimary);
  const { folders } = placement;
  const name = target.primaryName;
  const replicas = lettersOf(plan).filter((other) => other !== target.firstPrimary);
  return [
    `bind ${[...new Set([own.address, '127.0.0.1'])].join(' ')}`,
    'port 0',
    `tls-port ${own.sentinelPort}`,
    `tls-cert-file ${folders.tls}/node.crt`,
    `tls-key-file ${folders.tls}/node.key`,
    `tls-ca-cert-file ${folders.tls}/ca.crt`,
    'tls-auth-clients no',
    'tls-replication yes',
    `tls-protocols ${quoted('TLSv1.2 TLSv1.3')}`,
    'protected-mode no',
    `aclfile ${folders.config}/sentinel-users.acl`,
    `dir ${folders.data}`,
    `logfile ${folders.log}/valkey-sentinel.log`,
    `sentinel myid ${sentinelId(plan, letter)}`,
    'sentinel resolve-hostnames no',
    'sentinel announce-hostnames no',
    `sentinel announce-ip ${own.address}`,
    `sentinel announce-port ${own.sentinelPort}`,
    'sentinel deny-scripts-reconfig yes',
    `sentinel sentinel-user ${internalLogins.sentinelAdmin}`,
    `sentinel sentinel-pass ${plainPassword('sentinelAdmin', secrets.internal.sentinelAdmin)}`,
    `sentinel monitor ${name} ${first.address} ${first.valkeyPort} ${target.sentinel.quorum}`,
    `sentinel down-after-milliseconds ${name} ${target.sentinel.downAfterMs}`,
    `sentinel failover-timeout ${name} ${target.sentinel.failoverTimeoutMs}`,
    `sentinel parallel-syncs ${name} 1`,
    `sentinel auth-user ${name} ${internalLogins.sentinel}`,
    `sentinel auth-pass ${name} ${plainPassword('sentinel', secrets.internal.sentinel)}`,
    ...replicas.map((other) => {
      const { address, valkeyPort } = addressOf(placement, other);
      return `sentinel known-replica ${name} ${address} ${valkeyPort}`;
    }),
    ...peersOf(plan, letter).map((other) => {
      const { address, sentinelPort } = addressOf(placement, other);
      return `sentinel known-sentinel ${name} ${address} ${sentinelPort} ${sentinelId(plan, other)}`;
    }),
    '',
  ].join('\n');
}

/**
 * Commands for a Sentinel after each start, since no setting of the file has them: it asks replicas for their state each
 * second, so that it knows them before the first failure, and notices a lost node sooner (3.3 s instead of 4.1 s). An
 * election that two Sentinels began at once is given up after two seconds instead of ten, as nobody can win it.
 *
 * The period in which Sentinels ask each other stays as it is: with 100 ms both learn in the same instant that the other
 * agrees, and one power cut in ten or twenty ended in such an election.
 */
export const sentinelTuning: readonly (readonly string[])[] = [
  ['SENTINEL', 'DEBUG', 'info-period', '1000'],
  ['SENTINEL', 'DEBUG', 'ping-period', '250'],
  ['SENTINEL', 'DEBUG', 'election-timeout', '2000'],
];
