import * as command from '@pulumi/command';
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import { renderRules } from '../monitoring/prometheus-rules';
import { renderScrapeConfig } from '../monitoring/scrape';
import { bootstrapCommand, hasSentinel, hetznerPlacement, renderBackupSettings } from '../node';
import type { KeyPair } from '../node/secrets';
import type { RolloutAccess } from '../rollout';
import type { CacheEndpoint } from '../tier/endpoint';
import { ConfigError } from '../tier/issue';
import { labelsOf } from './labels';
import { defineSubnet, type NetworkResources } from './network';
import { MonitoringServer } from './monitoring-server';
import type { HetznerTierPlan } from './plan';
import { Rollout } from './rollout';
import { type BucketKeysArgs, defineSecrets, type RotateArgs, type TierSecrets } from './secrets';
import { ValkeyNode, type ValkeyNodeArgs } from './valkey-node';

/** Resources that a cluster may be given. */
export interface ClusterResources extends NetworkResources {
  /**
   * Names or ids of SSH keys that exist at Hetzner already; they may log in as well. Read when a server is made and
   * never again: keys that come and go belong to `target.sshKeys` of the config.
   *
   * @default - the keys of the config, and the key of the deployment
   */
  readonly existingSshKeys?: readonly pulumi.Input<string>[];
  /**
   * Keys of the backup buckets by the `id` of the destination, such as `r2:my-bucket`.
   *
   * @default - none; each bucket of the config needs one
   */
  readonly bucketKeys?: BucketKeysArgs;
  /**
   * Private keys of age or SSH, in the format of their files, that open the backup of another tier which this one begins
   * with (`restoreFrom.tier`).
   *
   * @default - the backups of this tier alone can be read
   */
  readonly restoreKeys?: readonly pulumi.Input<string>[];
  /**
   * Password for the mail relay of `monitoring.server.smtp`; it goes over SSH, to a file that Alertmanager alone reads.
   *
   * @default - none: the relay takes mail without a password
   */
  readonly smtpPassword?: pulumi.Input<string>;
  /**
   * Generations of secrets. A higher number makes new ones; those of the generation before stay admitted, so that no
   * request is refused while applications change to the new ones.
   *
   * @default - generation 1 of everything
   */
  readonly rotate?: RotateArgs;
  /**
   * Replaces the server of one node by a new one on the same address, behind a handover; the new one copies the others.
   * Each time the reason changes it is replaced once more. The server is not protected while it is named here.
   *
   * @default - no server is replaced
   */
  readonly replaceNode?: {
    /** Letter of the node. */
    readonly letter: string;
    /** What for, such as `disk failing, 2026-11-20`. */
    readonly because: string;
  };
  /**
   * Last word on each server, for a setting this component does not name.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustServer?: ValkeyNodeArgs['adjustServer'];
  /**
   * Last word on the firewall at Hetzner, which guards the public side only.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustFirewall?: (drawn: hcloud.FirewallArgs) => hcloud.FirewallArgs;
  /**
   * Last word on the placement group.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustPlacementGroup?: (drawn: hcloud.PlacementGroupArgs) => hcloud.PlacementGroupArgs;
}

/** What a cluster takes. */
export interface ValkeyClusterArgs extends ClusterResources {
  /** The plan of the tier: `plan(config)` with target hetzner. */
  readonly plan: HetznerTierPlan;
}

/**
 * Servers with Valkey and Sentinel in one private network, each on another host; or one server without Sentinel.
 *
 * What a change does: the nodes are taken one after another in the order of their letters, whatever their roles are, and
 * each serves and has caught up before the next is touched. Settings, users, passwords, addresses of clients and keys of
 * operators reach the running servers; what Valkey cannot take while it runs, and new passwords, wait for the rollout,
 * which comes after all nodes have their files. Another server type powers the servers off, one after another, each
 * behind a handover. Image, location and user data of a server that exists are left alone; replicas that are added
 * are new servers, and join.
 */
export class ValkeyCluster extends pulumi.ComponentResource {
  readonly nodes: readonly ValkeyNode[];
  /** How clients reach the tier: the Sentinels, or the one node; and the CA that signs every certificate. */
  readonly endpoint: pulumi.Output<CacheEndpoint<string>>;
  /** Passwords by the user's name in the config; secret. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** PEM of the tier's own CA; public. */
  readonly caCertificate: pulumi.Output<string>;
  /** What Prometheus scrapes: the `scrape_configs` part of a `prometheus.yml`. */
  readonly scrapeConfig: string;
  /** The rules by which Prometheus raises alerts: a `rule_files` entry of a `prometheus.yml`. */
  readonly alertRules: string;
  /** Address of the tier's own Prometheus in the private network, or null where the config asks for no server. */
  readonly prometheus: string | null;
  /** The key pair that opens the backups; secret. Keep a copy outside of the stack: without it they are lost with it. */
  readonly backupKey: pulumi.Output<KeyPair>;
  /** How `cachetier rollout` and `cachetier restore` reach the nodes and the buckets; secret. */
  readonly access: pulumi.Output<RolloutAccess>;

