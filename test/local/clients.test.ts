import type { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { readFileSync } from 'node:fs';
import { status, type LocalTier, type UpResult } from '../../constructs/local';
import { kill } from '../../constructs/local/launcher';
import { signal } from '../../constructs/local/processes';
import { readStarted } from '../../constructs/local/tier';
import { eventually } from '../support/eventually';
import { playground } from '../support/local-tier';

jest.setTimeout(600_000);

const place = playground();
let result: UpResult;

beforeAll(async () => {
  result = await place.up();
});

afterAll(() => place.clean());

/** What an application has that pastes our settings: the text itself is run. */
function pasted(library = 'ioredis'): { client: Redis; setSurely: (key: string, value: string) => Promise<void> } {
  const [user] = result.outputs.users;
  if (!user) throw new Error('no user');
  const env = { CACHETIER_CA_FILE: result.outputs.caFile, CACHETIER_PASSWORD: readFileSync(user.passwordFile, 'utf8') };
  const text = `${user.clients.ioredis}\n${user.clients.ioredisWait}\n({ client, setSurely })`;
  const made = runInNewContext(text, {
    require: (name: string) => require(name === 'ioredis' ? library : name) as unknown,
    process: { env },
    setTimeout,
  }) as ReturnType<typeof pasted>;
  made.client.on('error', () => undefined);
  return made;
}

/** One client that writes for as long as the test goes, and what it saw. */
class Writer {
  readonly acknowledged: string[] = [];
  ended = 0;
  private at = Date.now();
  private longest = 0;
  private stopped = false;
  private readonly loop: Promise<void>;

  constructor(private readonly client: Redis) {
    client.on('end', () => (this.ended += 1));
    this.loop = this.write();
  }

  private async write(): Promise<void> {
    for (let each = 0; !this.stopped; each += 1) {
      const key = `write:${each}`;
      if (await this.client.set(key, key).catch(() => null)) {
        this.acknowledged.push(key);
        const now = Date.now();
        this.longest = Math.max(this.longest, now - this.at);
        this.at = now;
      }
      await delay(10);
    }
  }

  /** Milliseconds for which no write was acknowledged, once another than `lost` is primary. */
  async gap(tier: LocalTier, lost: string): Promise<number> {
    this.longest = 0;
    await eventually(
      async () => {
        const now = await status(tier);
        expect(now.primary).not.toBe(lost);
        expect(now.nodes.find(({ letter }) => letter === now.primary)?.valkey?.role).toBe('primary');
      },
      { withinMs: 20_000, everyMs: 100 },
    );
    const count = this.acknowledged.length;
    await eventually(() => expect(this.acknowledged.length).toBeGreaterThan(count), { withinMs: 20_000, everyMs: 5 });
    return this.longest;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
  }
}

async function whole(tier: LocalTier): Promise<string> {
  return eventually(
    async () => {
      const now = await status(tier);
      expect(now.problems).toEqual([]);
      return now.primary ?? '';
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}

function processOf(tier: LocalTier, letter: string) {
  const started = readStarted(tier, letter, 'valkey');
  if (started?.handle.kind !== 'process') throw new Error(`valkey ${letter} is no process`);
  return started.handle;
}

test('one client with the settings that we hand out lives through ten killed primaries and five frozen ones', async () => {
  const { tier } = result;
  const { client } = pasted(process.env['CACHETIER_CLIENT_LIBRARY']);
  const writer = new Writer(client);
  const gaps: Record<'killed' | 'frozen', number[]> = { killed: [], frozen: [] };
  try {
    for (let each = 0; each < 10; each += 1) {
      const primary = await whole(tier);
      await kill(processOf(tier, primary));
      gaps.killed.push(await writer.gap(tier, primary));
      await place.up();
    }
    for (let each = 0; each < 5; each += 1) {
      const primary = await whole(tier);
      // Not its Sentinel: one that was frozen does not vote for 30 s, and the next round needs two.
      const frozen = processOf(tier, primary);
      signal(frozen, 'SIGSTOP');
      try {
        gaps.frozen.push(await writer.gap(tier, primary));
      } finally {
        signal(frozen, 'SIGCONT');
      }
    }
    await whole(tier);
    await writer.stop();
    process.stderr.write(`write gaps in ms: ${JSON.stringify(gaps)}\n`);
    expect(writer.ended).toBe(0);
    expect(client.status).toBe('ready');
    // Idle cores: 2.0 to 2.7 s and 2.5 to 4.2 s. A loaded machine takes longer.
    for (const gap of [...gaps.killed, ...gaps.frozen]) expect(gap).toBeLessThan(12_000);
  } finally {
    await writer.stop();
    client.disconnect();
  }
});

test('a write that waits for a replica is there after its primary is frozen at once, and is tried again until it is', async () => {
  const { tier } = result;
  const { client, setSurely } = pasted();
  try {
    const primary = await whole(tier);
    await setSurely('sure:1', 'x');
    const frozen = processOf(tier, primary);
    signal(frozen, 'SIGSTOP');
    try {
      await setSurely('sure:2', 'x');
      expect(await client.mget('sure:1', 'sure:2')).toEqual(['x', 'x']);
      expect((await status(tier)).primary).not.toBe(primary);
    } finally {
      signal(frozen, 'SIGCONT');
    }
    await whole(tier);
    expect(await client.mget('sure:1', 'sure:2')).toEqual(['x', 'x']);
  } finally {
    client.disconnect();
  }
});
