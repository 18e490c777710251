import { capabilitiesOf } from '../capabilities';
import type { GapRule, Rule } from '../resolved';
import { error } from './issues';

/** AWS refuses its own prefix and characters outside its set. Source: docs.aws.amazon.com/tag-editor best practices. */
export const tagsAreAccepted: Rule = ({ config }) =>
  Object.entries(config.tags ?? {}).flatMap(([key, value]) => {
    const problem = tagProblem(key, value);
    return problem === null ? [] : error('TagsAreAccepted', 'tags', `tag "${key}": ${problem}`);
  });

function tagProblem(key: string, value: string): string | null {
  if (/^(aws|cachetier):/i.test(key)) return 'the prefixes "aws:" and "cachetier:" are taken';
  if (key.length === 0 || key.length > 128) return `a key has 1 to 128 characters, got ${key.length}`;
  if (value.length > 256) return `a value has at most 256 characters, got ${value.length}`;
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (!allowed.test(key) || !allowed.test(value))
    return 'only letters, digits, spaces and _ . : / = + - @ are accepted';
  return null;
}

/** Hetzner's labels are narrower than tags. Source: docs.hetzner.cloud, labels. */
export const labelsAreAccepted: Rule = ({ chosen, config }) => {
  if (chosen.kind !== 'hetzner') return [];
  const part = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
  return Object.entries(config.tags ?? {}).flatMap(([key, value]) =>
    part.test(key) && (value === '' || part.test(value))
      ? []
      : error(
          'LabelsAreAccepted',
          'tags',
          `tag "${key}": a label at Hetzner has up to 63 letters, digits, "-", "_" and ".", in key and value`,
        ),
  );
};

/** The fields of the target itself stand in `target`. */
export const otherTargetsAreOthers: Rule = ({ config }) => {
  const kind = config.target?.kind;
  if (kind === undefined || config.targets?.[kind] === undefined) return [];
  return error(
    'OtherTargetsAreOthers',
    `targets.${kind}`,
    `the config's own target is ${kind}; put its fields into target`,
  );
};

/** Accepting twice hides which reason holds. */
export const acceptedOnce: Rule = ({ config }) =>
  (config.accept ?? []).flatMap((accepted, index, all) =>
    all.findIndex((other) => other.gap === accepted.gap) === index
      ? []
      : error('AcceptedOnce', `accept[${index}].gap`, `"${accepted.gap}" is accepted twice; keep one reason`),
  );

/** A Prometheus server that has nothing to scrape. */
export const prometheusGap: GapRule = ({ chosen, config }) => {
  const asked = config.monitoring?.prometheus ?? config.monitoring?.server;
  if (asked === undefined || chosen.kind === 'local') return [];
  if (capabilitiesOf(chosen.kind).prometheus.value) return [];
  return [
    {
      gap: 'prometheus',
      path: config.monitoring?.prometheus === undefined ? 'monitoring.server' : 'monitoring.prometheus',
      asked: 'a Prometheus scrape',
      given: 'CloudWatch metrics',
      reason: capabilitiesOf(chosen.kind).prometheus.source,
    },
  ];
};
