import type { NodeFile } from '../files';

/** Settings of Cachetier's own scripts and units. */
export const settingsFolder = '/etc/cachetier';

/** Scripts that units and the deploy step run. */
export const scriptFolder = '/usr/local/lib/cachetier';

/** The keeper: what decides the role of the node. */
export const keeperFolder = `${scriptFolder}/keeper`;

/** Programs of the backups. */
export const backupFolder = `${scriptFolder}/backup`;

/** What units, operators and `cachetier restore` ask of the backups. */
export const backupCommand = '/usr/local/sbin/cachetier-backup';

/** What an operator, the deploy step and systemd ask of a node. */
export const nodeCommand = '/usr/local/sbin/cachetier-node';

/** What a node remembers: that it is a member, what was applied last. */
export const stateFolder = '/var/lib/cachetier';

/** Files that the node exporter publishes. */
export const metricsFolder = '/var/lib/cachetier-metrics';

/** The CA once more where every account may read it; `/etc/valkey` is closed to others. */
export const caFile = `${settingsFolder}/ca.crt`;

/** Account that takes the backups. */
export const backupUser = 'cachetier-backup';

/** A file of root that everyone may read. */
export function rootFile(path: string, content: string): NodeFile {
  return { path, mode: '0644', owner: 'root', group: 'root', content, secret: false, seedOnce: false };
}

/** A file of root that nobody else may read. */
export function rootSecret(path: string, content: string): NodeFile {
  return { ...rootFile(path, content), mode: '0600', secret: true };
}

/** A script that root runs. */
export function rootScript(path: string, content: string): NodeFile {
  return { ...rootFile(path, content), mode: '0755' };
}
