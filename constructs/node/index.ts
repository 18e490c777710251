/**
 * What a machine needs that runs Valkey and Sentinel, as text: every function is pure, one renderer for each file.
 *
 * @packageDocumentation
 */
export { renderConfigFiles } from './config-files';
export type { NodeFile } from './files';
export { discoveryRules, internalLogins } from './internal-users';
export { backupPrograms, renderBackupSettings } from './machine/backup';
export { renderMachineFiles } from './machine/files';
export { keeperFiles } from './machine/keeper';
export { renderApplyPayload } from './machine/payload';
export { hetznerPlacement } from './machine/placement';
export { backupCommand, nodeCommand } from './machine/paths';
export { heldArguments } from './machine/units';
export { exporterSettings, renderExporterPasswords } from './machine/exporters';
export {
  monitoringPorts,
  renderMonitoringServerFiles,
  renderMonitoringUserData,
  smtpPasswordFile,
} from './machine/monitoring-server';
export { applyCommand, bootstrapCommand, renderUserData, type UserDataOptions } from './machine/user-data';
export type { NodeAddress, NodeFolders, NodePlacement } from './placement';
export { hasNodes, hasSentinel, lettersOf, type NodesTierPlan, sentinelId } from './plan';
export type { BucketKey, InternalPasswords, KeyPair, NodeSecrets } from './secrets';
export { sentinelTuning } from './sentinel-conf';
