import { capabilitiesOf } from '../capabilities';
import { b2Endpoint, b2Region, r2Endpoint } from '../destinations';
import type { BackupDestination, RestoreFrom } from '../config';
import type { Issue } from '../issue';
import type { GapRule, Rule } from '../resolved';
import { snapshotRetentionDays } from '../planner/aws';
import { error, warning } from './issues';

/** Managed services keep snapshots for a bounded number of days. */
export const retentionInRange: Rule = (tier) => {
  const range = capabilitiesOf(tier.chosen.kind).retentionDays.value;
  const days = snapshotRetentionDays(tier);
  if (range === null || days <= range.max) return [];
  return error(
    'RetentionInRange',
    tier.config.backup?.keep?.weekly === undefined ? 'backup.keep.daily' : 'backup.keep.weekly',
    `${tier.chosen.kind} keeps snapshots for at most ${range.max} days, got ${days}; lower backup.keep, or copy snapshots elsewhere`,
  );
};

/** A schedule that keeps nothing is no backup. */
export const backupsAreKept: Rule = ({ backup, config }) => [
  ...(backup.schedule !== 'none' && keepsNothing(backup.keep)
    ? error(
        'BackupsAreKept',
        config.backup?.keep === undefined ? 'backup' : 'backup.keep',
        'backups are taken and none is kept; set backup.keep.daily, or backup.schedule "none"',
      )
    : []),
  ...backup.destinations.flatMap(({ keep, id }, index) =>
    config.backup?.to?.[index]?.keep !== undefined && keepsNothing(keep)
      ? error('BackupsAreKept', `backup.to[${index}].keep`, `${id} gets backups and keeps none; set daily or weekly`)
      : [],
  ),
];

function keepsNothing(keep: { readonly daily: number; readonly weekly: number }): boolean {
  return keep.daily + keep.weekly === 0;
}

/** The same bucket twice is one copy, not two. */
export const bucketsDiffer: Rule = ({ config, backup }) =>
  (config.backup?.to ?? []).flatMap((to, index) => {
    const [id, endpoint] = [backup.destinations[index]?.id, backup.destinations[index]?.endpoint];
    const place = placeOf(endpoint ?? '');
    const first = backup.destinations.findIndex(
      (other) => other.id === id || (placeOf(other.endpoint) === place && other.bucket === to.bucket),
    );
    if (first === index || first < 0) return [];
    const same = placeOf(backup.destinations[first]?.endpoint ?? '') === place;
    return error(
      'BucketsDiffer',
      `backup.to[${index}].bucket`,
      same
        ? `"${to.bucket}" is already a destination; a second copy needs another bucket`
        : `keys are given for "${id ?? ''}", which names two buckets; give one of them another name`,
    );
  });

/** An endpoint without what makes no difference: letter case and the port of https. */
function placeOf(endpoint: string): string {
  return endpoint.toLowerCase().replace(/:443$/, '');
}

/** Names that the provider refuses. Sources: AmazonS3 bucketnamingrules, r2/buckets/create-buckets, B2 buckets. */
export const bucketNamesAreAccepted: Rule = ({ config }) =>
  (config.backup?.to ?? []).flatMap((to, index) => {
    const problem = bucketProblem(to);
    return problem === null
      ? []
      : error('BucketNamesAreAccepted', `backup.to[${index}].bucket`, `"${to.bucket}" ${problem}`);
  });

function bucketProblem({ provider, bucket }: BackupDestination): string | null {
  if (provider !== 's3' && bucket.includes('.')) return 'has a dot, which neither R2 nor B2 accepts';
  if (provider === 'b2' && bucket.length < 6) return `has ${bucket.length} characters, and B2 needs at least 6`;
  if (provider === 'b2' && bucket.startsWith('b2-')) return 'starts with "b2-", which B2 keeps for itself';
  if (/\.\.|\.-|-\./.test(bucket)) return 'has two separators beside each other, which S3 does not accept';
  return /^\d+\.\d+\.\d+\.\d+$/.test(bucket) ? 'looks like an address, which S3 does not accept' : null;
}

/** A schedule of "none" would leave the buckets empty. */
export const bucketsNeedSchedule: Rule = ({ config, backup }) =>
  (config.backup?.to ?? []).length > 0 && backup.schedule === 'none'
    ? error(
        'BucketsNeedSchedule',
        config.backup?.schedule === undefined ? 'backup' : 'backup.schedule',
        'backup.to names buckets and backup.schedule is "none"; set it to "daily"',
      )
    : [];

