import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { hetznerPlacement } from '../../../constructs/node';
import { clientSettings } from '../../../constructs/tier';
import { eventually } from '../../support/eventually';
import type { Bench } from './bench';

/** What a writer saw. */
export interface Seen {
  readonly sent: number;
  /** Errors by their first word, such as NOREPLICAS. */
  readonly refused: Readonly<Record<string, number>>;
  /** How often the client ended for good. */
  readonly ended: number;
  /** Index of each acknowledged write, and when it was, in milliseconds. */
  readonly acknowledged: readonly (readonly [number, number])[];
}

/** How a writer writes. */
export interface WriterOptions {
  /** Milliseconds between two writes. @default - 10 */
  readonly everyMs?: number;
  /** Whether each write waits for a replica, as our settings for clients show. @default - false */
  readonly sure?: boolean;
  /** Host or machine in whose network it runs. @default - 'client' */
  readonly from?: string;
  /** @default - the settings that the product hands out */
  readonly client?: ClientText;
}

/** JavaScript that makes `client` and `setSurely`, and the environment that it reads. */
export interface ClientText {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
}

let made = 0;

/** A process that writes as an application does, with the settings for clients that the product hands out. */
export class Writer {
  private asked = 0;
  private readonly waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { id: number; value?: unknown; error?: string };
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
    child.on('exit', (code) => {
      for (const resolve of this.waiting.values()) resolve({ error: `the writer ended with ${code}` });
    });
  }

  /** Starts writing; returns once the first writes are acknowledged. */
  static async start(bench: Bench, options: WriterOptions = {}): Promise<Writer> {
    const [program, ...args] = bench.network.within(options.from ?? 'client', [
      process.execPath,
      join(__dirname, 'write.js'),
    ]);
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
    }) as unknown as ChildProcessWithoutNullStreams;
    const writer = new Writer(child);
    try {
      await writer.ask('start', {
        ...(options.client ?? clientText(bench)),
        prefix: `orders:${process.pid}-${(made += 1)}:`,
        everyMs: options.everyMs ?? 10,
        sure: options.sure ?? false,
      });
      await writer.writes(20);
    } catch (error) {
      writer.end();
      throw error;
    }
    return writer;
  }

  seen(): Promise<Seen> {
    return this.ask('seen') as Promise<Seen>;
  }

  /** Waits until so many more writes are acknowledged than now. */
  async writes(count: number, withinMs = 30_000): Promise<void> {
    const before = (await this.seen()).acknowledged.length;
    await eventually(
      async () => {
        const { acknowledged, refused } = await this.seen();
        const more = acknowledged.length - before;
        if (more < count)
          throw new Error(`${more} of ${count} writes acknowledged; refused ${JSON.stringify(refused)}`);
      },
      { withinMs, everyMs: 50 },
    );
  }

  /** Writes on for a while, then stops. */
  async stop(): Promise<Seen> {
    return (await this.ask('stop')) as Seen;
  }

  /** Acknowledged writes that the tier does not hold. Once stopped. */
  missing(): Promise<readonly number[]> {
    return this.ask('missing') as Promise<readonly number[]>;
  }

  /** The longest time without an acknowledged write since a moment, in milliseconds. */
  async gapSince(since: number): Promise<number> {
    return longestGap((await this.seen()).acknowledged, since);
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  private ask(name: string, given: unknown = null): Promise<unknown> {
    this.asked += 1;
    const id = this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
      this.child.stdin.write(`${JSON.stringify({ id, name, given })}\n`);
    });
  }
}

/** The longest time between two acknowledged writes that ends after a moment. */
export function longestGap(acknowledged: Seen['acknowledged'], since: number): number {
  let longest = 0;
  acknowledged.forEach(([, at], index) => {
    const before = acknowledged[index - 1]?.[1];
    if (before !== undefined && at > since) longest = Math.max(longest, at - before);
  });
  return longest;
}

/** Lets a writer go on for a while. */
export function forMs(ms: number): Promise<void> {
  return delay(ms);
}

/** The settings for clients that the product hands out, for the first user of the tier. */
export function clientText(bench: Bench): ClientText {
  const { plan, secrets } = bench;
  const nodes = Object.values(hetznerPlacement(plan).nodes);
  const [user] = plan.access.users;
  if (!user) throw new Error('the tier has no user');
  const [only] = nodes;
  const tls = { ca: secrets.caCertificate };
  const clients = clientSettings(
    nodes.length === 1 && only
      ? { mode: 'standalone', tls, primary: { host: only.address, port: only.valkeyPort }, reader: null }
      : {
          mode: 'sentinel',
          tls,
          primaryName: plan.target.primaryName,
          sentinels: nodes.map(({ address, sentinelPort }) => ({ host: address, port: sentinelPort })),
        },
    { login: user.login },
  );
  const wait = clients.ioredisWait.includes('function setSurely')
    ? clients.ioredisWait
    : 'const setSurely = undefined;';
  return {
    text: `${clients.ioredis}\n${wait}`,
    env: { CACHETIER_PASSWORD: secrets.users[user.name] ?? '', CACHETIER_CA_FILE: bench.caFile },
  };
}
