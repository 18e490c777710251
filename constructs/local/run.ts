import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** What a command said and how it ended. */
export interface Finished {
  /** Exit status; null when a signal or a missing program ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  /** @default - the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds after which it is killed. */
  readonly timeoutMs?: number;
  /** Called with each line of a further output, file descriptor 3. */
  readonly onStatus?: (line: string) => void;
  /** Written to its standard input. */
  readonly input?: string;
}

/** Runs a program to its end; a status other than 0 is the caller's to judge. Secrets go by `input`, never by `args`. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    cwd: options.cwd,
    timeout: options.timeoutMs,
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  lines(child.stdio[3] as Readable, options.onStatus ?? (() => undefined));
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: null, stdout: stdout(), stderr: error.message }));
    child.on('close', (status) => resolve({ status, stdout: stdout(), stderr: stderr() }));
  });
}

/** The last lines of what a program complained about, on one line. */
export function complaint({ stdout, stderr }: Finished, count = 3): string {
  return (stderr.trim() || stdout.trim()).split('\n').slice(-count).join('; ');
}

function collect(stream: Readable): () => string {
  const parts: string[] = [];
  stream.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  return () => parts.join('');
}

function lines(stream: Readable, each: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    const all = (rest + part).split('\n');
    rest = all.pop() ?? '';
    all.forEach(each);
  });
}
