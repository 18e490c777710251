import type { Rule } from '../resolved';
import { warning } from './issues';

/**
 * What a config asks of a deployment and processes on one machine do not have. It is no gap to accept: the tier on this
 * machine is for trying the config out, not for keeping its contract.
 */
export const localLeavesOut: Rule = ({ chosen, config }) => {
  if (chosen.kind !== 'local') return [];
  const asked: readonly (readonly [path: string, isAsked: boolean, what: string])[] = [
    ['backup', config.backup !== undefined && config.backup.schedule !== 'none', 'no backup is taken'],
    ['restoreFrom', config.restoreFrom !== undefined, 'a tier begins empty; `cachetier restore --look` opens a backup'],
    ['maintenance.window', config.maintenance?.window !== undefined, 'nothing restarts a process by itself'],
    [
      'monitoring.prometheus',
      config.monitoring?.prometheus !== undefined,
      'nothing is measured, unless by `cachetier up --observe`',
    ],
    [
      'monitoring.server',
      config.monitoring?.server !== undefined,
      'nothing is measured, unless by `cachetier up --observe`',
    ],
    ['availability.zones', config.availability?.zones === 'spread', 'every process shares its power, disk and memory'],
  ];
  return asked.flatMap(([path, isAsked, what]) =>
    isAsked ? warning('LocalLeavesOut', path, `on this machine ${what}`) : [],
  );
};
