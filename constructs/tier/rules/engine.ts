import { capabilitiesOf } from '../capabilities';
import type { Rule } from '../resolved';
import { error } from './issues';

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
