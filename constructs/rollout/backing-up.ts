import type { Nodes } from './walk';

/** What came of a backup that was asked for. */
export interface BackupResult {
  /** The node that took it, or null. */
  readonly letter: string | null;
  /** What it said, a line for each bucket. */
  readonly lines: readonly string[];
  /** Why a bucket has none, or null. */
  readonly problem: string | null;
}

const command = '/usr/local/sbin/cachetier-backup now';

/**
 * A backup to every bucket, due or not. Each node is asked, and the one whose turn it is takes it: roles move, and only
 * they know.
 */
export async function takeBackup(
  nodes: Nodes,
  report: (line: string) => void = () => undefined,
): Promise<BackupResult> {
  const said: string[] = [];
  for (const letter of nodes.letters) {
    const { status, stdout, stderr } = await nodes.run(letter, command, (line) => report(`node ${letter}: ${line}`));
    const lines = stdout.split('\n').filter((line) => / has (no new backup|\S+-\d{8}T)/.test(line));
    if (status === 0 && lines.length > 0) return { letter, lines, problem: null };
    if (lines.length > 0) return { letter, lines, problem: `node ${letter}: ${lines.join('; ')}` };
    said.push(`node ${letter}: ${(stderr || stdout).trim().split('\n').at(-1) || 'no answer'}`);
  }
  return { letter: null, lines: [], problem: `no node took a backup: ${said.join('; ')}` };
}
