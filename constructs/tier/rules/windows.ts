import { capabilitiesOf } from '../capabilities';
import type { GapRule, Rule } from '../resolved';
import { error } from './issues';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** A window shorter than the service accepts is refused by it only while it deploys. */
export const windowsAreLongEnough: Rule = ({ chosen, backup, maintenanceWindow, config }) => {
  const can = capabilitiesOf(chosen.kind);
  const backupLeast = can.backupWindowMinutes.value;
  const maintenanceLeast = can.maintenanceWindowMinutes.value;
  const backupLength = dailyLength(backup.window);
  const maintenanceLength = weekly(maintenanceWindow).length;
  return [
    ...(config.backup?.window !== undefined && backupLeast !== null && backupLength < backupLeast
      ? error(
          'WindowsAreLongEnough',
          'backup.window',
          `${chosen.kind} needs at least ${backupLeast} minutes, got ${backupLength}`,
        )
      : []),
    ...(config.maintenance?.window !== undefined && maintenanceLeast !== null && maintenanceLength < maintenanceLeast
      ? error(
          'WindowsAreLongEnough',
          'maintenance.window',
          `${chosen.kind} needs at least ${maintenanceLeast} minutes, got ${maintenanceLength}`,
        )
      : []),
    ...(config.maintenance?.window !== undefined && maintenanceLeast !== null && maintenanceLength > DAY
      ? error(
          'WindowsAreLongEnough',
          'maintenance.window',
          `${chosen.kind} takes at most 24 hours, got ${maintenanceLength} minutes`,
        )
      : []),
  ];
};

/** A snapshot cannot be taken while the service works on the nodes. */
export const windowsDoNotOverlap: Rule = ({ chosen, backup, maintenanceWindow, config }) => {
  if (capabilitiesOf(chosen.kind).maintenanceWindowMinutes.value === null || backup.schedule === 'none') return [];
  const maintenance = weekly(maintenanceWindow);
  const [start = 0] = times(backup.window);
  const length = dailyLength(backup.window);
  const overlaps = days.some((_day, index) => meet({ start: index * DAY + start, length }, maintenance));
  if (!overlaps) return [];
  return error(
    'WindowsDoNotOverlap',
    config.backup?.window === undefined && config.maintenance?.window !== undefined
      ? 'maintenance.window'
      : 'backup.window',
    `the backup window ${backup.window} and the maintenance window ${maintenanceWindow} overlap; move one of them`,
  );
};

/** A window on a target that has none. */
export const maintenanceGap: GapRule = ({ chosen, config }) => {
  if (config.maintenance?.window === undefined || chosen.kind === 'local') return [];
  if (capabilitiesOf(chosen.kind).maintenanceWindowMinutes.value !== null) return [];
  return [
    {
      gap: 'maintenance-window',
      path: 'maintenance.window',
      asked: `maintenance at ${config.maintenance.window}`,
      given: 'no window',
      reason: capabilitiesOf(chosen.kind).maintenanceWindowMinutes.source,
    },
  ];
};

interface Span {
  /** Minutes since Monday 00:00. */
  readonly start: number;
  readonly length: number;
}

/** Whether two spans of the circle of a week have a minute in common. */
function meet(a: Span, b: Span): boolean {
  const fromA = (b.start - a.start + WEEK) % WEEK;
  const fromB = (a.start - b.start + WEEK) % WEEK;
  return fromA < a.length || fromB < b.length;
}

function weekly(window: string): Span {
  const [from = '', to = ''] = window.split('-');
  const start = minuteOfWeek(from);
  return { start, length: (minuteOfWeek(to) - start + WEEK) % WEEK };
}

function minuteOfWeek(text: string): number {
  return days.indexOf(text.slice(0, 3)) * DAY + minuteOfDay(text.slice(4));
}

function dailyLength(window: string): number {
  const [start = 0, end = 0] = times(window);
  return (end - start + DAY) % DAY;
}

function times(window: string): number[] {
  return window.split('-').map(minuteOfDay);
}

function minuteOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}
