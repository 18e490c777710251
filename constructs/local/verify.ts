import type { Redis } from 'ioredis';
import { connect as connectSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connectUser } from './client';
import { MachineError } from './errors';
import { kill } from './launcher';
import { clientLibrary } from './redis';
import { type LocalTier, readStarted } from './tier';
import { namedPrimary, viewNodes } from './view';

/** Something that was tried with a real client and held. */
export interface Verified {
  readonly what: string;
  /** What was seen. */
  readonly detail: string;
}

/** Writes before the primary is killed, and after. */
const WRITES = 50;

/** How long the same client may take to write again. */
const RECOVERY_MS = 20_000;

/** A key that a forgotten run leaves behind goes by itself. */
const EXPIRE_SECONDS = 600;

/**
 * Verifies a running tier with a real client, and kills the primary's process under it: writing, reading, being refused
 * without TLS and without password, writing on, and finding every acknowledged write.
 *
 * The killed node stays down; `up` brings it back.
 *
 * @throws MachineError at the first thing that does not hold
 */
export async function verify(tier: LocalTier, onVerified: (verified: Verified) => void): Promise<void> {
  const user = tier.plan.access.users.find(({ can }) => can === 'read-write');
  if (!user) throw new MachineError('no user of the config may write; give one: access.users[].can "read-write"');
  const primary = namedPrimary(await viewNodes(tier));
  const started = primary === null ? null : readStarted(tier, primary, 'valkey');
  if (primary === null || !started) throw new MachineError('no primary to verify; see cachetier status');
  const alone = tier.plan.target.nodes.length === 1;
  const client = connectUser(tier, user.name);
  const writer = new Writer(client, `${user.keys.split(/[*?[]/, 1)[0] ?? ''}cachetier-demo:${Date.now()}:`, !alone);
  try {
    // A busy machine may acknowledge late; such a write does not count, and another one is made.
    for (let each = 0; each < 4 * WRITES && writer.acknowledged < WRITES; each += 1) await writer.write();
    await writer.readBack();
    onVerified({
      what: 'write and read',
      detail: `${writer.acknowledged} writes ${alone ? '' : 'that a replica has acknowledged, '}read back`,
    });
    onVerified({ what: 'refused without TLS', detail: await refusedPlain(tier, primary) });
    onVerified({ what: 'refused without password', detail: await refusedWithoutPassword(tier, user.name) });
    onVerified({ what: 'refused to administrate', detail: await refusal(client.config('GET', 'maxmemory'), 'NOPERM') });
    if (alone) {
      onVerified({ what: 'no failover', detail: 'one node: it is left running, since nothing would take over' });
      return await writer.clean();
    }
    await kill(started.handle);
    const killedAt = Date.now();
    onVerified({ what: 'kill the primary', detail: `node ${primary} ended by SIGKILL` });
    const gap = await writeAgain(writer, killedAt);
    onVerified({
      what: 'write again',
      detail: `the same client after ${(gap / 1000).toFixed(1)} s, on node ${await newPrimary(tier)}`,
    });
    await writer.readBack();
    onVerified({ what: 'nothing lost', detail: `all ${writer.acknowledged} acknowledged writes are there` });
    await writer.clean();
  } finally {
    client.disconnect();
  }
}

async function newPrimary(tier: LocalTier): Promise<string> {
  const views = await viewNodes(tier);
  return views.find(({ valkey }) => valkey?.role === 'primary')?.letter ?? 'unknown';
}

/** Writes numbered keys and remembers those that are acknowledged, by a replica too where there is one. */
class Writer {
  private readonly kept: string[] = [];
  private next = 0;

  constructor(
    private readonly client: Redis,
    private readonly prefix: string,
    private readonly replicated: boolean,
  ) {}

  get acknowledged(): number {
    return this.kept.length;
  }

  /** @returns whether it counts */
  async write(): Promise<boolean> {
    const key = `${this.prefix}${this.next++}`;
    await this.client.set(key, key, 'EX', EXPIRE_SECONDS);
    if (this.replicated && (await this.client.wait(1, 1000)) < 1) return false;
    this.kept.push(key);
    return true;
  }

  async readBack(): Promise<void> {
    if (this.kept.length < WRITES)
      throw new MachineError(`a replica has acknowledged ${this.kept.length} writes in time, needed are ${WRITES}`);
    const values = await Promise.all(this.kept.map((key) => this.client.get(key)));
    const lost = this.kept.filter((key, index) => values[index] !== key);
    if (lost.length > 0)
      throw new MachineError(
        `${lost.length} of ${this.kept.length} acknowledged writes are gone, the first is ${lost[0]}`,
      );
  }

  async clean(): Promise<void> {
    await Promise.all(this.kept.map((key) => this.client.unlink(key)));
  }
}

/** @returns milliseconds from the kill to the first acknowledged write */
async function writeAgain(writer: Writer, killedAt: number): Promise<number> {
  for (let [gap, written] = [0, 0]; written < WRITES; await delay(10)) {
    if (await writer.write().catch(() => false)) {
      gap ||= Date.now() - killedAt;
      written += 1;
      if (written === WRITES) return gap;
    } else if (Date.now() - killedAt > RECOVERY_MS) {
      throw new MachineError(`no write was taken within ${RECOVERY_MS / 1000} s after the primary was killed`);
    }
  }
  return 0;
}

/** A TLS server answers plain text with an alert or by closing; any reply of Valkey would mean that it took it. */
function refusedPlain(tier: LocalTier, letter: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: '127.0.0.1', port: tier.nodes[letter]?.valkeyPort ?? 0, timeout: 3000 });
    let answer = Buffer.alloc(0);
    const end = (): void => {
      socket.destroy();
      if (/^[+\-$:*]/.test(answer.toString('latin1')))
        reject(new MachineError(`valkey answered plain text: ${answer.toString('latin1').trim()}`));
      else resolve('the connection is closed');
    };
    socket.on('connect', () => socket.write('PING\r\n')).on('data', (part) => (answer = Buffer.concat([answer, part])));
    socket
      .on('close', end)
      .on('timeout', end)
      .on('error', () => undefined);
  });
}

async function refusedWithoutPassword(tier: LocalTier, user: string): Promise<string> {
  const { Redis: Client } = clientLibrary();
  const primary = namedPrimary(await viewNodes(tier)) ?? '';
  const client = new Client({
    host: '127.0.0.1',
    port: tier.nodes[primary]?.valkeyPort,
    tls: { ca: tier.secrets.caCertificate },
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    return await refusal(client.get(user), 'NOAUTH');
  } finally {
    client.disconnect();
  }
}

async function refusal(command: Promise<unknown>, code: string): Promise<string> {
  const said = await command.then(
    () => 'the command was taken',
    (error: unknown) => (error as Error).message,
  );
  if (!said.startsWith(code)) throw new MachineError(`needed is a refusal with ${code}, got: ${said}`);
  return code;
}
