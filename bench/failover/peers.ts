import type { Bench } from '../../test/machines/bench/bench';
import { eventually } from '../../test/support/eventually';
import type { Contender } from './contender';

/** Settings of others, as they ship them. */
interface PeerSettings {
  readonly name: string;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  /** Directives of Valkey that matter here; the rest is Valkey's own default. */
  readonly valkey: readonly string[];
  /** What it does before Valkey stops. */
  readonly beforeStop: 'nothing' | 'failover' | 'pause and failover';
}

/**
 * Stock: the `sentinel.conf` and `valkey.conf` that Valkey ships. The charts: `values.yaml` of bitnami/charts,
 * `bitnami/valkey` 4.0.2, with Sentinel enabled, and of DandyDeveloper/charts, `redis-ha` 4.39.0.
 */
export const peerSettings: readonly PeerSettings[] = [
  {
    name: 'stock Sentinel',
    downAfterMs: 30_000,
    failoverTimeoutMs: 180_000,
    parallelSyncs: 1,
    valkey: ['save 3600 1 300 100 60 10000'],
    beforeStop: 'nothing',
  },
  {
    name: 'chart redis-ha',
    downAfterMs: 10_000,
    failoverTimeoutMs: 180_000,
    parallelSyncs: 5,
    valkey: ['save 900 1', 'min-replicas-to-write 1', 'min-replicas-max-lag 5', 'repl-diskless-sync yes'],
    beforeStop: 'failover',
  },
  {
    name: 'chart bitnami/valkey',
    downAfterMs: 60_000,
    failoverTimeoutMs: 180_000,
    parallelSyncs: 1,
    valkey: ['save ""', 'appendonly yes'],
    beforeStop: 'pause and failover',
  },
];

const folder = '/var/lib/peer';
const tier = 'orders';

/** Plain Valkey and Sentinel with the settings of others, as services of the same machines. */
export class Peer implements Contender {
  readonly name: string;
  readonly settings: string;
  readonly unit = 'peer-valkey';
  readonly waits = false;

  constructor(
    private readonly bench: Bench,
    private readonly peer: PeerSettings,
  ) {
    this.name = peer.name;
    const { downAfterMs, failoverTimeoutMs, parallelSyncs, valkey } = peer;
    this.settings = `down-after ${downAfterMs}, failover-timeout ${failoverTimeoutMs}, parallel-syncs ${parallelSyncs}; ${valkey.join(', ')}; before a stop: ${peer.beforeStop}`;
  }

  get client(): Contender['client'] {
    const sentinels = this.bench.letters.map((letter) => ({ host: this.bench.address(letter), port: 26379 }));
    return {
      text: `const { Redis } = require('ioredis');
const client = new Redis({ sentinels: ${JSON.stringify(sentinels)}, name: '${tier}' });
const setSurely = undefined;`,
      env: {},
    };
  }

  async start(): Promise<void> {
    const [first = ''] = this.bench.letters;
    await Promise.all(
      this.bench.letters.map((letter) =>
        this.bench
          .machine(letter)
          .exec('cat >/root/peer && bash -eu /root/peer', { input: this.script(letter, first) }),
      ),
    );
    await this.whole();
  }

  async stop(): Promise<void> {
    const script = `systemctl disable --now peer-valkey peer-sentinel; rm -rf ${folder}; sync`;
    // Not all at once: a stop may wait for a failover.
    await Promise.all(
      this.bench.letters.map((letter) => this.bench.machine(letter).exec(script, { timeoutMs: 90_000 })),
    );
  }

  async primary(): Promise<string> {
    const roles = await Promise.all(
      this.bench.letters.map(async (letter) => [letter, await this.ask(letter, 6379, 'ROLE')] as const),
    );
    const primaries = roles.filter(([, role]) => role.startsWith('master')).map(([letter]) => letter);
    const [only] = primaries;
    if (!only || primaries.length > 1) throw new Error(`expected one primary, got ${primaries.join(', ') || 'none'}`);
    return only;
  }

