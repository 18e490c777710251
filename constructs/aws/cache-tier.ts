import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { CacheTierConfig, TargetKind } from '../tier/config';
import type { CacheEndpoint } from '../tier/endpoint';
import { ImportedTier, type CacheTierAttributes } from './imported-tier';
import type { AdjustMemoryDbCluster, MemoryDbCluster } from './memorydb-cluster';
import { type AwsKind, type PlanOf, identityOf, judge, refuse } from './planned';
import type { TierProps } from './props';
import type { AdjustReplicationGroup, ReplicationGroup } from './replication-group';
import type { AdjustServerlessCache, ServerlessCache } from './serverless-cache';
import { type ICacheTier, TierBase } from './tier-base';
import type { TierUser } from './users';

/** Props of `CacheTier`. */
export interface CacheTierProps extends TierProps {
  /**
   * Another target for the same config; its fields come from `targets`.
   *
   * @default - `target.kind` of the config
   */
  readonly kind?: TargetKind;

  /**
   * Last words, used when the target is `elasticache`.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly elasticache?: AdjustReplicationGroup;

  /**
   * Last words, used when the target is `elasticache-serverless`.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly serverless?: AdjustServerlessCache;

  /**
   * Last words, used when the target is `memorydb`.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly memorydb?: AdjustMemoryDbCluster;
}

/**
 * A cache tier on the AWS service that its config names.
 *
 * Another service is another tier: give it another construct id, or CloudFormation refuses the update, because it
 * would put a new, empty cache into the place of one with data.
 */
export class CacheTier extends TierBase {
  /**
   * A tier that is drawn elsewhere.
   *
   * @param scope - where the reference stands
   * @param id - its name there
   * @param attributes - what the outputs of the other stack say
   */
  static fromAttributes(scope: Construct, id: string, attributes: CacheTierAttributes): ICacheTier {
    return new ImportedTier(scope, id, attributes);
  }

  /** The tier as its service has it. */
  readonly tier: ReplicationGroup | ServerlessCache | MemoryDbCluster;

  /**
   * @throws ConfigError when the config is refused, its target is not on AWS, or the network does not fit it
   */
  constructor(scope: Construct, id: string, props: CacheTierProps) {
    super(scope, id);
    this.tier = this.define({
      ...props,
      identity: props.identity ?? identityOf(this),
    });
  }

  /** Everything that was decided. */
  get plan(): PlanOf<AwsKind> {
    return this.tier.plan;
  }

  /** Id of the network of the tier. */
  get vpcId(): string {
    return this.tier.vpcId;
  }

  /** Network of the tier. */
  get vpc(): ec2.IVpc {
    return this.tier.vpc;
  }

  /** Who gets through to it: `connections.allowDefaultPortFrom(service)`. */
  get connections(): ec2.Connections {
    return this.tier.connections;
  }

  /** How clients reach it; hosts and ports are tokens. */
  get endpoint(): CacheEndpoint<string> {
    return this.tier.endpoint;
  }

  /** Users by their name in the config. */
  get users(): Readonly<Record<string, TierUser>> {
    return this.tier.users;
  }

  /** A metric of the service, by its name in CloudWatch; on a replication group that of the first node. */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.tier.metric(metricName, options);
  }

  /** Keys evicted for want of memory. */
  metricEvictions(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.tier.metricEvictions(options);
  }

  /** Share of one core that the engine uses, in percent; on Serverless the processing units consumed. */
  metricCpu(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.tier.metricCpu(options);
  }

  /** Memory used, in percent of `maxmemory`; on Serverless in bytes. */
  metricMemory(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.tier.metricMemory(options);
  }

  /** Connections of clients. */
  metricConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.tier.metricConnections(options);
  }

  /** Only the service that is drawn is loaded: each costs time at every synthesis. */
  private define({ kind, elasticache, serverless, memorydb, ...props }: CacheTierProps): CacheTier['tier'] {
    // A JavaScript program may leave out what TypeScript demands; then the report says so.
    const chosen = kind ?? (props.config as Partial<CacheTierConfig> | undefined)?.target?.kind;
    switch (chosen) {
      case 'elasticache': {
        const service = require('./replication-group') as typeof import('./replication-group');
        return new service.ReplicationGroup(this, 'Resource', {
          ...props,
          ...elasticache,
        });
      }
      case 'elasticache-serverless': {
        const service = require('./serverless-cache') as typeof import('./serverless-cache');
        return new service.ServerlessCache(this, 'Resource', {
          ...props,
          ...serverless,
        });
      }
      case 'memorydb': {
        const service = require('./memorydb-cluster') as typeof import('./memorydb-cluster');
        return new service.MemoryDbCluster(this, 'Resource', {
          ...props,
          ...memorydb,
        });
      }
      default:
        // A config without a known target is refused with everything else that is wrong with it.
        judge(props, chosen);
        return refuse(
          'TargetIsOnAws',
          'target.kind',
          `this construct draws elasticache, elasticache-serverless and memorydb, got ${chosen}; choose one of them by kind`,
        );
    }
  }
}
