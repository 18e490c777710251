import { addressOf } from '../../lookup';
import type { NodeFile } from '../../files';
import { internalLogins } from '../../internal-users';
import type { NodePlacement } from '../../placement';
import { lettersOf, type NodesTierPlan } from '../../plan';
import type { NodeSecrets } from '../../secrets';
import { backupCommand, backupFolder, caFile, metricsFolder, rootFile, rootScript, rootSecret } from '../paths';
import { cataloguePy } from './catalogue';
import { chainsPy } from './chains';
import { backupCommandPy } from './command';
import { drillPy } from './drill';
import { fetchingPy } from './fetching';
import { gaugesPy } from './gauges';
import { givenPy } from './given';
import { loaderPy } from './loader';
import { restorePy } from './restore';
import { sealingPy } from './sealing';
import { shipPy } from './ship';
import { storagePy } from './storage';
import { takePy } from './take';
import { backupUnit, backupTimer, drillTimer, drillUnit, shipUnit } from './units';

/** Programs of the backup, the same on every node of every tier; they also run where there is no node. */
export const backupPrograms: readonly NodeFile[] = [
  rootFile(`${backupFolder}/given.py`, givenPy),
  rootFile(`${backupFolder}/storage.py`, storagePy),
  rootFile(`${backupFolder}/sealing.py`, sealingPy),
  rootFile(`${backupFolder}/catalogue.py`, cataloguePy),
  rootFile(`${backupFolder}/chains.py`, chainsPy),
  rootFile(`${backupFolder}/gauges.py`, gaugesPy),
  rootFile(`${backupFolder}/loader.py`, loaderPy),
  rootFile(`${backupFolder}/take.py`, takePy),
  rootFile(`${backupFolder}/fetching.py`, fetchingPy),
  rootFile(`${backupFolder}/drill.py`, drillPy),
  rootFile(`${backupFolder}/ship.py`, shipPy),
  rootFile(`${backupFolder}/restore.py`, restorePy),
  rootScript(backupCommand, backupCommandPy),
];

/**
 * The backup of a node: its programs, and where there are buckets its settings and timers.
 *
 * Every node has the timers and the programs decide who acts, because roles move and names do not.
 *
 * @throws Error when a bucket has no key in the secrets
 */
export function renderBackupFiles(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): readonly NodeFile[] {
  const { destinations, continuous, drill } = plan.backup;
  // The programs also bring back an RDB that somebody gives.
  if (destinations.length === 0) return backupPrograms;
  return [
    ...backupPrograms,
    rootSecret('/etc/cachetier/backup.json', renderBackupSettings(plan, letter, placement, secrets)),
    rootFile('/etc/systemd/system/cachetier-backup.service', backupUnit),
    rootFile('/etc/systemd/system/cachetier-backup.timer', backupTimer),
    ...(drill === 'none'
      ? []
      : [
          rootFile('/etc/systemd/system/cachetier-drill.service', drillUnit(drill)),
          rootFile('/etc/systemd/system/cachetier-drill.timer', drillTimer),
        ]),
    ...(continuous ? [rootFile('/etc/systemd/system/cachetier-ship.service', shipUnit)] : []),
  ];
}

/**
 * What the programs of the backup know, as JSON. It holds keys of buckets and backups: a file of root, which systemd
 * hands to the units that need it.
 *
 * @throws Error when a bucket has no key in the secrets, or no key of the backups is there
 */
export function renderBackupSettings(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): string {
  const { destinations, window, recipients, continuous, restoreFrom } = plan.backup;
  const { backupKey } = secrets;
  if (!backupKey) throw new Error('no key for the backups; give one in secrets.backupKey');
  const { backup } = secrets.internal;
  const before = secrets.previous?.internal.backup;
  return `${JSON.stringify({
    tier: plan.target.primaryName,
    letter,
    nodes: lettersOf(plan).map((node) => {
      const { address, valkeyPort } = addressOf(placement, node);
      return [node, address, valkeyPort];
    }),
    caFile,
    metricsFolder,
    dataFolder: placement.folders.data,
    window,
    user: internalLogins.backup,
    passwords: [backup, ...(before === undefined ? [] : [before])],
    recipients: [backupKey.publicKey.trim(), ...recipients],
    identities: [backupKey.privateKey, ...(secrets.restoreKeys ?? [])],
    continuous,
    restoreFrom: restoreFrom && { ...restoreFrom, at: restoreFrom.at && Date.parse(restoreFrom.at) / 1000 },
    destinations: destinations.map((destination) => {
      const key = secrets.buckets[destination.id];
      if (!key) throw new Error(`no key for the bucket "${destination.id}"; give one in secrets.buckets`);
      return { ...destination, ...key };
    }),
  })}\n`;
}
