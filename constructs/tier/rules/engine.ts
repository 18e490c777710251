import { capabilitiesOf } from '../capabilities';
import {
  ownSettings,
  serverlessFixed,
  settable,
  settingNamed,
  settings,
  type SettingValue,
} from '../catalogue/settings';
import type { GapFinding, GapRule, Rule } from '../resolved';
import { memoryBytes } from '../sizing';
import { formatBytes } from '../units';
import { didYouMean } from '../nearest';
import { error, warning } from './issues';

/** A version that the target does not run: MemoryDB ends at 7.3, a distribution packages one version. */
export const versionIsKnown: Rule = ({ chosen, engineVersion }) => {
  const known = Object.keys(capabilitiesOf(chosen.kind).engineVersions);
  if (known.includes(engineVersion)) return [];
  return error(
    'VersionIsKnown',
    'engine.version',
    `${chosen.kind} runs Valkey ${known.join(', ')}, got "${engineVersion}"; choose one of them, or another target`,
  );
};

/** The image packages one version; another one would have to come from elsewhere. */
export const imageHasVersion: Rule = ({ chosen, engineVersion, targetPath }) => {
  if (chosen.kind !== 'hetzner' || chosen.fields.image === undefined) return [];
  const packaged = capabilitiesOf('hetzner').engineVersions[engineVersion]?.image;
  if (packaged === undefined || packaged === chosen.fields.image) return [];
  return error(
    'ImageHasVersion',
    `${targetPath}.image`,
    `${chosen.fields.image} does not package Valkey ${engineVersion}; use image "${packaged ?? ''}", or set engine.version`,
  );
};

/** A setting that we set ourselves, or that no version has. */
export const settingIsKnown: Rule = ({ settings: asked, engineVersion }) =>
  Object.keys(asked).flatMap((name) => {
    const instead = Object.hasOwn(ownSettings, name) ? ownSettings[name] : undefined;
    if (instead !== undefined) {
      return error('SettingIsOurs', 'engine.settings', `"${name}" is set by the tier itself: ${instead}`);
    }
    const known = settingNamed(name);
    if (!known) {
      const near = didYouMean(
        name,
        settings.map((one) => one.name),
      );
      return error('SettingIsKnown', 'engine.settings', `"${name}" is not a known setting of Valkey${near}`);
    }
    if (known.since !== null && older(engineVersion, known.since)) {
      return error(
        'SettingIsKnown',
        'engine.settings',
        `"${name}" came with Valkey ${known.since}, and this tier runs ${engineVersion}; remove it, or raise engine.version`,
      );
    }
    return [];
  });

/** A value that the engine would refuse at its start. */
export const settingInRange: Rule = ({ settings: asked }) =>
  Object.entries(asked).flatMap(([name, value]) => {
    const known = settingNamed(name);
    const wrong = known ? complaint(known.value, value) : null;
    return wrong === null ? [] : error('SettingInRange', 'engine.settings', `"${name}" needs ${wrong}, got "${value}"`);
  });

/** A setting that the target fixes or does not have. */
export const settingGap: GapRule = ({ settings: asked, chosen }) =>
  Object.entries(asked).flatMap(([name, value]): readonly GapFinding[] => {
    const known = settingNamed(name);
    if (!known || settable(known, chosen.kind)) return [];
    const fixed = chosen.kind === 'elasticache-serverless' && Object.hasOwn(serverlessFixed, name);
    const reason =
      name === 'notify-keyspace-events' && fixed
        ? 'keyspace events do not exist there'
        : fixed
          ? `the service fixes it to ${serverlessFixed[name]}`
          : 'the service has no such parameter';
    return [
      { gap: 'engine-setting', path: 'engine.settings', asked: `${name} ${value}`, given: 'its own value', reason },
    ];
  });

/** One processor is the engine's own; with all of them taken by io-threads everything waits. */
export const ioThreadsLeaveACore: Rule = ({ settings: asked, size }) => {
  const threads = Number(asked['io-threads'] ?? 1);
  if (!size || size.type === 'process' || threads <= 1 || threads <= size.vcpus - 1) return [];
  return error(
    'IoThreadsLeaveACore',
    'engine.settings',
    `io-threads may be at most ${Math.max(1, size.vcpus - 1)} on ${size.type} with ${size.vcpus} cores, got ${threads}`,
  );
};

/** A fork while saving can take as much again; above 70 percent the kernel ends the process. */
export const maxmemoryLeavesRoom: Rule = ({ settings: asked, size, chosen }) => {
  const wanted = asked['maxmemory'] === undefined ? null : memoryBytes(asked['maxmemory']);
  if (wanted === null || !size || chosen.kind !== 'hetzner') return [];
  const most = 0.7 * size.memoryBytes;
  if (wanted > most) {
    return error(
      'MaxmemoryLeavesRoom',
      'engine.settings',
      `maxmemory may be at most 70 percent of ${formatBytes(size.memoryBytes)} on ${size.type}, got ${formatBytes(wanted)}; ` +
        'choose a larger server type, or remove it for 60 percent',
    );
  }
  return [];
};

/** Numbered databases separate nothing: one FLUSHDB, one slow command and one full memory are everybody's. */
export const databasesSeparateNothing: Rule = ({ settings: asked }) =>
  asked['databases'] === undefined
    ? []
    : warning(
        'DatabasesSeparateNothing',
        'engine.settings',
        'numbered databases share memory, eviction and the one thread; use a tier for each use instead',
      );

function older(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** What the value should be, or null where it is right. */
function complaint(value: SettingValue, given: string): string | null {
  switch (value.type) {
    case 'integer': {
      const number = Number(given);
      const right = /^-?\d+$/.test(given) && number >= value.min && number <= value.max;
      return right ? null : `a whole number from ${value.min} to ${value.max}`;
    }
    case 'bytes': {
      const amount = memoryBytes(given);
      const right = amount !== null && amount >= value.min && amount <= value.max;
      return right ? null : `an amount of at least ${value.min} bytes, such as "64mb"`;
    }
    case 'yes-no':
      return given === 'yes' || given === 'no' ? null : 'true or false';
    case 'enum':
      return value.values.includes(given) ? null : `one of ${value.values.join(', ')}`;
    case 'text':
      return value.pattern.test(given) ? null : `a value such as ${value.form}`;
  }
}