  /**
   * @param name - name of the cluster within the program
   * @param args - the plan and the resources it uses
   * @param opts - options of the component
   * @throws ConfigError where a bucket of the plan has no key, a rotation names no user, or no node has the letter that is
   *   to be replaced
   */
  constructor(name: string, args: ValkeyClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:ValkeyCluster', name, {}, opts);
    const { plan } = args;
    refuseUnknownNode(args);
    const { bucketKeys = {}, rotate = {}, restoreKeys = [] } = args;
    const secrets = defineSecrets(name, plan, bucketKeys, rotate, restoreKeys, { parent: this });
    const deployKey = new tls.PrivateKey(`${name}-deploy-key`, { algorithm: 'ED25519' }, { parent: this });
    const { nodes, monitoring } = this.defineMachines(name, args, secrets, deployKey);
    this.nodes = nodes;
    this.prometheus = monitoring?.prometheus ?? null;
    this.access = this.describeAccess(plan, deployKey, secrets);
    this.backupKey = secrets.backupKey;
    const bootstrap = this.defineBootstrap(name, plan);
    new Rollout(
      `${name}-rollout`,
      { access: this.access, given: pulumi.all(this.nodes.map(({ payload }) => payload)), after: [bootstrap] },
      { parent: this },
    );
    this.passwords = secrets.passwords;
    this.caCertificate = secrets.caCertificate;
    this.endpoint = secrets.caCertificate.apply((ca) => endpointOf(plan, ca));
    this.scrapeConfig = renderScrapeConfig(plan);
    this.alertRules = renderRules(plan);
    this.registerOutputs({ endpoint: this.endpoint, scrapeConfig: this.scrapeConfig });
  }

  private defineMachines(
    name: string,
    args: ValkeyClusterArgs,
    secrets: TierSecrets,
    deployKey: tls.PrivateKey,
  ): { readonly nodes: readonly ValkeyNode[]; readonly monitoring: MonitoringServer | null } {
    const { plan } = args;
    const own = { parent: this };
    const subnetId = defineSubnet(name, plan, args, own);
    const firewall = this.defineFirewall(name, args);
    const placementGroupId = this.definePlacementGroup(name, args);
    const sshKeys = [this.defineDeployKey(name, plan, deployKey), ...(args.existingSshKeys ?? [])];
    const nodes: ValkeyNode[] = [];
    for (const { letter } of plan.target.nodes) {
      const before = nodes.at(-1);
      // One after another, always: a change of type powers a server off, and two at once leave no majority.
      const node = new ValkeyNode(
        `${name}-${letter}`,
        {
          plan,
          letter,
          subnetId,
          firewallId: firewall.id.apply(Number),
          placementGroupId,
          sshKeys,
          deployKey: deployKey.privateKeyOpenssh,
          secrets: secrets.all,
          after: before ? [before.applied] : [],
          ...(args.replaceNode?.letter === letter ? { replaceBecause: args.replaceNode.because } : {}),
          ...(args.adjustServer ? { adjustServer: args.adjustServer } : {}),
        },
        { parent: this },
      );
      nodes.push(node);
    }
    return { nodes, monitoring: this.defineMonitoring(name, args, { subnetId, firewall, sshKeys, deployKey }) };
  }

  /** It comes beside the nodes, and waits for none: what does not come up is what it has to tell. */
  private defineMonitoring(
    name: string,
    { plan, smtpPassword }: ValkeyClusterArgs,
    { subnetId, firewall, sshKeys, deployKey }: MachineResources,
  ): MonitoringServer | null {
    const server = plan.target.monitoringServer;
    if (server === null) return null;
    if (server.smtp?.login && smtpPassword === undefined) refuseMailWithoutPassword(server.smtp.login);
    return new MonitoringServer(
      `${name}-monitoring`,
      {
        plan,
        server,
        subnetId,
        firewallId: firewall.id.apply(Number),
        sshKeys,
        deployKey: deployKey.privateKeyOpenssh,
        ...(smtpPassword === undefined ? {} : { smtpPassword }),
      },
      { parent: this },
    );
  }

  /** Guards the public side. Hetzner's firewall does not see private traffic; nftables on each node does. */
  private defineFirewall(name: string, { plan, adjustFirewall }: ValkeyClusterArgs): hcloud.Firewall {
    const drawn: hcloud.FirewallArgs = {
      name: plan.names['firewall'] ?? name,
      labels: labelsOf(plan),
      rules:
        plan.access.admin.length === 0
          ? []
          : [{ direction: 'in', protocol: 'tcp', port: '22', sourceIps: [...plan.access.admin], description: 'SSH' }],
    };
    return new hcloud.Firewall(`${name}-firewall`, adjustFirewall?.(drawn) ?? drawn, { parent: this });
  }

