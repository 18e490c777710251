import { type Answer, conclude, type Nodes, restore, RestoreStopped, takeBackup } from '../../constructs/rollout';

/** Nodes that answer as the real programs do, and remember what they were told. */
class Told implements Nodes {
  readonly letters = ['a', 'b', 'c'];
  readonly commands: string[] = [];

  constructor(private readonly answer: (letter: string, command: string) => Partial<Answer>) {}

  run(letter: string, command: string, onLine?: (line: string) => void, input?: string): Promise<Answer> {
    const words = command.replace(/^\/usr\/local\/sbin\//, '');
    this.commands.push(`${letter}: ${words}${input === undefined ? '' : ` <${input}`}`);
    const answer = { status: 0, stdout: '', stderr: '', ...this.answer(letter, words) };
    for (const line of answer.stdout.split('\n').filter(Boolean)) onLine?.(line);
    return Promise.resolve(answer);
  }
}

const away: Partial<Answer> = { status: null, stderr: 'ssh: connect to host: timed out\n' };

function status(roles: Readonly<Record<string, 'primary' | 'replica' | 'empty'>>): Partial<Answer> {
  const valkeys = Object.fromEntries(
    Object.entries(roles).map(([letter, role]) => [
      letter,
      { role: role === 'empty' ? 'replica' : role, link: role === 'replica', keys: role !== 'empty', pulse: null },
    ]),
  );
  return { stdout: JSON.stringify({ valkeys }) };
}

const serving = status({ a: 'primary', b: 'replica', c: 'replica' });

test('a tier that serves is restored by way of its last synced replica', async () => {
  const nodes = new Told((_letter, words) => (words.startsWith('cachetier-node') ? serving : { stdout: 'restored\n' }));
  const lines: string[] = [];
  expect(await restore(nodes, ['--backup', 'x'], true, (line) => lines.push(line))).toBe('c');
  expect(nodes.commands.at(-1)).toBe('c: cachetier-backup restore --backup x --over-existing-data');
  expect(lines).toEqual(['node c', 'node c: restored']);
});

test('a tier without data is restored on its first node, and an RDB goes to it as a file', async () => {
  const empty = status({ a: 'empty', b: 'empty', c: 'empty' });
  const nodes = new Told((_letter, words) => (words.startsWith('cachetier-node') ? empty : {}));
  expect(await restore(nodes, [], false, () => undefined, '/tmp/orders.rdb')).toBe('a');
  expect(nodes.commands.at(-1)).toBe('a: cachetier-backup restore --rdb - </tmp/orders.rdb');
});

test('a node that is away is passed over, and all away is said', async () => {
  const nodes = new Told((letter, words) =>
    letter === 'a' ? away : words.startsWith('cachetier-node') ? serving : {},
  );
  expect(await restore(nodes, [], true, () => undefined)).toBe('c');
  await expect(restore(new Told(() => away), [], true, () => undefined)).rejects.toThrow(
    'no node answers; with every server gone, deploy new ones with restoreFrom in the config',
  );
});

test('what a node refuses is told by its last line, and a connection that ends leaves a way on', async () => {
  const refuses = new Told((_letter, words) =>
    words.startsWith('cachetier-node')
      ? serving
      : { status: 3, stderr: 'x\ncachetier-backup restore: node a holds data\n' },
  );
  await expect(restore(refuses, [], false, () => undefined)).rejects.toThrow('node c: node a holds data');
  const cut = new Told((_letter, words) => (words.startsWith('cachetier-node') ? serving : away));
  await expect(restore(cut, [], false, () => undefined)).rejects.toThrow(
    'goes on with --resume, or back with --abandon',
  );
});

test.each([
  ['resume', '/var/lib/cachetier/restore.json', '--resume'],
  ['abandon', '/var/lib/cachetier/restore.json', '--abandon'],
  ['rollback', '/var/lib/valkey/before-resync', '--rollback --over-existing-data'],
] as const)('%s happens on the node that can, the latest of several', async (word, place, args) => {
  const at: Readonly<Record<string, string>> = { b: '100\n', c: '200\n' };
  const nodes = new Told((letter, words) =>
    words !== `stat -c %Y ${place}`
      ? {}
      : at[letter]
        ? { stdout: at[letter] }
        : { status: 1, stderr: 'No such file\n' },
  );
  expect(await conclude(nodes, word, () => undefined)).toBe('c');
  expect(nodes.commands.at(-1)).toBe(`c: cachetier-backup restore ${args}`);
});

test('nothing to conclude is said, with the nodes that were not heard', async () => {
  const nodes = new Told((letter) => (letter === 'b' ? away : { status: 1 }));
  await expect(conclude(nodes, 'resume', () => undefined)).rejects.toThrow(
    new RestoreStopped(null, 'no restore is under way on the nodes that answer; b did not'),
  );
});

test('a backup is taken by the node whose turn it is', async () => {
  const nodes = new Told((letter) =>
    letter === 'b'
      ? { stdout: 'r2:orders has orders-20261121T120000Z-b (1 bytes)\n' }
      : { stdout: 'node b takes it\n' },
  );
  expect(await takeBackup(nodes)).toEqual({
    letter: 'b',
    lines: ['r2:orders has orders-20261121T120000Z-b (1 bytes)'],
    problem: null,
  });
  expect(nodes.commands).toEqual(['a: cachetier-backup now', 'b: cachetier-backup now']);
});

test('a bucket without its backup is the problem, and so are nodes that all decline', async () => {
  const full = new Told(() => ({ status: 1, stdout: 'r2:orders has no new backup: bucket-full: x\n' }));
  expect((await takeBackup(full)).problem).toBe('node a: r2:orders has no new backup: bucket-full: x');
  const none = new Told(() => ({ stdout: 'this replica is not synced; nothing is taken from it\n' }));
  expect((await takeBackup(none)).problem).toContain('no node took a backup: node a: this replica is not synced');
});
