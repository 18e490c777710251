import type { CacheTierPlan } from '../../tier/plan';
import { isScraped } from '../scrape';
import type { Signal } from '../signal';
import { backupSignals } from './backups';
import { engineSignals, machineSignals } from './machine';
import { memorySignals } from './memory';
import { nodeSignals } from './nodes';
import { persistenceSignals } from './persistence';
import { sentinelSignals } from './sentinel';
import { serviceSignals } from './service';
import { trafficSignals } from './traffic';

/** What there is to know of a tier, in the order in which a person on call asks; each is said here once. */
export function signalsOf(plan: CacheTierPlan): readonly Signal[] {
  const ofNodes = isScraped(plan)
    ? [
        ...nodeSignals(plan),
        ...sentinelSignals(plan),
        ...persistenceSignals(plan),
        ...engineSignals(plan),
        ...machineSignals(plan),
        ...backupSignals(plan),
      ]
    : [];
  return [...ofNodes, ...memorySignals(plan), ...trafficSignals(plan), ...serviceSignals(plan)].filter(
    ({ prometheus, cloudWatch }) => prometheus !== null || cloudWatch !== null,
  );
}
