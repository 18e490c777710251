import { renderSentinelUsersAcl, renderUsersAcl } from './acl-files';
import type { NodeFile } from './files';
import { nodeCertificate } from './lookup';
import type { NodePlacement } from './placement';
import { hasSentinel, type NodesTierPlan } from './plan';
import type { NodeSecrets } from './secrets';
import { renderSentinelConf } from './sentinel-conf';
import { renderValkeyConf } from './valkey-conf';

/**
 * The files that every node has, on a machine and as processes on this one: configuration, users and certificate of
 * Valkey and, where there are several nodes, of Sentinel.
 *
 * The seed is that of a new tier, whose first primary is named by the plan. A node that joins later takes the primary
 * from the other Sentinels before its first start.
 *
 * @throws Error when the placement or the secrets lack something, naming it
 */
export function renderConfigFiles(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): readonly NodeFile[] {
  const { config, tls } = placement.folders;
  const pair = nodeCertificate(secrets, letter);
  const seeded = { mode: '0600', owner: placement.user, group: placement.user, secret: true, seedOnce: true };
  const secret = { ...seeded, seedOnce: false };
  const open = { ...secret, mode: '0644', secret: false };
  return [
    { ...seeded, path: `${config}/valkey.conf`, content: renderValkeyConf(plan, letter, placement, secrets) },
    { ...secret, path: `${config}/users.acl`, content: renderUsersAcl(plan, secrets) },
    ...(hasSentinel(plan)
      ? [
          { ...seeded, path: `${config}/sentinel.conf`, content: renderSentinelConf(plan, letter, placement, secrets) },
          { ...secret, path: `${config}/sentinel-users.acl`, content: renderSentinelUsersAcl(plan, secrets) },
        ]
      : []),
    { ...open, path: `${tls}/ca.crt`, content: pem(secrets.caCertificate) },
    { ...open, path: `${tls}/node.crt`, content: pem(pair.certificate) },
    { ...secret, path: `${tls}/node.key`, content: pem(pair.privateKey) },
  ];
}

/** Certificates are put one after another while a CA is rotated, so each ends its last line. */
export function pem(text: string): string {
  return `${text.trimEnd()}\n`;
}