/** R2 answers on the endpoint of the bucket's jurisdiction only, B2 on that of its region. */
export const endpointsMatch: Rule = ({ config }) =>
  (config.backup?.to ?? []).flatMap((to, index) => endpointIssues(to, `backup.to[${index}]`));

function endpointIssues(to: BackupDestination, path: string): readonly Issue[] {
  switch (to.provider) {
    case 'r2': {
      if (to.accountId === undefined && (to.endpoint === undefined || to.create)) {
        const needed = to.create
          ? 'an R2 bucket that is made needs accountId'
          : 'an R2 bucket needs accountId, or endpoint';
        return error('EndpointsMatch', path, needed);
      }
      if (to.endpoint === undefined) return [];
      const match = /^https:\/\/([0-9a-f]{32})(?:\.(eu|fedramp))?\.r2\.cloudflarestorage\.com$/.exec(to.endpoint);
      if (!match)
        return error(
          'EndpointsMatch',
          `${path}.endpoint`,
          `"${to.endpoint}" is not an R2 endpoint such as "${r2Endpoint('<account>', 'eu')}"`,
        );
      const jurisdiction = match[2] ?? 'default';
      if (to.accountId !== undefined && to.accountId !== match[1]) {
        return error(
          'EndpointsMatch',
          `${path}.accountId`,
          `the endpoint is of account ${match[1] ?? ''}, got "${to.accountId}"`,
        );
      }
      if (to.jurisdiction !== undefined && to.jurisdiction !== jurisdiction) {
        return error(
          'EndpointsMatch',
          `${path}.jurisdiction`,
          `the endpoint is of jurisdiction "${jurisdiction}", got "${to.jurisdiction}"`,
        );
      }
      return [];
    }
    case 'b2': {
      if (to.region === undefined && to.endpoint === undefined) {
        return error('EndpointsMatch', path, 'a B2 bucket needs region, or endpoint');
      }
      if (to.endpoint === undefined) return [];
      const region = b2Region(to.endpoint);
      if (region === null)
        return error(
          'EndpointsMatch',
          `${path}.endpoint`,
          `"${to.endpoint}" is not a B2 endpoint such as "${b2Endpoint('eu-central-003')}"`,
        );
      return to.region === undefined || to.region === region
        ? []
        : error(
            'EndpointsMatch',
            `${path}.region`,
            `the endpoint is of region "${region}", got "${to.region}"; any but the right one fails the signature`,
          );
    }
    case 's3': {
      const named = regionInEndpoint(to.endpoint);
      if (named !== null && named !== (to.region ?? 'us-east-1')) {
        return error(
          'EndpointsMatch',
          to.region === undefined ? `${path}.endpoint` : `${path}.region`,
          `the endpoint is of region "${named}", got "${to.region ?? 'us-east-1'}"; set region "${named}"`,
        );
      }
      return to.endpoint.startsWith('https://') || /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(to.endpoint)
        ? []
        : error('EndpointsMatch', `${path}.endpoint`, `"${to.endpoint}" would send backups in plain text; use https`);
    }
  }
}

