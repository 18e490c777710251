import { spawn } from 'node:child_process';
import { eventually } from './eventually';
import { freePort } from './ports';
import { tools } from './tools';

/** An S3 server on loopback that keeps everything in memory. */
export interface S3Server {
  readonly endpoint: string;
  /** Makes a bucket. */
  readonly makeBucket: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts an S3 server (moto) that takes any key pair. */
export async function startS3(): Promise<S3Server> {
  const { file, env } = await tools();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(file('moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { env, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await eventually(() => fetch(endpoint), { withinMs: 30_000 });
  return {
    endpoint,
    makeBucket: async (name) => {
      const answer = await fetch(`${endpoint}/${name}`, { method: 'PUT' });
      if (!answer.ok) throw new Error(`bucket ${name}: ${answer.status} ${await answer.text()}`);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
