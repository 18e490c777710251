import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  conclude,
  openSsh,
  restore,
  RestoreStopped,
  type RestoreWord,
  type RolloutAccess,
} from '../../constructs/rollout';
import { type LocalBackups, openBackups } from '../../constructs/local/backups';
import { type BackupOrder, toArguments } from '../../constructs/tier/backup-order';
import { readAccess } from '../access';
import { pc } from '../colours';
import { CliError, exitCodes, fail, say, sayJson, table } from '../output';
import { withProgress } from '../progress';

interface RestoreOptions {
  readonly backup?: string;
  readonly at?: string;
  readonly rdb?: string;
  readonly bucket?: string;
  readonly tier?: string;
  readonly node?: string;
  readonly overExistingData?: boolean;
  readonly look?: boolean;
  readonly export?: string;
  readonly resume?: boolean;
  readonly abandon?: boolean;
  readonly rollback?: boolean;
  readonly json?: boolean;
}

/** `cachetier restore FILE` */
export function registerRestore(program: Command): void {
  program
    .command('restore')
    .argument(
      '<file>',
      'nodes and buckets of the tier, as JSON: the output "rollout" of the stack; - for standard input',
    )
    .option('--backup <name>', 'restore this backup; "latest" is the newest there is, shipped files included')
    .option(
      '--at <time>',
      'restore to this second in UTC, such as 2026-11-20T10:00:00Z, from shipped append-only files',
    )
    .option('--rdb <path>', 'restore this RDB of any Valkey, such as an export of a service')
    .option('--bucket <id>', 'from this bucket, such as r2:my-bucket (default: the first of the tier)')
    .option('--tier <name>', 'a backup of this tier (default: the tier itself)')
    .option('--node <letter>', 'by way of this node (default: the last synced replica)')
    .option('--over-existing-data', 'yes, although the tier has data; it is kept for a day')
    .option('--look', 'open the backup in a throw-away Valkey on this machine instead, until interrupted')
    .option('--export <path>', 'write the backup to a file instead: a plain RDB, which every target takes')
    .option('--resume', 'go on with a restore that was cut off')
    .option('--abandon', 'go back to before a restore that was cut off')
    .option('--rollback', 'take the last restore back: what the tier had before it')
    .option('--json', 'print JSON for machines')
    .summary('list the backups of a tier, and bring one back')
    .description(
      'Without options it lists what the buckets hold. With --backup or --at it restores: a tier that serves goes on serving, ' +
        'a replica reads the backup, and then takes the role; writes wait for a second or two. ' +
        'With --look or --export it reads the buckets from this machine, whether or not there are servers.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  pulumi stack output rollout --show-secrets --json | cachetier restore -' +
        '\n  cachetier restore tier.json --backup latest --over-existing-data' +
        '\n  cachetier restore tier.json --at 2026-11-20T10:00:00Z --look' +
        '\n\nExit codes: 0 it was done, 1 it was refused or stopped, 2 wrong use, 3 a bucket or this machine failed.',
    )
    .action(async (file: string, options: RestoreOptions) => {
      try {
        await run(file, options);
      } catch (cause) {
        if (!(cause instanceof RestoreStopped)) return fail(cause, options.json);
        process.exitCode = exitCodes.refused;
        if (options.json) sayJson({ ok: false, letter: cause.letter, message: cause.message });
        else process.stderr.write(`${pc.red('stopped')}  ${cause.message}\n`);
      }
    });
}

async function run(file: string, options: RestoreOptions): Promise<void> {
  const what = actionOf(options);
  const order = orderOf(options);
  const access = readAccess(file);
  switch (what) {
    case 'list':
      return list(access, options);
    case 'look':
      return look(access, order, options);
    case 'export':
      return exported(access, order, options);
    case 'restore':
      return onNodes(access, options, (nodes, report) =>
        restore(nodes, toArguments(order), options.overExistingData ?? false, report, rdbOf(options), options.node),
      );
    default:
      return onNodes(access, options, (nodes, report) => conclude(nodes, what, report));
  }
}

type Action = 'list' | 'look' | 'export' | 'restore' | RestoreWord;

function actionOf(options: RestoreOptions): Action {
  const words = (['look', 'export', 'resume', 'abandon', 'rollback'] as const).filter((word) => options[word]);
  if (words.length > 1) throw new CliError(2, `--${words.join(' and --')} exclude each other`);
  const sources = (['backup', 'at', 'rdb'] as const).filter((source) => options[source] !== undefined);
  if (sources.length > 1) throw new CliError(2, `--${sources.join(' and --')} exclude each other`);
  const [word] = words;
  if (word && options.rdb !== undefined) throw new CliError(2, `--rdb and --${word} exclude each other`);
  return word ?? (sources.length === 0 ? 'list' : 'restore');
}

