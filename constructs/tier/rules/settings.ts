import { ownedInstead, renamedSettings } from '../catalogue/own-settings';
import { type ServiceSetting, serviceSetting } from '../catalogue/service-settings';
import { settingNamed, settings } from '../catalogue/settings';
import { complaint } from '../setting-fit';
import { didYouMean } from '../nearest';
import type { GapFinding, GapRule, Rule } from '../resolved';
import { memoryBytes } from '../sizing';
import { olderThan } from '../versions';
import { error } from './issues';

/** A setting that we set ourselves, or that the version does not have. */
export const settingIsKnown: Rule = ({ settings: asked, engineVersion }) =>
  Object.keys(asked).flatMap((name) => {
    const instead = ownedInstead(name);
    if (instead !== undefined) {
      return error('SettingIsOurs', 'engine.settings', `"${name}" is set by the tier itself: ${instead}`);
    }
    const problem = unknownBecause(name, engineVersion);
    return problem === null ? [] : error('SettingIsKnown', 'engine.settings', `"${name}" ${problem}`);
  });

function unknownBecause(name: string, version: string): string | null {
  const known = settingNamed(name, version);
  if (!known) {
    const renamed = Object.hasOwn(renamedSettings, name) ? renamedSettings[name] : undefined;
    if (renamed !== undefined) return `is the older name of "${renamed}"; use that`;
    const names = settings.map((one) => one.name);
    return `is not a known setting of Valkey${didYouMean(name, names)}`;
  }
  if (known.since !== null && olderThan(version, known.since)) {
    return `came with Valkey ${known.since}, and this tier runs ${version}; remove it, or raise engine.version`;
  }
  if (known.until !== null && olderThan(known.until, version)) {
    return `went with Valkey ${known.until}, and this tier runs ${version}; remove it`;
  }
  return null;
}

/** A value that the engine would refuse at its start. */
export const settingInRange: Rule = ({ settings: asked, engineVersion }) =>
  Object.entries(asked).flatMap(([name, value]) => {
    const known = settingNamed(name, engineVersion);
    const wrong = known ? complaint(known.value, value) : null;
    return wrong === null ? [] : error('SettingInRange', 'engine.settings', `"${name}" needs ${wrong}, got "${value}"`);
  });

/** A setting that the service fixes, does not have, or takes in a narrower range than the engine. */
export const settingGap: GapRule = ({ settings: asked, chosen, engineVersion }) =>
  Object.entries(asked).flatMap(([name, value]): readonly GapFinding[] => {
    const known = settingNamed(name, engineVersion);
    const service = serviceSetting(chosen.kind, name, engineVersion);
    if (!known || service === null || complaint(known.value, value) !== null) return [];
    const reason = gapReason(name, value, service, chosen.kind);
    if (reason === null) return [];
    const given = service.kind === 'fixed' && service.to !== '' ? service.to : 'its own value';
    return [{ gap: 'engine-setting', path: 'engine.settings', asked: `${name} ${value}`, given, reason }];
  });

function gapReason(name: string, value: string, service: ServiceSetting, kind: string): string | null {
  switch (service.kind) {
    case 'absent':
      return kind === 'elasticache-serverless' ? 'there are no parameters' : 'the service has no such parameter';
    case 'fixed':
      if (sameValue(value, service.to)) return null;
      return name === 'notify-keyspace-events'
        ? 'keyspace events do not exist there'
        : `the service fixes it to ${service.to}`;
    case 'free': {
      const wrong = complaint(service.value, value);
      return wrong === null ? null : `the service takes ${wrong}`;
    }
  }
}

/** Two values of a setting that mean the same, such as `1gb` and 1073741824. */
function sameValue(a: string, b: string): boolean {
  return a === b || (memoryBytes(a) !== null && memoryBytes(a) === memoryBytes(b));
}
