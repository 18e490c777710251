import * as command from '@pulumi/command';
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import { applyCommand, monitoringPorts, renderMonitoringUserData } from '../node';
import type { MonitoringServerPlan } from '../tier';
import { deployConnection } from './connection';
import { labelsOf } from './labels';
import { monitoringPayload } from './monitoring-payload';
import type { HetznerTierPlan } from './plan';

/** What the monitoring server takes from its cluster. */
export interface MonitoringServerArgs {
  readonly plan: HetznerTierPlan;
  /** The server as the plan has it. */
  readonly server: MonitoringServerPlan;
  readonly subnetId: pulumi.Input<string>;
  readonly firewallId: pulumi.Input<number>;
  readonly sshKeys: readonly pulumi.Input<string>[];
  /** Private key that the deploy step logs in by. */
  readonly deployKey: pulumi.Input<string>;
  /** Password for the mail relay of `monitoring.server.smtp`. @default - none: the relay takes mail without it */
  readonly smtpPassword?: pulumi.Input<string>;
}

/**
 * A small server with Prometheus and Alertmanager beside the nodes.
 *
 * It holds series and no data of the tier, so nothing protects it: one that is lost or replaced begins anew. Changed rules
 * reach it over SSH, as the files of the nodes do.
 */
export class MonitoringServer extends pulumi.ComponentResource {
  readonly server: hcloud.Server;
  /** Address of Prometheus in the private network. */
  readonly prometheus: string;

  constructor(name: string, args: MonitoringServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:MonitoringServer', name, {}, opts);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: 'ED25519' }, { parent: this });
    this.server = this.defineServer(name, args, hostKey);
    this.prometheus = `http://${args.server.address}:${monitoringPorts.prometheus}`;
    this.defineApply(name, args, hostKey);
    this.registerOutputs({ prometheus: this.prometheus });
  }

  private defineServer(name: string, args: MonitoringServerArgs, hostKey: tls.PrivateKey): hcloud.Server {
    const { plan, server, subnetId, firewallId, sshKeys } = args;
    const keys = pulumi.all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh]);
    const userData = keys.apply(([privateKey, publicKey]) =>
      renderMonitoringUserData(plan, server, { sshHostKey: { privateKey, publicKey } }),
    );
    return new hcloud.Server(
      name,
      {
        name: server.name,
        serverType: server.serverType,
        image: plan.target.image,
        location: plan.target.location,
        sshKeys: [...sshKeys],
        firewallIds: [firewallId],
        publicNets: [{ ipv4Enabled: true, ipv6Enabled: true }],
        networks: [{ subnetId, ip: server.address, aliasIps: [] }],
        userData: pulumi.secret(userData),
        labels: labelsOf(plan, { 'cachetier-role': 'monitoring' }),
      },
      {
        parent: this,
        ignoreChanges: ['userData', 'image', 'sshKeys', 'location'],
        additionalSecretOutputs: ['userData'],
        deleteBeforeReplace: true,
      },
    );
  }

  private defineApply(name: string, args: MonitoringServerArgs, hostKey: tls.PrivateKey): void {
    const password: pulumi.Output<string | null> = pulumi.output(args.smtpPassword ?? null);
    new command.remote.Command(
      `${name}-apply`,
      {
        connection: deployConnection(
          this.server,
          args.deployKey,
          hostKey.publicKeyOpenssh.apply((key) => key.trim()),
        ),
        create: applyCommand,
        stdin: pulumi.secret(password.apply((given) => monitoringPayload(args.plan, given))),
        logging: command.types.enums.remote.Logging.None,
        addPreviousOutputInEnv: false,
        triggers: [this.server.id],
      },
      { parent: this, dependsOn: [this.server], additionalSecretOutputs: ['stdin', 'stdout', 'stderr'] },
    );
  }
}
