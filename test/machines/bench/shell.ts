import { complaint, run, type Finished, type RunOptions } from '../../../constructs/local/run';

/** Runs a program; fails with what it said where its status is not 0. */
export async function must(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const done = await run(program, args, { ...options, env: options.env ?? withoutForeignSettings() });
  if (done.status !== 0) {
    throw new Error(`${program} ${args.slice(0, 6).join(' ')} ended with ${done.status}: ${complaint(done, 8)}`);
  }
  return done;
}

/** Several lines of shell, ended at the first failure. */
export function shell(script: string, options: RunOptions = {}): Promise<Finished> {
  return must('bash', ['--norc', '-euo', 'pipefail', '-c', script], options);
}

/** Variables of this host that mean nothing on a machine, or bend its programs. */
function withoutForeignSettings(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'TERM', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.includes(name)));
}