/** Region that an endpoint of AWS, Backblaze or Wasabi names; requests signed for another are refused. */
function regionInEndpoint(endpoint: string): string | null {
  const host = /^https:\/\/s3[.-]([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:amazonaws\.com|backblazeb2\.com|wasabisys\.com)$/;
  return host.exec(endpoint)?.[1] ?? null;
}

/** Servers keep nothing for us: without a bucket there is no backup. */
export const backupNeedsBucket: Rule = ({ chosen, backup, config }) => {
  if (chosen.kind !== 'hetzner' || backup.schedule === 'none' || backup.destinations.length > 0) return [];
  const asked = config.backup?.schedule !== undefined;
  const message =
    'backups from our own servers need a bucket: add backup.to, with a second provider for the second copy';
  return asked
    ? error('BackupNeedsBucket', 'backup.schedule', message)
    : warning(
        'BackupNeedsBucket',
        config.backup === undefined ? '$' : 'backup',
        `${message}; until then there are none`,
      );
};

/** What is shipped are the append-only files, to a bucket. */
export const continuousNeedsFiles: Rule = ({ chosen, backup, durability }) => {
  if (chosen.kind !== 'hetzner' || !backup.continuous) return [];
  if (backup.destinations.length === 0)
    return error(
      'ContinuousNeedsFiles',
      'backup.continuous',
      'append-only files need a bucket to go to: add backup.to',
    );
  return durability === 'none' || durability === 'snapshot'
    ? error(
        'ContinuousNeedsFiles',
        'backup.continuous',
        `with durability "${durability}" there are no append-only files to ship; set durability "everysec"`,
      )
    : [];
};

/** What a new tier begins with is what its target can read, and is named once. */
export const restoreNamesBackup: Rule = ({ chosen, backup, config: { restoreFrom } }) => {
  if (!restoreFrom || chosen.kind === 'local') return [];
  const refused = (message: string, field?: string): readonly Issue[] =>
    error('RestoreNamesBackup', field === undefined ? 'restoreFrom' : `restoreFrom.${field}`, message);
  const given = (fields: readonly (keyof RestoreFrom)[]): keyof RestoreFrom | undefined =>
    fields.find((field) => restoreFrom[field] !== undefined);
  if (chosen.kind !== 'hetzner') {
    const foreign = given(['bucket', 'tier', 'backup', 'at']);
    if (foreign !== undefined)
      return refused(
        `${chosen.kind} does not read backups of our own servers; write one with "cachetier restore --export", copy it to S3, and name it in restoreFrom.rdb`,
        foreign,
      );
    if (restoreFrom.rdb !== undefined && restoreFrom.snapshot !== undefined)
      return refused('the data comes from an RDB or from a snapshot, not from both', 'snapshot');
    return given(['rdb', 'snapshot']) === undefined
      ? refused('name an RDB in S3 (rdb), or a snapshot of the service')
      : [];
  }
  const foreign = given(['rdb', 'snapshot']);
  if (foreign !== undefined)
    return refused(
      'servers of our own begin with a backup from their buckets; name one by bucket, tier and backup',
      foreign,
    );
  const known = backup.destinations.map(({ id }) => id);
  if (known.length === 0) return refused('no bucket is known: add backup.to');
  if (restoreFrom.bucket !== undefined && !known.includes(restoreFrom.bucket))
    return refused(`"${restoreFrom.bucket}" is not in backup.to; needed one of ${known.join(', ')}`, 'bucket');
  return restoreFrom.backup !== undefined && restoreFrom.at !== undefined
    ? refused('a backup is given by name or by a second, not by both', 'at')
    : [];
};

/** CloudFormation makes a new cache for another seed, and for none: the old one with its data is put aside. */
export const seedIsPinned: Rule = ({ chosen, config: { restoreFrom } }) =>
  restoreFrom === undefined || chosen.kind === 'hetzner' || chosen.kind === 'local'
    ? []
    : warning(
        'SeedIsPinned',
        'restoreFrom',
        'what the cache was seeded from stays in the config for its life: to change or remove it makes a new cache in its place',
      );

/** A second of yesterday on a service that takes one snapshot a day. */
export const pointInTimeGap: GapRule = ({ chosen, config }) => {
  if (!config.backup?.continuous || chosen.kind === 'hetzner' || chosen.kind === 'local') return [];
  return [
    {
      gap: 'point-in-time',
      path: 'backup.continuous',
      asked: 'a restore to any second, at most 60 s lost',
      given: 'daily snapshots',
      reason: 'the service ships no append-only files',
    },
  ];
};

/** Buckets on a target whose nodes we do not run. */
export const destinationGap: GapRule = ({ chosen, config }) => {
  const buckets = config.backup?.to ?? [];
  if (buckets.length === 0 || chosen.kind === 'local' || capabilitiesOf(chosen.kind).backupDestinations.value)
    return [];
  return [
    {
      gap: 'backup-destination',
      path: 'backup.to',
      asked: `backups to ${buckets.map((to) => `${to.provider} ${to.bucket}`).join(' and ')}`,
      given: 'snapshots that stay with the service',
      reason: 'nothing of ours runs on its nodes',
    },
  ];
};

/** A schedule that the target does not run. Daily snapshots are more than weekly ones, and what is asked is a floor. */
export const scheduleGap: GapRule = ({ chosen, config }) => {
  const asked = config.backup?.schedule;
  if (asked === undefined || asked === 'weekly' || chosen.kind === 'local') return [];
  if (capabilitiesOf(chosen.kind).backupSchedules.value.includes(asked)) return [];
  return [
    {
      gap: 'backup-schedule',
      path: 'backup.schedule',
      asked: `${asked} backups`,
      given: 'daily snapshots',
      reason: 'the service takes one snapshot a day',
    },
  ];
};
