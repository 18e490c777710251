import * as pulumi from '@pulumi/pulumi';
import type { KeyPair } from '../node/secrets';
import type { RolloutAccess } from '../rollout';
import { clientSettings, type ClientSettings } from '../tier/client-settings';
import type { CacheTierConfig, TargetKind } from '../tier/config';
import type { CacheEndpoint } from '../tier/endpoint';
import { type HetznerTierPlan, planForHetzner } from './plan';
import { type ClusterResources, ValkeyCluster } from './valkey-cluster';

/** What a tier takes. */
export interface CacheTierArgs extends ClusterResources {
  /** The tier: plain values only. Resources of this program are given by the other args. */
  readonly config: CacheTierConfig;
  /**
   * Another target for the same config; its fields come from `targets`.
   *
   * @default - `target.kind` of the config, which must then be `hetzner`
   */
  readonly kind?: TargetKind;
  /**
   * What tells this tier from another of the same name; it is part of the logins and of the Sentinels' identities.
   *
   * Changing it makes another tier.
   *
   * @default - name and stage of the config
   */
  readonly identity?: string;
}

/** A cache tier on Hetzner servers, as its config describes it. */
export class CacheTier extends pulumi.ComponentResource {
  /** Everything that was decided. */
  readonly plan: HetznerTierPlan;
  readonly cluster: ValkeyCluster;
  /** How clients reach the tier. */
  readonly endpoint: pulumi.Output<CacheEndpoint<string>>;
  /** Logins by the user's name in the config. */
  readonly logins: Readonly<Record<string, string>>;
  /** Passwords by the user's name in the config; secret. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** Ready-made settings for the usual client libraries, by the user's name in the config. */
  readonly clientSettings: Readonly<Record<string, pulumi.Output<ClientSettings>>>;
  /** What Prometheus scrapes: the `scrape_configs` part of a `prometheus.yml`. */
  readonly scrapeConfig: string;
  /** The rules by which Prometheus raises alerts: a `rule_files` entry of a `prometheus.yml`. */
  readonly alertRules: string;
  /** Address of the tier's own Prometheus in the private network, or null where `monitoring.server` is not asked for. */
  readonly prometheus: string | null;
  /** The key pair that opens the backups; secret. Keep a copy outside of the stack: without it they are lost with it. */
  readonly backupKey: pulumi.Output<KeyPair>;
  /** How `cachetier rollout` and `cachetier restore` reach the nodes and the buckets; secret. */
  readonly rollout: pulumi.Output<RolloutAccess>;

  /**
   * @param name - name of the tier within the program
   * @param args - the config and the resources it uses
   * @param opts - options of the component
   * @throws ConfigError with every finding, when the config is refused
   */
  constructor(name: string, args: CacheTierArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:CacheTier', name, {}, opts);
    const { config, kind, identity, ...resources } = args;
    this.plan = planForHetzner(config, kind, identity, this);
    this.cluster = new ValkeyCluster(name, { ...resources, plan: this.plan }, { parent: this });
    this.endpoint = this.cluster.endpoint;
    this.passwords = this.cluster.passwords;
    this.scrapeConfig = this.cluster.scrapeConfig;
    this.alertRules = this.cluster.alertRules;
    this.prometheus = this.cluster.prometheus;
    this.backupKey = this.cluster.backupKey;
    this.rollout = this.cluster.access;
    const { users } = this.plan.access;
    this.logins = Object.fromEntries(users.map((user) => [user.name, user.login]));
    this.clientSettings = Object.fromEntries(
      users.map(({ name: user, login }) => [user, this.endpoint.apply((at) => clientSettings(at, { login }))]),
    );
    this.registerOutputs({ endpoint: this.endpoint, logins: this.logins, scrapeConfig: this.scrapeConfig });
  }
}
