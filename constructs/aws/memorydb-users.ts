import * as memorydb from 'aws-cdk-lib/aws-memorydb';
import type { Construct } from 'constructs';
import type { UserPlan } from '../tier/plan';
import type { PlanOf } from './planned';
import type { TierProps } from './props';
import { type TierUser, usersFor } from './users';

/** Last words on users and their ACL. */
export interface AdjustMemoryDbUsers {
  /**
   * Last word on a user.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustUser?: (drawn: memorydb.CfnUserProps, user: UserPlan) => memorydb.CfnUserProps;

  /**
   * Last word on the ACL.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustAcl?: (drawn: memorydb.CfnACLProps) => memorydb.CfnACLProps;
}

/** Users of a MemoryDB tier with their ACL; never `open-access`, which lets everybody in. */
export function defineMemoryDbUsers(
  scope: Construct,
  plan: PlanOf<'memorydb'>,
  props: TierProps & AdjustMemoryDbUsers,
): {
  readonly users: Readonly<Record<string, TierUser>>;
  readonly acl: memorydb.CfnACL;
} {
  const names: string[] = [];
  const users = usersFor(scope, plan, props, (own, user, password) => {
    names.push(defineUser(own, user, password, props).ref);
  });
  const drawn: memorydb.CfnACLProps = {
    aclName: plan.names['acl'] ?? '',
    userNames: names,
  };
  return {
    users,
    acl: new memorydb.CfnACL(scope, 'Acl', props.adjustAcl ? props.adjustAcl(drawn) : drawn),
  };
}

function defineUser(
  scope: Construct,
  user: UserPlan,
  password: string,
  { adjustUser }: AdjustMemoryDbUsers,
): memorydb.CfnUser {
  const drawn: memorydb.CfnUserProps = {
    // Login and identifier in one, so the name carries the hash of the tier.
    userName: user.login,
    accessString: `on ${user.rules}`,
    // CDK passes this property on as it is, so its keys are CloudFormation's.
    authenticationMode: { Type: 'password', Passwords: [password] },
  };
  return new memorydb.CfnUser(scope, 'Resource', adjustUser ? adjustUser(drawn, user) : drawn);
}