  async whole(): Promise<void> {
    await eventually(
      async () => {
        const primary = await this.primary();
        const info = await this.ask(primary, 6379, 'INFO', 'replication');
        if ((info.match(/state=online/g) ?? []).length !== 2)
          throw new Error(`${primary} has not two replicas in step`);
        for (const letter of this.bench.letters) {
          const named = await this.ask(letter, 26379, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', tier);
          if (!named.startsWith(`${this.bench.address(primary)}\n`)) throw new Error(`${letter} names ${named}`);
          const quorum = await this.ask(letter, 26379, 'SENTINEL', 'CKQUORUM', tier);
          if (!quorum.startsWith('OK 3 ')) throw new Error(`the Sentinel of ${letter} says ${quorum}`);
          const known = await this.ask(letter, 26379, 'SENTINEL', 'REPLICAS', tier);
          if ((known.match(/^flags\nslave$/gm) ?? []).length !== 2)
            throw new Error(`the Sentinel of ${letter} lacks a replica`);
        }
      },
      { withinMs: 300_000, everyMs: 500 },
    );
  }

  private async ask(letter: string, port: number, ...words: readonly string[]): Promise<string> {
    const to = `-h ${this.bench.address(letter)} -p ${port}`;
    return (await this.bench.machine(letter).tryExec(`valkey-cli ${to} -t 2 ${words.join(' ')} 2>&1`)).stdout;
  }

  private script(letter: string, first: string): string {
    const { downAfterMs, failoverTimeoutMs, parallelSyncs, valkey } = this.peer;
    const [own, leads] = [this.bench.address(letter), this.bench.address(first)];
    return `systemctl disable --now cachetier-keeper cachetier-drain valkey-server valkey-sentinel 2>/dev/null
systemctl mask valkey-server valkey-sentinel 2>/dev/null
rm -rf ${folder}; install -d -o valkey -g valkey -m 700 ${folder}
cat >${folder}/valkey.conf <<'EOF'
bind ${own}
protected-mode no
port 6379
dir ${folder}
replica-announce-ip ${own}
${valkey.join('\n')}
${letter === first ? '' : `replicaof ${leads} 6379`}
EOF
cat >${folder}/sentinel.conf <<'EOF'
bind ${own}
protected-mode no
port 26379
dir ${folder}
sentinel announce-ip ${own}
sentinel monitor ${tier} ${leads} 6379 2
sentinel down-after-milliseconds ${tier} ${downAfterMs}
sentinel failover-timeout ${tier} ${failoverTimeoutMs}
sentinel parallel-syncs ${tier} ${parallelSyncs}
EOF
cat >${folder}/stop <<'EOF'
${this.beforeStop(own)}
EOF
chown valkey: ${folder}/*
${['valkey', 'sentinel'].map((what) => unit(what)).join('\n')}
systemctl daemon-reload
systemctl enable --now peer-sentinel peer-valkey
sync
`;
  }

  /** As the hooks of the charts do before a container stops. */
  private beforeStop(own: string): string {
    const cli = `valkey-cli -h ${own}`;
    if (this.peer.beforeStop === 'nothing') return 'true';
    return `${cli} ROLE | head -n 1 | grep -q master || exit 0
${this.peer.beforeStop === 'failover' ? '' : `${cli} CLIENT PAUSE 22000 WRITE`}
${cli} -p 26379 SENTINEL FAILOVER ${tier}
for i in $(seq 300); do
  ${cli} ROLE | head -n 1 | grep -q master || exit 0
  sleep 0.1
done`;
  }
}

function unit(what: string): string {
  return `cat >/etc/systemd/system/peer-${what}.service <<'EOF'
[Unit]
After=network.target cachetier-address.service${what === 'valkey' ? ' peer-sentinel.service' : ''}
Wants=cachetier-address.service
StartLimitIntervalSec=0
[Service]
Type=notify
User=valkey
ExecStart=/usr/bin/valkey-server ${folder}/${what}.conf ${what === 'sentinel' ? '--sentinel ' : ''}--supervised systemd --daemonize no
${what === 'valkey' ? `ExecStop=/bin/bash ${folder}/stop` : ''}
Restart=always
TimeoutStopSec=60
[Install]
WantedBy=multi-user.target
EOF`;
}
