import { type Directives, effective, plainPassword, quoted, renderDirectives } from './conf';
import { internalLogins } from './internal-users';
import { addressOf } from './lookup';
import type { NodePlacement } from './placement';
import type { NodesTierPlan } from './plan';
import type { NodeSecrets } from './secrets';

const MIB = 2 ** 20;

/**
 * `valkey.conf` of one node, as it is seeded once.
 *
 * Valkey rewrites the file after every change of role, so it is written before the first start only; written again at a
 * reboot it would make the node follow a stale primary. Directive names are those that 7.2 to 9 share.
 */
export function renderValkeyConf(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): string {
  const own = addressOf(placement, letter);
  const first = addressOf(placement, plan.target.firstPrimary);
  const { folders } = placement;
  return renderDirectives(
    new Map([
      ['bind', [...new Set([own.address, '127.0.0.1'])].join(' ')],
      ['port', '0'],
      ['tls-port', String(own.valkeyPort)],
      ['tls-cert-file', `${folders.tls}/node.crt`],
      ['tls-key-file', `${folders.tls}/node.key`],
      ['tls-ca-cert-file', `${folders.tls}/ca.crt`],
      ['tls-auth-clients', 'no'],
      ['tls-replication', 'yes'],
      ['tls-protocols', quoted('TLSv1.2 TLSv1.3')],
      ['protected-mode', 'yes'],
      ['enable-protected-configs', 'no'],
      ['enable-debug-command', 'no'],
      ['enable-module-command', 'no'],
      ['aclfile', `${folders.config}/users.acl`],
      ['dir', folders.data],
      ['dbfilename', 'dump.rdb'],
      ['logfile', `${folders.log}/valkey-server.log`],
      ['replica-announce-ip', own.address],
      ['replica-announce-port', String(own.valkeyPort)],
      ...[...valkeySettings(plan), ...replicationSecrets(secrets)].map(([name, value]): [string, string] => [
        name,
        /^[^\s"]+$/.test(value) || listed.has(name) ? value : quoted(value),
      ]),
      ...(letter === plan.target.firstPrimary
        ? []
        : ([['replicaof', `${first.address} ${first.valkeyPort}`]] satisfies [string, string][])),
    ]),
  );
}

/** Settings whose value is several words of the file. */
const listed = new Set(['client-output-buffer-limit', 'oom-score-adj-values']);

/** What a running node may be told by CONFIG SET: settings of the plan, then those of the config. */
export function valkeySettings(plan: NodesTierPlan): Directives {
  const { target } = plan;
  // A full copy to a replica must not be cut off because writes went on meanwhile: with a small buffer it starts over forever.
  const hard = Math.max(256 * MIB, 2 * target.replBacklogBytes);
  return new Map([
    ['maxmemory', String(target.maxmemoryBytes)],
    ['maxmemory-policy', plan.evictionPolicy],
    ['appendonly', target.appendFsync === null ? 'no' : 'yes'],
    ['appendfsync', target.appendFsync ?? 'everysec'],
    // A restore to a second finds the second by these.
    ['aof-timestamp-enabled', plan.backup.continuous ? 'yes' : 'no'],
    ['aof-load-truncated', 'yes'],
    ['aof-use-rdb-preamble', 'yes'],
    ['save', target.saveRules.join(' ')],
    ['min-replicas-to-write', String(target.minReplicasToWrite)],
    ['min-replicas-max-lag', String(target.minReplicasMaxLagSeconds)],
    ['repl-backlog-size', String(target.replBacklogBytes)],
    ['repl-diskless-sync', 'yes'],
    // The default waits 5 s for further replicas; a primary that needs one before it takes writes must not wait.
    ['repl-diskless-sync-delay', '0'],
    ['client-output-buffer-limit', `replica ${hard} ${hard / 2} 120`],
    ['replica-priority', '100'],
    ['tcp-keepalive', '60'],
    // LATENCY DOCTOR, which every runbook asks first, knows of nothing shorter; 0, the default, is of nothing at all.
    ['latency-monitor-threshold', '100'],
    ...Object.entries(target.settings).map(([name, value]): [string, string] => [name, effective(value)]),
  ]);
}

/** How a node logs in at its primary; upstream's older names, which 7.2 to 9 all know. */
export function replicationSecrets(secrets: NodeSecrets): Directives {
  return new Map([
    ['masteruser', internalLogins.replication],
    ['masterauth', plainPassword('replication', secrets.internal.replication)],
  ]);
}
