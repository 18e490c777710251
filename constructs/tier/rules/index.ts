import type { GapRule, Rule } from '../resolved';
import {
  clientsReachPrivateNetwork,
  defaultGetsNothing,
  deployNeedsSsh,
  channelsLeaveTheNodesTheirs,
  keysLeaveTheNodesTheirs,
  nobodyIsTheWorld,
  userNamesDiffer,
} from './access';
import {
  backupNeedsBucket,
  backupsAreKept,
  continuousNeedsFiles,
  pointInTimeGap,
  restoreNamesBackup,
  bucketNamesAreAccepted,
  bucketsDiffer,
  bucketsNeedSchedule,
  destinationGap,
  endpointsMatch,
  retentionInRange,
  scheduleGap,
  seedIsPinned,
} from './backup';
import { durabilityGap, synchronousNeedsFamily, synchronousNeedsReplica } from './durability';
import { imageHasVersion, versionIsKnown } from './engine';
import { localLeavesOut } from './local';
import { acceptedOnce, labelsAreAccepted, otherTargetsAreOthers, prometheusGap, tagsAreAccepted } from './names';
import {
  datasetFitsNode,
  locationIsKnown,
  nodeTypeIsKnown,
  serverlessLimits,
  serverTypeIsSold,
  mailHasRelay,
  monitoringTypeIsSold,
  subnetHoldsNodes,
} from './nodes';
import { settingGap, settingInRange, settingIsKnown } from './settings';
import {
  connectionsFit,
  databasesSeparateNothing,
  defragNeedsItsBuild,
  ioThreadsLeaveACore,
  keyspaceEventsNeedAChannel,
  maxmemoryLeavesRoom,
  minReplicasExist,
  snapshotsAreSaved,
} from './settings-fit';
import {
  clusterNeedsAwareClients,
  datasetFitsShards,
  failoverGap,
  multiAzNeedsReplica,
  nodesWithinQuota,
  sentinelsNeedMajority,
  shardsNeedCluster,
} from './topology';
import { averageBelowPeak, payForWhatIsUsed, peakFits } from './traffic';
import { maintenanceGap, windowsAreLongEnough, windowsDoNotOverlap } from './windows';
import {
  cacheShouldEvict,
  evictionGap,
  oneTierForEachUse,
  policySuitsWorkload,
  queueMustNotEvict,
  workloadIsNamed,
  workloadNeedsDurability,
} from './workload';

/** Rules that hold whatever the target is. */
export const configRules: readonly Rule[] = [
  workloadIsNamed,
  queueMustNotEvict,
  policySuitsWorkload,
  cacheShouldEvict,
  workloadNeedsDurability,
  oneTierForEachUse,
  settingInRange,
  keyspaceEventsNeedAChannel,
  databasesSeparateNothing,
  nobodyIsTheWorld,
  defaultGetsNothing,
  userNamesDiffer,
  backupsAreKept,
  bucketNamesAreAccepted,
  bucketsDiffer,
  bucketsNeedSchedule,
  endpointsMatch,
  averageBelowPeak,
  tagsAreAccepted,
  otherTargetsAreOthers,
  acceptedOnce,
];

/** Rules that need a known target. */
export const targetRules: readonly Rule[] = [
  synchronousNeedsReplica,
  synchronousNeedsFamily,
  versionIsKnown,
  imageHasVersion,
  settingIsKnown,
  ioThreadsLeaveACore,
  maxmemoryLeavesRoom,
  minReplicasExist,
  snapshotsAreSaved,
  defragNeedsItsBuild,
  connectionsFit,
  multiAzNeedsReplica,
  sentinelsNeedMajority,
  shardsNeedCluster,
  datasetFitsShards,
  nodesWithinQuota,
  clusterNeedsAwareClients,
  nodeTypeIsKnown,
  serverTypeIsSold,
  locationIsKnown,
  datasetFitsNode,
  serverlessLimits,
  mailHasRelay,
  monitoringTypeIsSold,
  subnetHoldsNodes,
  deployNeedsSsh,
  channelsLeaveTheNodesTheirs,
  keysLeaveTheNodesTheirs,
  clientsReachPrivateNetwork,
  retentionInRange,
  backupNeedsBucket,
  continuousNeedsFiles,
  restoreNamesBackup,
  seedIsPinned,
  windowsAreLongEnough,
  windowsDoNotOverlap,
  labelsAreAccepted,
  payForWhatIsUsed,
  peakFits,
  localLeavesOut,
];

/** What was asked for and the target does not give. */
export const gapRules: readonly GapRule[] = [
  durabilityGap,
  evictionGap,
  settingGap,
  destinationGap,
  scheduleGap,
  pointInTimeGap,
  maintenanceGap,
  prometheusGap,
  failoverGap,
];
