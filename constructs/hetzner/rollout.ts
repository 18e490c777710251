import { createHash } from 'node:crypto';
import * as command from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { RolloutAccess } from '../rollout';

/** What a rollout takes. */
export interface RolloutArgs {
  /** How the nodes are reached; secret. */
  readonly access: pulumi.Input<RolloutAccess>;
  /** What the nodes were given: another value makes the rollout run. Only a hash of it is kept. */
  readonly given: pulumi.Input<readonly string[]>;
  /** Steps that bring the files to the nodes; the rollout comes after them. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * The step that takes changes to running nodes which they could not take at once: settings that need a restart, new
 * passwords. One for the whole tier, because a program knows neither the roles of the nodes nor which of them differ: it
 * reads both when it runs, goes from node to node, the primary last behind a handover, and stops where a node does not
 * come back. Run again, by the next update or by `cachetier rollout`, it goes on from there.
 */
export class Rollout extends pulumi.ComponentResource {
  /** The step itself. */
  readonly step: command.local.Command;

  /**
   * @param name - name of the step within the program, such as `orders-rollout`
   * @param args - the nodes, and what they were given
   * @param opts - options of the component
   */
  constructor(name: string, args: RolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cachetier:hetzner:Rollout', name, {}, opts);
    this.step = new command.local.Command(
      `${name}-step`,
      {
        // A name and no path: the state must not differ from one machine to the next.
        create: "require('cachetier/rollout').main()",
        interpreter: ['node', '-e'],
        stdin: pulumi.secret(pulumi.output(args.access).apply((access) => JSON.stringify(access))),
        triggers: [pulumi.output(args.given).apply(hash)],
        logging: command.types.enums.local.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [...args.after], additionalSecretOutputs: ['stdin', 'stdout', 'stderr'] },
    );
    this.registerOutputs({});
  }
}

function hash(given: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(given)).digest('hex');
}