function orderOf({ backup, at, bucket, tier, node }: RestoreOptions): BackupOrder {
  const order = {
    ...(bucket === undefined ? {} : { bucket }),
    ...(tier === undefined ? {} : { tier }),
    ...(backup === undefined || backup === 'latest' ? {} : { backup }),
    ...(at === undefined ? {} : { at }),
  };
  if (node !== undefined && !/^[a-z]$/.test(node)) throw new CliError(2, `--node: got "${node}", needed one letter`);
  try {
    toArguments(order);
  } catch (error) {
    throw new CliError(2, (error as Error).message);
  }
  return order;
}

/** Looked at before anything is: a name that was mistyped must not cost a node its place. */
function rdbOf({ rdb }: RestoreOptions): string | undefined {
  if (rdb === undefined) return undefined;
  if (!existsSync(rdb)) throw new CliError(2, `--rdb: there is no file ${rdb}`);
  return resolve(rdb);
}

async function onNodes(
  access: RolloutAccess,
  options: RestoreOptions,
  task: (nodes: ReturnType<typeof openSsh>, report: (line: string) => void) => Promise<string>,
): Promise<void> {
  const nodes = openSsh(access);
  try {
    const letter = await withProgress(`restore of ${access.tier}`, { silent: options.json }, (report) =>
      task(nodes, report),
    );
    if (options.json) sayJson({ ok: true, letter });
    else say(`${pc.green('ok')}  done on node ${letter}`);
  } finally {
    nodes.close();
  }
}

/** What `cachetier-backup list --json` says. */
interface Listed {
  readonly buckets: readonly {
    readonly bucket: string;
    readonly backups: readonly { readonly name: string; readonly says: string }[];
    readonly spans: readonly { readonly from: string; readonly to: string }[];
  }[];
  readonly silent: readonly { readonly bucket: string; readonly says: string }[];
}

async function list(access: RolloutAccess, options: RestoreOptions): Promise<void> {
  const { done, close } = await withBackups(access, options, (backups) => backups.list(options.tier));
  close();
  if (!done.stdout) throw new CliError(3, done.stderr.trim());
  const found = JSON.parse(done.stdout) as Listed;
  if (options.json) return sayJson(found);
  for (const { bucket, backups, spans } of found.buckets) {
    say(pc.bold(`${bucket}: ${backups.length} backups`));
    for (const { from, to } of spans) say(`  any second from ${from} to ${to}`);
    for (const line of backups.length === 0
      ? []
      : table(
          ['  name', 'holds'],
          backups.map(({ name, says }) => [`  ${name}`, says]),
        ))
      say(line);
  }
  if (found.silent.length === 0) return;
  throw new CliError(3, found.silent.map(({ bucket, says }) => `${bucket}: ${says}`).join('; '));
}

async function exported(access: RolloutAccess, order: BackupOrder, options: RestoreOptions): Promise<void> {
  const path = resolve(options.export ?? '');
  if (existsSync(path)) throw new CliError(2, `--export: ${options.export} exists already; nothing was written`);
  const { done, close } = await withBackups(access, options, (backups, report) => {
    report('fetching and decrypting');
    return backups.export(order, path);
  });
  close();
  if (done.status !== 0) throw new CliError(3, done.stderr.trim());
  if (options.json) sayJson({ ok: true, file: path });
  else say(`${pc.green('ok')}  ${options.export}: an RDB without encryption; it is as secret as the data`);
}

async function look(access: RolloutAccess, order: BackupOrder, options: RestoreOptions): Promise<void> {
  const { done, close } = await withBackups(access, options, (backups, report) => {
    report('fetching and decrypting');
    return backups.look(order);
  });
  try {
    if (options.json) sayJson({ ok: true, socket: done.socket });
    else
      say(`${pc.green('ok')}  ${done.client} -s ${done.socket}\n    until Ctrl-C; nothing of it stays on this machine`);
    await new Promise<void>((end) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end());
      const alive = setInterval(() => undefined, 60_000);
      process.once('exit', () => clearInterval(alive));
    });
  } finally {
    done.end();
    close();
    process.exit();
  }
}

async function withBackups<T>(
  access: RolloutAccess,
  options: RestoreOptions,
  task: (backups: LocalBackups, report: (line: string) => void) => Promise<T>,
): Promise<{ readonly done: T; readonly close: () => void }> {
  const { backup } = access;
  if (backup === undefined)
    throw new CliError(2, `${access.tier} has no buckets: add backup.to to its config and deploy`);
  return withProgress(`backups of ${access.tier}`, { silent: options.json }, async (report) => {
    const backups = await openBackups(backup, report);
    try {
      return { done: await task(backups, report), close: () => backups.close() };
    } catch (error) {
      backups.close();
      throw error;
    }
  });
}
