import { type Answer, type Nodes } from './walk';

/** What is to be done to the tier. */
export type RestoreWord = 'resume' | 'abandon' | 'rollback';

/** The restore did not happen, or not to its end; says why, and what to do. */
export class RestoreStopped extends Error {
  /**
   * @param letter - the node at which it stopped; null before one was chosen
   * @param message - what happened there and what to do
   */
  constructor(
    readonly letter: string | null,
    message: string,
  ) {
    super(message);
    this.name = 'RestoreStopped';
  }
}

const program = '/usr/local/sbin/cachetier-backup';

/**
 * Brings a backup back into a tier: into one without data on its first node, into one that serves by way of a replica.
 *
 * @param nodes - the nodes
 * @param order - which backup, as words of `cachetier-backup` that are safe in a shell
 * @param overExistingData - whether data that is there may be replaced
 * @param report - gets a line for each step
 * @param rdb - an RDB on this machine instead of a backup
 * @param letter - the node by way of which; by default the last synced replica, or the first node of a tier without data
 * @throws RestoreStopped where nothing could be done, with the reason
 */
export async function restore(
  nodes: Nodes,
  order: readonly string[],
  overExistingData: boolean,
  report: (line: string) => void,
  rdb?: string,
  letter?: string,
): Promise<string> {
  const by = letter ?? (await chosen(nodes));
  const args = [...(rdb === undefined ? order : ['--rdb', '-']), ...(overExistingData ? ['--over-existing-data'] : [])];
  return told(nodes, by, `${program} restore ${args.join(' ')}`, report, rdb);
}

/**
 * Goes on with a restore that was cut off, goes back to before it, or takes the last one back; on the node that can.
 *
 * @throws RestoreStopped where no node can
 */
export async function conclude(nodes: Nodes, word: RestoreWord, report: (line: string) => void): Promise<string> {
  const place = word === 'rollback' ? '/var/lib/valkey/before-resync' : '/var/lib/cachetier/restore.json';
  const seen = await Promise.all(
    nodes.letters.map(async (letter) => [letter, await nodes.run(letter, `stat -c %Y ${place}`)] as const),
  );
  const [found] = seen
    .filter(([, { status }]) => status === 0)
    .sort(([, one], [, other]) => Number(other.stdout) - Number(one.stdout));
  if (!found) {
    const away = seen.filter(([, { status }]) => status === null).map(([letter]) => letter);
    const what = word === 'rollback' ? 'no node keeps data from before a restore' : 'no restore is under way';
    throw new RestoreStopped(
      null,
      away.length === 0 ? what : `${what} on the nodes that answer; ${away.join(', ')} did not`,
    );
  }
  const args = word === 'rollback' ? '--rollback --over-existing-data' : `--${word}`;
  return told(nodes, found[0], `${program} restore ${args}`, report);
}

async function told(
  nodes: Nodes,
  letter: string,
  command: string,
  report: (line: string) => void,
  input?: string,
): Promise<string> {
  report(`node ${letter}`);
  const done = await nodes.run(letter, command, (line) => report(`node ${letter}: ${line}`), input);
  if (done.status === 0) return letter;
  const cut =
    done.status === null ? 'the connection ended; the restore goes on with --resume, or back with --abandon' : '';
  throw new RestoreStopped(letter, `node ${letter}: ${[cut, lastLine(done)].filter(Boolean).join(': ')}`);
}

/** Roles as every node that answers sees them; the first answer counts. */
async function chosen(nodes: Nodes): Promise<string> {
  for (const letter of nodes.letters) {
    const answer = await nodes.run(letter, '/usr/local/sbin/cachetier-node status --json');
    if (answer.status !== 0) continue;
    const { valkeys } = JSON.parse(answer.stdout) as { valkeys: Record<string, Peer | null> };
    const peers = Object.entries(valkeys).flatMap(([one, peer]) => (peer ? [[one, peer] as const] : []));
    if (!peers.some(([, { keys, pulse }]) => keys || pulse)) return peers[0]?.[0] ?? letter;
    const replicas = peers.filter(([, { role, link }]) => role === 'replica' && link).map(([one]) => one);
    return replicas.at(-1) ?? letter;
  }
  throw new RestoreStopped(
    null,
    'no node answers; with every server gone, deploy new ones with restoreFrom in the config',
  );
}

interface Peer {
  readonly role: 'primary' | 'replica';
  readonly link: boolean;
  readonly keys: boolean;
  readonly pulse: unknown;
}

function lastLine({ stderr, stdout }: Answer): string {
  return (
    (stderr.trim() || stdout.trim())
      .split('\n')
      .at(-1)
      ?.replace(/^cachetier-backup restore: /, '') ?? ''
  );
}
