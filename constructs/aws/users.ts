import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { AwsKind, PlanOf } from './planned';
import type { TierProps } from './props';
import type { UserPlan } from '../tier/plan';

/** A user that applications log in with. */
export interface TierUser {
  /** Name in the config. */
  readonly name: string;
  /** User name that clients log in with. */
  readonly login: string;
  /** Secret with the JSON keys `username` and `password`. */
  readonly secret: secretsmanager.ISecret;
}

/** Users take 16 to 128 characters, and letters and digits need no escape in any client's URL. */
const PASSWORD_LENGTH = 64;

/** What each service makes of a user. */
export type DefineUser = (scope: Construct, user: UserPlan, password: string) => void;

/**
 * The users of a tier, each with a generated password that the template only refers to.
 *
 * @param define - draws the service's user
 */
export function usersFor(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  props: TierProps,
  define: DefineUser,
): Readonly<Record<string, TierUser>> {
  const users = new Construct(scope, 'Users');
  return Object.fromEntries(
    plan.access.users.map((user) => {
      const own = new Construct(users, user.name);
      const secret = defineSecret(own, plan, user, props);
      // A dynamic reference in the template, never the value.
      define(own, user, secret.secretValueFromJson('password').unsafeUnwrap());
      return [user.name, { name: user.name, login: user.login, secret }];
    }),
  );
}

function defineSecret(
  scope: Construct,
  plan: PlanOf<AwsKind>,
  user: UserPlan,
  props: TierProps,
): secretsmanager.ISecret {
  const drawn: secretsmanager.SecretProps = {
    description: `login of user ${user.name} of the cache tier ${plan.name}`,
    encryptionKey: props.encryptionKey,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: user.login }),
      generateStringKey: 'password',
      passwordLength: PASSWORD_LENGTH,
      excludePunctuation: true,
    },
  };
  const secret = new secretsmanager.Secret(
    scope,
    'Secret',
    props.adjustSecret ? props.adjustSecret(drawn, user) : drawn,
  );
  acknowledge(secret, 'SMG4', 'passwords do not rotate on a schedule yet; the plan names it as a limit of the target');
  return secret;
}
