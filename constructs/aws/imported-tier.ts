import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { CacheEndpoint } from '../tier/endpoint';
import { TierBase } from './tier-base';
import type { TierUser } from './users';

/** A tier that is drawn elsewhere, as the outputs of its stack describe it. */
export interface CacheTierAttributes {
  /** How clients reach it. */
  readonly endpoint: CacheEndpoint<string>;

  /** Users by their name in the config: the login, and the complete ARN of the secret. */
  readonly users: Readonly<Record<string, { readonly login: string; readonly secretArn: string }>>;

  /**
   * Security groups of the tier.
   *
   * @default - none: `connections` then opens nothing on the side of the tier
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Port or ports that clients use.
   *
   * @default - 6379
   */
  readonly port?: ec2.Port;

  /**
   * Key that the passwords are encrypted with, which `grantConnect` then grants too.
   *
   * @default - the key that Secrets Manager owns
   */
  readonly encryptionKey?: kms.IKey;
}

/** A reference to a tier that is drawn elsewhere. */
export class ImportedTier extends TierBase {
  readonly connections: ec2.Connections;
  readonly endpoint: CacheEndpoint<string>;
  readonly users: Readonly<Record<string, TierUser>>;

  constructor(scope: Construct, id: string, attributes: CacheTierAttributes) {
    super(scope, id);
    const { endpoint, encryptionKey, port = ec2.Port.tcp(6379), securityGroups = [] } = attributes;
    this.endpoint = endpoint;
    this.connections = new ec2.Connections({
      securityGroups,
      defaultPort: port,
    });
    const users = new Construct(this, 'Users');
    this.users = Object.fromEntries(
      Object.entries(attributes.users).map(([name, { login, secretArn }]) => {
        const secret = secretsmanager.Secret.fromSecretAttributes(new Construct(users, name), 'Secret', {
          secretCompleteArn: secretArn,
          encryptionKey,
        });
        return [name, { name, login, secret }];
      }),
    );
  }
}
