import * as command from '@pulumi/command';
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import {
  applyCommand,
  hetznerPlacement,
  type NodeSecrets,
  renderApplyPayload,
  renderMachineFiles,
  renderUserData,
} from '../node';
import { leaveCommand, serverHooks } from './drain';
import { deployConnection } from './connection';
import { inSyncCommand } from './in-sync';
import { labelsOf } from './labels';
import { operatorFiles } from './operators';
import type { HetznerTierPlan } from './plan';

/** What a node takes from its cluster. */
export interface ValkeyNodeArgs {
  readonly plan: HetznerTierPlan;
  /** Letter of the node: `a`, `b`, `c`… */
  readonly letter: string;
  readonly subnetId: pulumi.Input<string>;
  readonly firewallId: pulumi.Input<number>;
  /** Placement group, where servers are spread over hosts. */
  readonly placementGroupId: pulumi.Input<number> | undefined;
  /** Names or ids of the SSH keys that may log in. */
  readonly sshKeys: readonly pulumi.Input<string>[];
  /** Private key of the deployment, in OpenSSH format. */
  readonly deployKey: pulumi.Input<string>;
  /** Every secret of the tier; the node gets its own part. */
  readonly secrets: pulumi.Input<NodeSecrets>;
  /**
   * What the server waits for: the step of the node before it. Given here because the `dependsOn` of a component does
   * not reach its children.
   *
   * @default - nothing; a cluster chains its nodes
   */
  readonly after?: readonly pulumi.Resource[];
  /**
   * Replaces the server of this node by a new one on the same address, each time the text changes. The node hands its
   * role over first; the new one copies the others.
   *
   * @default - the server stays
   */
  readonly replaceBecause?: string;
  /**
   * Last word on the server, for a setting this component does not name.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustServer?: (drawn: hcloud.ServerArgs, letter: string) => hcloud.ServerArgs;
}

/**
 * One server with Valkey and Sentinel. It is known by its letter: roles move at a failover, names must not.
 *
 * A change of user data, image, SSH keys or location never replaces the server: a replaced server loses its disk and, at
 * Hetzner, its price.
 */
export class ValkeyNode extends pulumi.ComponentResource {
  readonly server: hcloud.Server;
  /** How the deploy step reaches the node. */
  readonly connection: pulumi.Output<command.types.input.remote.ConnectionArgs>;
  /** Public host key of the node: whoever shows another is not it. */
  readonly hostKey: pulumi.Output<string>;
  /** What the step brings; secret. */
  readonly payload: pulumi.Output<string>;
  /** The step that brought the node its files and secrets. */
  readonly applied: command.remote.Command;

  /**
   * @param name - name of the node within the program, such as `orders-a`
   * @param args - what the node takes from its cluster
   * @param opts - options of the component
   */
  constructor(name: string, args: ValkeyNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:ValkeyNode', name, {}, opts);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: 'ED25519' }, { parent: this });
    this.hostKey = hostKey.publicKeyOpenssh.apply((key) => key.trim());
    this.server = this.defineServer(name, args, hostKey);
    this.connection = deployConnection(this.server, args.deployKey, this.hostKey);
    this.payload = payloadOf(args);
    this.applied = this.defineApply(name);
    this.defineDrain(name, args);
    this.registerOutputs({ server: this.server.id });
  }

  private defineServer(name: string, args: ValkeyNodeArgs, hostKey: tls.PrivateKey): hcloud.Server {
    const { plan, letter } = args;
    const { target } = plan;
    const node = nodeOf(plan, letter);
    const keep = plan.onRemoval !== 'destroy';
    const drawn: hcloud.ServerArgs = {
      name: node.name,
      serverType: target.serverType,
      image: target.image,
      location: target.location,
      ...(args.placementGroupId === undefined ? {} : { placementGroupId: args.placementGroupId }),
      sshKeys: [...args.sshKeys],
      firewallIds: [args.firewallId],
      // The public address is for the deployment and for packages; the firewalls admit nothing else.
      publicNets: [{ ipv4Enabled: true, ipv6Enabled: true }],
      networks: [{ subnetId: args.subnetId, ip: node.address, aliasIps: [] }],
      userData: userData(plan, letter, hostKey),
      labels: labelsOf(plan, { 'cachetier-node': letter }),
      deleteProtection: keep,
      rebuildProtection: keep,
      shutdownBeforeDeletion: true,
    };
    return new hcloud.Server(name, args.adjustServer?.(drawn, letter) ?? drawn, {
      parent: this,
      dependsOn: [...(args.after ?? [])],
      // What is protected is not replaced either.
      protect: keep && args.replaceBecause === undefined,
      ignoreChanges: ['userData', 'image', 'sshKeys', 'location'],
      additionalSecretOutputs: ['userData'],
      deleteBeforeReplace: true,
      ...(args.replaceBecause === undefined ? {} : { replacementTrigger: args.replaceBecause }),
      hooks: serverHooks(args, this.hostKey),
    });
  }

  /**
   * Before the server is deleted or replaced, the node hands its role over. It refuses to go while it holds the last copy,
   * unless the tier may be destroyed.
   */
  private defineDrain(name: string, { plan }: ValkeyNodeArgs): void {
    new command.remote.Command(
      `${name}-drain`,
      {
        connection: this.connection,
        create: 'true',
        delete: plan.onRemoval === 'destroy' ? `${leaveCommand} --last-copy-too` : leaveCommand,
        triggers: [this.server.id],
        logging: command.types.enums.remote.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [this.applied], additionalSecretOutputs: ['stdout', 'stderr'] },
    );
  }

  /** Brings files and secrets over SSH on standard input: nothing of it is logged, in argv, or readable in the state. */
  private defineApply(name: string): command.remote.Command {
    return new command.remote.Command(
      `${name}-apply`,
      {
        connection: this.connection,
        create: `${applyCommand} && ${inSyncCommand}`,
        stdin: this.payload,
        logging: command.types.enums.remote.Logging.None,
        // sshd takes no variable of ours, and the engine would warn of it at every update.
        addPreviousOutputInEnv: false,
        // A new server has no files, also where it got the address of the one before. One of another type was powered
        // off: the chain goes on only when it serves again.
        triggers: [this.server.id, this.server.serverType],
      },
      { parent: this, dependsOn: [this.server], additionalSecretOutputs: ['stdin', 'stdout', 'stderr'] },
    );
  }
}

/** Every file of the node, its secrets among them. */
function payloadOf({ plan, letter, secrets }: ValkeyNodeArgs): pulumi.Output<string> {
  return pulumi.secret(
    pulumi
      .output(secrets)
      .apply((all) =>
        renderApplyPayload([...renderMachineFiles(plan, letter, hetznerPlacement(plan), all), ...operatorFiles(plan)]),
      ),
  );
}

function userData(plan: HetznerTierPlan, letter: string, hostKey: tls.PrivateKey): pulumi.Output<string> {
  const keys = pulumi.all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh]);
  return pulumi.secret(
    keys.apply(([privateKey, publicKey]) => renderUserData(plan, letter, { sshHostKey: { privateKey, publicKey } })),
  );
}

function nodeOf(plan: HetznerTierPlan, letter: string) {
  const node = plan.target.nodes.find((one) => one.letter === letter);
  if (!node) throw new Error(`the plan has no node "${letter}"`);
  return node;
}
