import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { NodeAccess, RolloutAccess } from './access';
import type { Answer, Nodes } from './walk';

/** Nodes that are reached by the `ssh` program of this machine, each held to its own host key. */
export interface SshNodes extends Nodes {
  /** Ends connections and removes the key from this machine. */
  close(): void;
}

/**
 * Puts key and host keys into a folder that only this user can read, for as long as the rollout goes. It is removed
 * when this process ends, by a signal too.
 */
export function openSsh(access: RolloutAccess): SshNodes {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-ssh-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupted = (signal: NodeJS.Signals): void => {
    remove();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  process.once('exit', remove);
  for (const signal of signals) process.once(signal, interrupted);
  const key = join(folder, 'key');
  writeFileSync(key, `${access.privateKey.trimEnd()}\n`, { mode: 0o600 });
  const known = join(folder, 'known_hosts');
  const lines = access.nodes.map(({ letter, hostKey }) => `${alias(letter)} ${hostKey.trim()}\n`);
  writeFileSync(known, lines.join(''), { mode: 0o600 });
  return {
    letters: access.nodes.map(({ letter }) => letter),
    run: (letter, command, onLine, input) => {
      const node = access.nodes.find((one) => one.letter === letter);
      if (!node) throw new Error(`there is no node ${letter}`);
      return ssh([...options(node, key, known), '-l', access.user, node.host, command], onLine, input);
    },
    close: () => {
      remove();
      process.removeListener('exit', remove);
      for (const signal of signals) process.removeListener(signal, interrupted);
    },
  };
}

/** Host keys are filed under the letter, so an address that another server had before says nothing. */
function alias(letter: string): string {
  return `cachetier-node-${letter}`;
}

function options(node: NodeAccess, key: string, known: string): readonly string[] {
  const set = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${known}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${alias(node.letter)}`,
    'ConnectTimeout=10',
    'ConnectionAttempts=3',
    // A node that loses its power in the middle must not be waited for all day.
    'ServerAliveInterval=5',
    'ServerAliveCountMax=6',
    'LogLevel=ERROR',
    'ForwardAgent=no',
  ];
  // `-F none`: settings of this user's own ssh must not bend where the tier's key goes.
  return ['-F', 'none', '-T', '-i', key, '-p', String(node.port ?? 22), ...set.flatMap((one) => ['-o', one])];
}

function ssh(args: readonly string[], onLine?: (line: string) => void, input?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn('ssh', args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    if (child.stdin && input !== undefined) {
      const file = createReadStream(input);
      file.on('error', (error) => child.stdin?.destroy(error));
      // The other side may end before it has read everything; it says why.
      child.stdin.on('error', () => file.destroy());
      file.pipe(child.stdin);
    }
    let stdout = '';
    let stderr = '';
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      stdout += `${line}\n`;
      onLine?.(line);
    });
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', (error) =>
      resolve({ status: null, stdout, stderr: `the program ssh does not start: ${error.message}` }),
    );
    child.on('close', (code) => resolve({ status: code === 255 ? null : code, stdout, stderr }));
  });
}
