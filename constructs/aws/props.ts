import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { CacheTierConfig } from '../tier/config';
import type { UserPlan } from '../tier/plan';
import type { MonitoringProps } from './notifications';

/** What every AWS tier takes: the shared config, and what only this program knows. */
export interface TierProps extends MonitoringProps {
  /**
   * The tier, in plain values. What comes from other constructs has a prop of its own, because a token in the config
   * could not be checked.
   */
  readonly config: CacheTierConfig;

  /**
   * What tells this tier from another of the same name in the account; every physical name and login carries a hash of
   * it, so changing it replaces users and, on Serverless and MemoryDB, the data.
   *
   * @default - name of the stack and path of the construct
   */
  readonly identity?: string;

  /**
   * Network of the tier.
   *
   * @default - the one that `target.vpcId` names, else one is made with isolated subnets, as many zones as a shard has
   * nodes, and flow logs
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of a given or looked-up network.
   *
   * @default - its isolated subnets, else its private ones; never public ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the tier; the networks of `access.clients` are let into them.
   *
   * @default - one is made that lets in the networks of `access.clients`, and out nobody
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Key for data, snapshots and passwords. Changing it later replaces the cache.
   *
   * @default - the keys that the services own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Last word on the network that is made, for a setting this construct does not name.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustVpc?: (drawn: ec2.CfnVPCProps) => ec2.CfnVPCProps;

  /**
   * Last word on the security group that is made.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustSecurityGroup?: (drawn: ec2.CfnSecurityGroupProps) => ec2.CfnSecurityGroupProps;

  /**
   * Last word on the secret that holds the password of a user.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustSecret?: (drawn: secretsmanager.SecretProps, user: UserPlan) => secretsmanager.SecretProps;
}