  private definePlacementGroup(
    name: string,
    { plan, adjustPlacementGroup }: ValkeyClusterArgs,
  ): pulumi.Output<number> | undefined {
    if (!plan.target.spread) return undefined;
    const drawn: hcloud.PlacementGroupArgs = {
      name: plan.names['placementGroup'] ?? name,
      type: 'spread',
      labels: labelsOf(plan),
    };
    const group = new hcloud.PlacementGroup(`${name}-spread`, adjustPlacementGroup?.(drawn) ?? drawn, { parent: this });
    return group.id.apply(Number);
  }

  /** The deployment's key alone: operators' keys come with the files of the node. */
  private defineDeployKey(name: string, plan: HetznerTierPlan, key: tls.PrivateKey): pulumi.Output<string> {
    const registered = new hcloud.SshKey(
      `${name}-deploy`,
      {
        name: plan.names['deployKey'] ?? `${name}-deploy`,
        publicKey: key.publicKeyOpenssh.apply((text) => text.trim()),
        labels: labelsOf(plan),
      },
      { parent: this },
    );
    return registered.id;
  }

  private describeAccess(
    plan: HetznerTierPlan,
    deployKey: tls.PrivateKey,
    secrets: TierSecrets,
  ): pulumi.Output<RolloutAccess> {
    const nodes = this.nodes.map(({ server, hostKey }, index) =>
      pulumi.all([server.ipv4Address, hostKey]).apply(([host, key]) => ({
        letter: plan.target.nodes[index]?.letter ?? '',
        host,
        hostKey: key,
      })),
    );
    return pulumi.secret(
      pulumi.all([deployKey.privateKeyOpenssh, pulumi.all(nodes), secrets.all]).apply(([privateKey, all, known]) => ({
        tier: plan.target.primaryName,
        user: 'root',
        privateKey,
        nodes: all,
        ...(plan.backup.destinations.length === 0
          ? {}
          : { backup: renderBackupSettings(plan, plan.target.firstPrimary, hetznerPlacement(plan), known) }),
      })),
    );
  }

  /** Bootstrap is an act: once in the life of the tier, when every node is new, and never because nobody answered. */
  private defineBootstrap(name: string, plan: HetznerTierPlan): command.remote.Command {
    const first = this.nodes.find((_node, index) => plan.target.nodes[index]?.letter === plan.target.firstPrimary);
    if (!first) throw new Error(`the plan has no node "${plan.target.firstPrimary}" to be the first primary`);
    return new command.remote.Command(
      `${name}-bootstrap`,
      {
        connection: first.connection,
        create: bootstrapCommand,
        logging: command.types.enums.remote.Logging.None,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: this.nodes.map((node) => node.applied),
        ignoreChanges: ['connection', 'create', 'logging', 'addPreviousOutputInEnv'],
        additionalSecretOutputs: ['stdout', 'stderr'],
      },
    );
  }
}

function refuseMailWithoutPassword(login: string): never {
  const message = `the relay takes mail of ${login} with a password; give it as smtpPassword (cachetier:smtpPassword), or leave login out`;
  throw new ConfigError([
    { code: 'MailHasPassword', path: 'monitoring.server.smtp.login', severity: 'error', message },
  ]);
}

/** What every machine of the tier needs. */
interface MachineResources {
  readonly subnetId: pulumi.Input<string>;
  readonly firewall: hcloud.Firewall;
  readonly sshKeys: readonly pulumi.Input<string>[];
  readonly deployKey: tls.PrivateKey;
}

function refuseUnknownNode({ plan, replaceNode }: ValkeyClusterArgs): void {
  const letters = plan.target.nodes.map(({ letter }) => letter);
  if (replaceNode === undefined || letters.includes(replaceNode.letter)) return;
  const message = `replaceNode.letter: got "${replaceNode.letter}", needed one of ${letters.join(', ')}`;
  throw new ConfigError([{ code: 'NodeUnknown', path: 'availability.replicas', severity: 'error', message }]);
}

function endpointOf(plan: HetznerTierPlan, ca: string): CacheEndpoint<string> {
  const nodes = Object.values(hetznerPlacement(plan).nodes);
  const [only] = nodes;
  if (only && !hasSentinel(plan)) {
    return { mode: 'standalone', tls: { ca }, primary: { host: only.address, port: only.valkeyPort }, reader: null };
  }
  return {
    mode: 'sentinel',
    tls: { ca },
    primaryName: plan.target.primaryName,
    sentinels: nodes.map(({ address, sentinelPort }) => ({ host: address, port: sentinelPort })),
  };
}
