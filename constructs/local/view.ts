import { ask } from './connection';
import { type Info, parseInfo, parsePairs } from './info';
import { type LocalTier, rolesOf } from './tier';

/** What one node says of itself. */
export interface NodeView {
  readonly letter: string;
  /** Null where Valkey does not answer. */
  readonly valkey: ValkeyView | null;
  /** Null where Sentinel does not answer, and on one node alone, which has none. */
  readonly sentinel: SentinelView | null;
}

/** What a Valkey server says. */
export interface ValkeyView {
  readonly version: string;
  readonly role: 'primary' | 'replica';
  /** Port of the primary it follows, or null. */
  readonly follows: number | null;
  /** Whether the link to its primary is up and no copy is under way; a primary is always in sync. */
  readonly synced: boolean;
  /** Whether data or an append-only file is still being read or first written. */
  readonly busy: boolean;
  /** Bytes of the replication stream that it has. */
  readonly offset: number;
  /** Seconds since its primary was heard, or null for a primary. */
  readonly silentSeconds: number | null;
  readonly connectedReplicas: number;
  readonly memoryBytes: number;
  readonly maxmemoryBytes: number;
  readonly keys: number;
  /** Commands of the last moments, as the server counts them. */
  readonly commandsPerSecond: number;
  readonly connections: number;
  readonly runId: string;
}

/** What a Sentinel says. */
export interface SentinelView {
  /** Letter of the node it names as primary, or null where that is none of ours. */
  readonly primary: string | null;
  /** Term of its knowledge; the highest one is right. */
  readonly epoch: number;
  /** Replicas that it would promote: up, in sync by their own word, and eligible. */
  readonly replicas: number;
  readonly otherSentinels: number;
  /** Whether it can have a failover decided now. */
  readonly quorum: boolean;
  /** Whether a failover is under way or the primary looks down to it. */
  readonly calm: boolean;
}

/** Every node as it is now, asked at once. */
export async function viewNodes(tier: LocalTier): Promise<readonly NodeView[]> {
  return Promise.all(
    Object.keys(tier.nodes).map(async (letter) => {
      const [valkey, sentinel] = await Promise.all([viewValkey(tier, letter), viewSentinel(tier, letter)]);
      return { letter, valkey, sentinel };
    }),
  );
}

/** A Valkey server, or null where it does not answer. */
export async function viewValkey(tier: LocalTier, letter: string): Promise<ValkeyView | null> {
  const info = await ask(tier, letter, 'valkey', async (client) => parseInfo(await client.info()));
  if (!info) return null;
  const primary = info['role'] === 'master';
  const number = (name: string): number => Number(info[name] ?? 0);
  return {
    version: info['valkey_version'] ?? info['redis_version'] ?? 'unknown',
    role: primary ? 'primary' : 'replica',
    follows: primary ? null : number('master_port'),
    synced: primary || (info['master_link_status'] === 'up' && info['master_sync_in_progress'] === '0'),
    busy: info['loading'] === '1' || info['aof_rewrite_in_progress'] === '1' || info['aof_rewrite_scheduled'] === '1',
    offset: primary ? number('master_repl_offset') : number('slave_repl_offset'),
    silentSeconds: primary ? null : number('master_last_io_seconds_ago'),
    connectedReplicas: number('connected_slaves'),
    memoryBytes: number('used_memory'),
    maxmemoryBytes: number('maxmemory'),
    keys: Object.entries(info).reduce((sum, [name, value]) => (/^db\d+$/.test(name) ? sum + keysOf(value) : sum), 0),
    commandsPerSecond: number('instantaneous_ops_per_sec'),
    connections: number('connected_clients'),
    runId: info['run_id'] ?? '',
  };
}

async function viewSentinel(tier: LocalTier, letter: string): Promise<SentinelView | null> {
  if (!rolesOf(tier.plan).includes('sentinel')) return null;
  const name = tier.plan.target.primaryName;
  return ask(tier, letter, 'sentinel', async (client) => {
    const primary = parsePairs(await client.call('SENTINEL', 'MASTER', name));
    // During a failover this names the new primary as soon as it has the role; MASTER names the old one until the end.
    const [, port] = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as readonly string[];
    const replicas = (await client.call('SENTINEL', 'REPLICAS', name)) as readonly unknown[];
    const quorum = await client.call('SENTINEL', 'CKQUORUM', name).then(
      () => true,
      () => false,
    );
    return {
      primary: letterAt(tier, Number(port)),
      epoch: Number(primary['config-epoch'] ?? 0),
      replicas: replicas.map(parsePairs).filter(isEligible).length,
      otherSentinels: Number(primary['num-other-sentinels'] ?? 0),
      quorum,
      calm: !/down|failover/.test(primary['flags'] ?? ''),
    };
  });
}

function isEligible(replica: Info): boolean {
  return (
    replica['flags'] === 'slave' && replica['master-link-status'] === 'ok' && Number(replica['slave-priority']) > 0
  );
}

/** The node whose Valkey has a port. */
export function letterAt(tier: Pick<LocalTier, 'nodes'>, port: number): string | null {
  return Object.entries(tier.nodes).find(([, node]) => node.valkeyPort === port)?.[0] ?? null;
}

/**
 * The primary that a majority of all Sentinels names, by the newest term among them; null where there is none. One node
 * alone is the primary.
 */
export function namedPrimary(views: readonly NodeView[]): string | null {
  const [only, ...others] = views;
  if (only && others.length === 0) return only.letter;
  const said = views.flatMap(({ sentinel }) => (sentinel ? [sentinel] : []));
  if (said.length * 2 <= views.length) return null;
  return said.reduce((newest, each) => (each.epoch > newest.epoch ? each : newest)).primary;
}

/** `keys=12,expires=0,avg_ttl=0`. */
function keysOf(text: string): number {
  return Number(/keys=(\d+)/.exec(text)?.[1] ?? 0);
}
