/** What a node says of itself: `cachetier-node pending --json`. */
export interface NodeState {
  readonly letter: string;
  readonly role: 'primary' | 'replica' | 'held' | 'down';
  /** Whether the whole tier, seen from this node, could do without one node now. */
  readonly healthy: boolean;
  /** Why it could not; empty where it could. */
  readonly why: string;
  readonly pending: readonly PendingChange[];
}

/** A change that waits on a node. Never holds a secret. */
export type PendingChange =
  | { readonly what: 'setting'; readonly name: string; readonly running: string; readonly wanted: string }
  | { readonly what: 'passwords' };

/** What a command on a node gave back. */
export interface Answer {
  /** Exit status; null where the node could not be reached. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The nodes of a tier, as the rollout reaches them. */
export interface Nodes {
  readonly letters: readonly string[];
  /**
   * Runs a command on a node.
   *
   * @param onLine - gets each line of standard output as it comes
   * @param input - a file that the command reads on its standard input
   */
  run(letter: string, command: string, onLine?: (line: string) => void, input?: string): Promise<Answer>;
}

/** What a rollout did. */
export interface RolloutResult {
  /** Letters of the nodes that took changes, in their order. */
  readonly taken: readonly string[];
  /** What was waiting before, by letter. */
  readonly pending: Readonly<Record<string, readonly PendingChange[]>>;
}

/** The rollout ended before all nodes had their changes. Nodes that have them keep them; run again, it goes on. */
export class RolloutStopped extends Error {
  /**
   * @param letter - the node at which it stopped
   * @param taken - nodes that had taken their changes by then
   * @param message - what happened there and what to do
   */
  constructor(
    readonly letter: string,
    readonly taken: readonly string[],
    message: string,
  ) {
    super(message);
    this.name = 'RolloutStopped';
  }
}

const pendingCommand = '/usr/local/sbin/cachetier-node pending --json';
const takeCommand = '/usr/local/sbin/cachetier-node take';

/**
 * Takes the changes that wait on the nodes of a tier: replicas first in the order of their letters, the primary last,
 * behind a handover. Roles are read as they are before each node, so a failover meanwhile changes the order and nothing
 * else. A node is touched only while every node answers and every other one is in place.
 *
 * @param nodes - the nodes
 * @param report - gets a line for each step
 * @param dryRun - look, and touch nothing
 * @throws RolloutStopped where a node does not answer, the tier is not whole, or a node did not take its changes
 */
export async function rollOut(
  nodes: Nodes,
  report: (line: string) => void = () => undefined,
  dryRun = false,
): Promise<RolloutResult> {
  const taken: string[] = [];
  const first = await look(nodes, taken);
  const pending = Object.fromEntries(first.map((state) => [state.letter, state.pending]));
  if (dryRun) return { taken, pending };
  for (let states = first; ; states = await look(nodes, taken)) {
    const next = nextOf(states);
    if (!next) return { taken, pending };
    if (taken.includes(next.letter))
      throw stopped(
        next.letter,
        taken,
        `node ${next.letter} took its changes, and says that ${describe(next)} still wait`,
      );
    const unsound = states.find(({ healthy }) => !healthy);
    if (unsound)
      throw stopped(
        unsound.letter,
        taken,
        `the tier cannot do without a node now, as node ${unsound.letter} sees it: ${unsound.why}`,
      );
    report(`node ${next.letter}, the ${next.role}: ${describe(next)}`);
    const done = await nodes.run(next.letter, takeCommand, (line) => report(`node ${next.letter}: ${line}`));
    if (done.status !== 0)
      throw stopped(next.letter, taken, `node ${next.letter} did not take its changes: ${reason(done)}`);
    taken.push(next.letter);
  }
}

/** Replicas first; the primary hands over, which costs a pause of writes, once only. */
function nextOf(states: readonly NodeState[]): NodeState | undefined {
  const waiting = states.filter(({ pending }) => pending.length > 0);
  return waiting.find(({ role }) => role !== 'primary') ?? waiting[0];
}

async function look(nodes: Nodes, taken: readonly string[]): Promise<readonly NodeState[]> {
  const answers = await Promise.all(
    nodes.letters.map(async (letter) => ({ letter, answer: await nodes.run(letter, pendingCommand) })),
  );
  return answers.map(({ letter, answer }) => {
    if (answer.status !== 0) throw stopped(letter, taken, `node ${letter} does not answer: ${reason(answer)}`);
    return JSON.parse(answer.stdout) as NodeState;
  });
}

function stopped(letter: string, taken: readonly string[], what: string): RolloutStopped {
  const so =
    taken.length === 0
      ? 'nothing was changed'
      : `${taken.length === 1 ? 'node' : 'nodes'} ${taken.join(', ')} had taken theirs, and nothing else was changed`;
  return new RolloutStopped(letter, taken, `${what}; ${so}. Mend it and run the rollout again: it goes on from there`);
}

function describe({ pending }: NodeState): string {
  return pending
    .map((change) =>
      change.what === 'setting' ? `${change.name} ${change.running} -> ${change.wanted}` : 'new passwords',
    )
    .join(', ');
}

/** The last line of what a command complained of. */
function reason({ stderr, stdout, status }: Answer): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  return said || `it ended with ${status ?? 'no status'}`;
}
