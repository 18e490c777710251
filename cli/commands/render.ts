import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { pc } from '../colours';
import { makeSecrets } from '../../constructs/local/secrets';
import {
  hasNodes,
  hetznerPlacement,
  lettersOf,
  type NodeFile,
  type NodeSecrets,
  type NodesTierPlan,
  renderMachineFiles,
  renderUserData,
} from '../../constructs/node';
import { type OutOptions, put, refuseFilled } from '../files';
import { type CommonOptions, planFile, withCommonOptions } from '../options';
import { CliError, fail, say, sayJson } from '../output';
import { makeSshKey } from '../ssh-key';

interface RenderOptions extends CommonOptions, OutOptions {
  readonly node: string;
}

/** `cachetier render FILE --node a --out DIR` */
export function registerRender(program: Command): void {
  withCommonOptions(program.command('render'))
    .argument('<file>', 'config in TypeScript, YAML or JSON')
    .requiredOption('-n, --node <letter>', 'letter of the node: a, b, c')
    .requiredOption('-o, --out <folder>', 'folder to write to; it must be empty')
    .option('-f, --force', 'write into a folder that is not empty')
    .summary('write the files of a node as they lie on its disk')
    .description(
      'Writes the files of a node as they lie on its disk below DIR/root, its user data to DIR/user-data, and what is secret ' +
        'apart, below DIR/secrets. Passwords, keys and certificates are fresh ones, made for this rendering alone.',
    )
    .addHelpText('after', '\nExample:\n  cachetier render examples/job-queue.ts --node a --out ./node-a')
    .action(async (file: string, options: RenderOptions) => {
      try {
        await run(file, options);
      } catch (cause) {
        fail(cause, options.json);
      }
    });
}

async function run(file: string, options: RenderOptions): Promise<void> {
  const plan = planFile(file, options);
  if (!hasNodes(plan) || plan.target.kind !== 'hetzner') {
    throw new CliError(2, `${plan.kind} has no machines of ours to render; add --target hetzner`);
  }
  const letters = lettersOf(plan);
  if (!letters.includes(options.node)) {
    throw new CliError(2, `--node: got "${options.node}", the tier has ${letters.join(', ')}`);
  }
  const out = resolve(options.out);
  refuseFilled(out, options);
  const hostKey = makeSshKey();
  const files = renderMachineFiles(plan, options.node, hetznerPlacement(plan), await secretsFor(plan));
  const written = [
    ...files.map((one) => write(out, one)),
    put(join(out, 'user-data'), renderUserData(plan, options.node, { sshHostKey: hostKey }), '0600'),
  ];
  if (options.json) sayJson({ node: options.node, out, files: written });
  else {
    const secret = files.filter((one) => one.secret).length;
    say(
      `${pc.green('ok')}  node ${options.node} of ${plan.name}: ${files.length - secret} files below root, ${secret} below secrets, and user-data`,
    );
  }
}

/** Secrets for looking at: a bucket's key is known to its provider only. */
async function secretsFor(plan: NodesTierPlan): Promise<NodeSecrets> {
  const unknown = {
    accessKeyId: 'the-access-key-id-of-the-bucket',
    secretAccessKey: 'the-secret-access-key-of-the-bucket',
  };
  const buckets = Object.fromEntries(plan.backup.destinations.map((to) => [to.id, unknown]));
  return { ...(await makeSecrets(plan)), backupKey: makeSshKey(), buckets };
}

function write(out: string, file: NodeFile): string {
  return put(join(out, file.secret ? 'secrets' : 'root', file.path), file.content, file.secret ? '0600' : file.mode);
}
