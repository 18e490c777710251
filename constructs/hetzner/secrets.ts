import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { InternalPasswords, NodeSecrets } from '../node/secrets';
import { ConfigError, type Issue } from '../tier/issue';
import { defineAuthority, defineNodeCertificate } from './certificates';
import type { HetznerTierPlan } from './plan';

/** An S3 key pair, as a program gives it. */
export interface BucketKeyArgs {
  readonly accessKeyId: pulumi.Input<string>;
  readonly secretAccessKey: pulumi.Input<string>;
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
  opts: pulumi.CustomResourceOptions,
): TierSecrets {
  refuseOtherKeys(plan, Object.keys(bucketKeys));
  const password = (child: string): pulumi.Output<string> =>
    pulumi.secret(
      new random.RandomPassword(`${name}-${child}`, { length: PASSWORD_LENGTH, special: false }, opts).result,
    );
  const users = Object.fromEntries(plan.access.users.map((user) => [user.name, password(`password-${user.name}`)]));
  // Under a word of their own: a user of the config may be called `node-backup`.
  const own = Object.fromEntries(internal.map((user) => [user, password(`internal-${user}`)]));
  const authority = defineAuthority(name, plan, opts);
  const nodes = Object.fromEntries(
    plan.target.nodes.map((node) => [node.letter, pulumi.output(defineNodeCertificate(name, node, authority, opts))]),
  );
  const buckets = Object.fromEntries(Object.entries(bucketKeys).map(([id, key]) => [id, pulumi.output(key)]));
  const all = pulumi.secret(
    pulumi
      .all([pulumi.all(users), pulumi.all(own), authority.certificate, pulumi.all(nodes), pulumi.all(buckets)])
      .apply(([userPasswords, internalPasswords, caCertificate, pairs, keys]): NodeSecrets => ({
        users: userPasswords,
        internal: internalPasswords as Record<keyof InternalPasswords, string>,
        caCertificate,
        nodes: pairs,
        buckets: keys,
      })),
  );
  return { all, passwords: users, caCertificate: authority.certificate };
}

function refuseOtherKeys(plan: HetznerTierPlan, given: readonly string[]): void {
  const known = plan.backup.destinations.map((to) => to.id);
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
