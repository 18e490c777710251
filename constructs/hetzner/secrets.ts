import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import * as tls from '@pulumi/tls';
import type { InternalPasswords, KeyPair, NodeSecrets } from '../node/secrets';
import { ConfigError, type Issue } from '../tier/issue';
import { defineAuthority, defineNodeCertificate, generationName } from './certificates';
import type { HetznerTierPlan } from './plan';

/** An S3 key pair, as a program gives it. */
export interface BucketKeyArgs {
  readonly accessKeyId: pulumi.Input<string>;
  readonly secretAccessKey: pulumi.Input<string>;
}

/**
 * Generations of the secrets of a tier, whole numbers from 1 on. Raise one by one, and only once the update before has
 * ended: a password is admitted for two generations.
 */
export interface RotateArgs {
  /**
   * Generation of the password of each user, by the user's name in the config.
   *
   * @default - 1
   */
  readonly users?: Readonly<Record<string, number>>;
  /**
   * Generation of the passwords that the nodes need among themselves.
   *
   * @default - 1
   */
  readonly internal?: number;
  /**
   * Generation of the certificates and keys of the nodes; the CA stays.
   *
   * @default - 1
   */
  readonly certificates?: number;
}

/** Keys of the backup buckets by the `id` of the destination, such as `r2:my-bucket`. */
export type BucketKeysArgs = Readonly<Record<string, pulumi.Input<BucketKeyArgs>>>;

/** Every secret of a tier: made once, kept encrypted in the state, and passed on as secret outputs only. */
export interface TierSecrets {
  readonly all: pulumi.Output<NodeSecrets>;
  /** Passwords by the user's name in the config. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** PEM of the tier's own CA. */
  readonly caCertificate: pulumi.Output<string>;
  /** The key pair of the backups; secret. */
  readonly backupKey: pulumi.Output<KeyPair>;
}

const internal = [
  'replication',
  'sentinel',
  'sentinelAdmin',
  'operator',
  'exporter',
  'backup',
] as const satisfies readonly (keyof InternalPasswords)[];

/** 48 letters and digits are 285 bits, and need no quoting in any file. */
const PASSWORD_LENGTH = 48;

/**
 * Makes the passwords and certificates of a tier.
 *
 * @throws ConfigError where a bucket has no key, or a key no bucket
 */
export function defineSecrets(
  name: string,
  plan: HetznerTierPlan,
  bucketKeys: BucketKeysArgs,
  rotate: RotateArgs,
  restoreKeys: readonly pulumi.Input<string>[],
  opts: pulumi.CustomResourceOptions,
): TierSecrets {
  refuseOtherKeys(plan, Object.keys(bucketKeys));
  refuseOtherGenerations(plan, rotate);
  const password = (child: string, generation: number): pulumi.Output<string> =>
    pulumi.secret(
      new random.RandomPassword(
        generationName(`${name}-${child}`, generation),
        { length: PASSWORD_LENGTH, special: false },
        opts,
      ).result,
    );
  const names = plan.access.users.map((user) => user.name);
  const generationOf = (user: string): number => rotate.users?.[user] ?? 1;
  const users = Object.fromEntries(names.map((user) => [user, password(`password-${user}`, generationOf(user))]));
  const usersBefore = Object.fromEntries(
    names
      .filter((user) => generationOf(user) > 1)
      .map((user) => [user, password(`password-${user}`, generationOf(user) - 1)]),
  );
  // Under a word of their own: a user of the config may be called `node-backup`.
  const ownOf = (generation: number) =>
    Object.fromEntries(internal.map((user) => [user, password(`internal-${user}`, generation)]));
  const generation = rotate.internal ?? 1;
  const own = ownOf(generation);
  const ownBefore = generation > 1 ? ownOf(generation - 1) : {};
  const authority = defineAuthority(name, plan, opts);
  const nodes = Object.fromEntries(
    plan.target.nodes.map((node) => [
      node.letter,
      pulumi.output(defineNodeCertificate(name, node, authority, rotate.certificates ?? 1, opts)),
    ]),
  );
  const made = defineBuckets(name, plan, opts);
  const buckets = Object.fromEntries(
    Object.entries({ ...bucketKeys, ...made }).map(([id, key]) => [id, pulumi.output(key)]),
  );
  const backupKey = defineBackupKey(name, opts);
  const all = pulumi.secret(
    pulumi
      .all([
        pulumi.all(users),
        pulumi.all(own),
        authority.certificate,
        pulumi.all(nodes),
        pulumi.all(buckets),
        pulumi.all(usersBefore),
        pulumi.all(ownBefore),
        pulumi.all([backupKey, pulumi.all([...restoreKeys])] as const),
      ])
      .apply(
        ([
          userPasswords,
          internalPasswords,
          caCertificate,
          pairs,
          keys,
          before,
          internalBefore,
          ofBackups,
        ]): NodeSecrets => ({
          users: userPasswords,
          internal: internalPasswords as Record<keyof InternalPasswords, string>,
          caCertificate,
          nodes: pairs,
          buckets: keys,
          previous: { users: before, internal: internalBefore },
          backupKey: ofBackups[0],
          restoreKeys: ofBackups[1],
        }),
      ),
  );
  return { all, passwords: users, caCertificate: authority.certificate, backupKey };
}

