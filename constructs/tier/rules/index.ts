import type { GapRule, Rule } from '../resolved';
import {
  clientsReachPrivateNetwork,
  defaultGetsNothing,
  deployNeedsSsh,
  nobodyIsTheWorld,
  userNamesDiffer,
} from './access';
import {
  backupNeedsBucket,
  backupsAreKept,
  bucketsDiffer,
  bucketsNeedSchedule,
  destinationGap,
  endpointsMatch,
  retentionInRange,
  scheduleGap,
} from './backup';
import { durabilityGap, synchronousNeedsFamily, synchronousNeedsReplica } from './durability';
import {
  databasesSeparateNothing,
  imageHasVersion,
  ioThreadsLeaveACore,
  maxmemoryLeavesRoom,
  settingGap,
  settingInRange,
  settingIsKnown,
  versionIsKnown,
} from './engine';
import { localLeavesOut } from './local';
import {
  acceptedOnce,
  labelsAreAccepted,
  otherTargetsAreOthers,
  payForWhatIsUsed,
  prometheusGap,
  tagsAreAccepted,
} from './names';
import {
  datasetFitsNode,
  locationIsKnown,
  nodeTypeIsKnown,
  serverlessLimits,
  serverTypeIsSold,
  subnetHoldsNodes,
} from './nodes';
import {
  clusterNeedsAwareClients,
  datasetFitsShards,
  multiAzNeedsReplica,
  nodesWithinQuota,
  sentinelsNeedMajority,
  shardsNeedCluster,
} from './topology';
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
  databasesSeparateNothing,
  nobodyIsTheWorld,
  defaultGetsNothing,
  userNamesDiffer,
  backupsAreKept,
  bucketsDiffer,
  bucketsNeedSchedule,
  endpointsMatch,
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
  subnetHoldsNodes,
  deployNeedsSsh,
  clientsReachPrivateNetwork,
  retentionInRange,
  backupNeedsBucket,
  windowsAreLongEnough,
  windowsDoNotOverlap,
  labelsAreAccepted,
  payForWhatIsUsed,
  localLeavesOut,
];

/** What was asked for and the target does not give. */
export const gapRules: readonly GapRule[] = [
  durabilityGap,
  evictionGap,
  settingGap,
  destinationGap,
  scheduleGap,
  maintenanceGap,
  prometheusGap,
];
