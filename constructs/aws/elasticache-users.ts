import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import type { UserPlan } from '../tier/plan';
import type { PlanOf } from './planned';
import type { TierProps } from './props';
import { type TierUser, usersFor } from './users';

/** Last words on users, alike for nodes and Serverless. */
export interface AdjustElastiCacheUsers {
  /**
   * Last word on a user.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustUser?: (drawn: elasticache.CfnUserProps, user: UserPlan) => elasticache.CfnUserProps;

  /**
   * Last word on the user group.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustUserGroup?: (drawn: elasticache.CfnUserGroupProps) => elasticache.CfnUserGroupProps;
}

/** Users of an ElastiCache tier with their group. */
export interface ElastiCacheUsers {
  readonly users: Readonly<Record<string, TierUser>>;
  readonly userGroup: elasticache.CfnUserGroup;
}

/**
 * RBAC users and their group. A Valkey group needs no user `default`, so nobody gets in without a login.
 *
 * Source: AmazonElastiCache/latest/dg/Clusters.RBAC.
 */
export function defineElastiCacheUsers(
  scope: Construct,
  plan: PlanOf<'elasticache'> | PlanOf<'elasticache-serverless'>,
  props: TierProps & AdjustElastiCacheUsers,
): ElastiCacheUsers {
  const ids: string[] = [];
  const users = usersFor(scope, plan, props, (own, user, password) => {
    ids.push(defineUser(own, plan.names[`user:${user.name}`] ?? '', user, password, props).ref);
  });
  const drawn: elasticache.CfnUserGroupProps = {
    engine: 'valkey',
    userGroupId: plan.names['userGroup'] ?? '',
    userIds: ids,
  };
  const { adjustUserGroup } = props;
  return {
    users,
    userGroup: new elasticache.CfnUserGroup(scope, 'UserGroup', adjustUserGroup ? adjustUserGroup(drawn) : drawn),
  };
}

function defineUser(
  scope: Construct,
  userId: string,
  user: UserPlan,
  password: string,
  { adjustUser }: AdjustElastiCacheUsers,
): elasticache.CfnUser {
  const drawn: elasticache.CfnUserProps = {
    engine: 'valkey',
    userId,
    userName: user.login,
    accessString: `on ${user.rules}`,
    // CDK passes this property on as it is, so its keys are CloudFormation's.
    authenticationMode: { Type: 'password', Passwords: [password] },
  };
  return new elasticache.CfnUser(scope, 'Resource', adjustUser ? adjustUser(drawn, user) : drawn);
}