/** Buckets that are made with the tier. Cloudflare's SDK is loaded for these alone. */
function defineBuckets(name: string, plan: HetznerTierPlan, opts: pulumi.CustomResourceOptions): BucketKeysArgs {
  const asked = plan.backup.destinations.filter(({ create }) => create !== null);
  if (asked.length === 0) return {};
  const { R2BackupBucket } = require('./r2-bucket') as typeof import('./r2-bucket');
  return Object.fromEntries(
    asked.map((destination) => [
      destination.id,
      new R2BackupBucket(`${name}-${destination.bucket}`, { destination }, opts).key,
    ]),
  );
}

/** Made whether or not there is a bucket yet: a bucket that is added later needs no other key. */
function defineBackupKey(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<KeyPair> {
  const key = new tls.PrivateKey(`${name}-backup-key`, { algorithm: 'ED25519' }, opts);
  return pulumi.secret(
    pulumi
      .all([key.privateKeyOpenssh, key.publicKeyOpenssh])
      .apply(([privateKey, publicKey]): KeyPair => ({ privateKey, publicKey: publicKey.trim() })),
  );
}

function refuseOtherGenerations(plan: HetznerTierPlan, { users = {}, internal: own, certificates }: RotateArgs): void {
  const known = plan.access.users.map((user) => user.name);
  const given = Object.entries({ ...prefixed(users), 'rotate.internal': own, 'rotate.certificates': certificates });
  const issues = [
    ...Object.keys(users)
      .filter((user) => !known.includes(user))
      .map((user) => `rotate.users.${user}: the config has no such user; needed one of ${known.join(', ')}`),
    ...given
      .filter(([, value]) => value !== undefined && !(Number.isInteger(value) && value >= 1))
      .map(([field, value]) => `${field}: got ${value}, needed a whole number from 1 on`),
  ];
  if (issues.length === 0) return;
  throw new ConfigError(
    issues.map((message) => ({ code: 'RotationUnknown', path: 'access.users', severity: 'error', message })),
  );
}

function prefixed(users: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(users).map(([user, generation]) => [`rotate.users.${user}`, generation]));
}

function refuseOtherKeys(plan: HetznerTierPlan, given: readonly string[]): void {
  // One that is made here brings its own.
  const known = plan.backup.destinations.filter(({ create }) => create === null).map((to) => to.id);
  const needed = known.length === 0 ? 'the config has no bucket' : `needed one of ${known.join(', ')}`;
  const issues = [
    ...known
      .filter((id) => !given.includes(id))
      .map((id) =>
        keyIssue(`the bucket ${id} has no key; give bucketKeys["${id}"] with accessKeyId and secretAccessKey`),
      ),
    ...given
      .filter((id) => !known.includes(id))
      .map((id) => keyIssue(`bucketKeys["${id}"] is the key of no bucket; ${needed}`)),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
}

function keyIssue(message: string): Issue {
  return { code: 'BucketKeysDiffer', path: 'backup.to', severity: 'error', message };
}
