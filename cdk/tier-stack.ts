import { CfnOutput, Stack, type Environment } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { CacheTier } from '../constructs/aws/cache-tier';
import type { CacheTierConfig } from '../constructs/tier/config';
import type { HostPort } from '../constructs/tier/endpoint';
import { ConfigError } from '../constructs/tier/issue';
import type { CacheTierPlan } from '../constructs/tier/plan';

/** The stack of one tier, and what an application needs of it as outputs. */
export class TierStack extends Stack {
  /**
   * @throws ConfigError when the target is not on AWS, or the network does not fit the config
   */
  constructor(scope: Construct, config: CacheTierConfig, plan: CacheTierPlan) {
    super(scope, plan.names['stack'] ?? plan.name, {
      description: `cache tier ${plan.name} on ${plan.kind}`,
      env: environmentOf(plan),
    });
    // The identity of the plan, not the path of the construct: logins then are the same on every target.
    const tier = new CacheTier(this, 'Tier', { config, kind: plan.kind, identity: plan.identity });
    this.defineOutputs(tier);
  }

  private defineOutputs(tier: CacheTier): void {
    const { endpoint } = tier;
    this.output('EndpointMode', endpoint.mode, 'protocol that clients speak');
    if (endpoint.mode === 'standalone') this.output('PrimaryEndpoint', at(endpoint.primary), 'takes writes');
    if (endpoint.mode === 'cluster') {
      this.output('ConfigurationEndpoint', at(endpoint.configuration), 'where a cluster client starts');
    }
    if (endpoint.mode !== 'sentinel' && endpoint.reader) {
      this.output('ReaderEndpoint', at(endpoint.reader), 'takes reads');
    }
    this.output('TlsCa', 'public', 'TLS is required; the certificate is signed by a public CA of Amazon');
    for (const { name, login, secret } of Object.values(tier.users)) {
      this.output(`Login${pascal(name)}`, login, `user name of ${name}`);
      this.output(`Secret${pascal(name)}`, secret.secretArn, `secret with username and password of ${name}`);
    }
    this.output('VpcId', tier.vpcId, 'network of the tier');
    this.output(
      'SecurityGroupId',
      tier.connections.securityGroups.map((group) => group.securityGroupId).join(','),
      'security group of the tier; admit clients here',
    );
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}

/** Only what the config names, so that the template fits any account; a lookup needs both, so it takes the defaults. */
function environmentOf({ kind, target }: CacheTierPlan): Environment {
  if (!('vpcId' in target)) {
    const message = `got ${kind}, which is not on AWS; add -c target=elasticache, elasticache-serverless or memorydb`;
    throw new ConfigError([{ code: 'TargetIsOnAws', path: 'target.kind', severity: 'error', message }]);
  }
  const lookUp = target.vpcId !== null;
  return {
    account: target.account ?? (lookUp ? process.env['CDK_DEFAULT_ACCOUNT'] : undefined),
    region: target.region ?? (lookUp ? process.env['CDK_DEFAULT_REGION'] : undefined),
  };
}

function at({ host, port }: HostPort<string>): string {
  return `${host}:${port}`;
}

function pascal(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
}
