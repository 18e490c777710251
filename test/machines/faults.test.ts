import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { Bench } from './bench/bench';
import { must } from './bench/shell';
import { Writer } from './bench/writer';
import { bootTier, bound, others, survive, thorough } from './support';

/** What the tier must survive: one primary, two synced replicas, three Sentinels that agree, every promised write. */
let bench: Bench;

beforeAll(async () => {
  bench = await bootTier();
});

afterAll(() => Bench.down());

/** A fault that the primary meets: the role moves, within the bound of what may be lost. */
async function moves(name: string, during: (primary: string) => Promise<void>, withinMs: number): Promise<void> {
  const before = await bench.primary();
  const result = await survive(bench, name, async () => {
    await during(before);
    await eventually(async () => expect(await bench.primaries()).not.toEqual([before]), { withinMs: 30_000 });
  });
  expect(result.primary).not.toBe(before);
  expect(result.lost).toBeLessThanOrEqual(bound);
  expect(result.lostSure).toBe(0);
  expect(result.gapMs).toBeLessThan(withinMs);
}

/** A fault that is no reason to move the role. */
async function stays(name: string, during: (primary: string) => Promise<void>): Promise<void> {
  const [before, epoch] = [await bench.primary(), await bench.epoch()];
  const result = await survive(bench, name, () => during(before));
  expect([result.primary, await bench.epoch()]).toEqual([before, epoch]);
  expect([result.lost, result.lostSure]).toEqual([0, 0]);
}

test('kill -9 of the primary', () =>
  moves('kill -9', (primary) => bench.machine(primary).signal('valkey-server', 'KILL'), 8_000));

test('power cut of the primary', () =>
  moves(
    'power cut of the primary',
    async (primary) => {
      await bench.machine(primary).powerCut();
      await eventually(async () => expect(await bench.primaries(others(bench, primary))).toHaveLength(1), {
        withinMs: 30_000,
      });
      await bench.machine(primary).powerOn();
    },
    10_000,
  ));

test('power cut of a replica', () =>
  stays('power cut of a replica', async (primary) => {
    const [replica] = others(bench, primary);
    await bench.machine(replica).powerCut();
    await delay(5_000);
    await bench.machine(replica).powerOn();
  }));

test('the primary is back, empty, before anyone missed it', () =>
  moves(
    'primary back empty',
    (primary) =>
      bench
        .machine(primary)
        .exec('rm -rf /var/lib/valkey/* && kill -KILL $(systemctl show -P MainPID valkey-server)')
        .then(() => undefined),
    8_000,
  ));

test('the primary stands still for longer than down-after', () =>
  moves(
    'SIGSTOP for 6 s',
    async (primary) => {
      await bench.machine(primary).signal('valkey-server', 'STOP');
      await delay(6_000);
      await bench.machine(primary).signal('valkey-server', 'CONT');
    },
    10_000,
  ));

test('the primary stands still for less than down-after', () =>
  stays('SIGSTOP for 1.2 s', async (primary) => {
    await bench.machine(primary).signal('valkey-server', 'STOP');
    await delay(1_200);
    await bench.machine(primary).signal('valkey-server', 'CONT');
  }));

test('a whole machine stands still for longer than down-after', () =>
  moves(
    'machine frozen for 6 s',
    async (primary) => {
      await bench.machine(primary).freeze();
      await delay(6_000);
      await bench.machine(primary).thaw();
    },
    12_000,
  ));

test('the primary is cut off with a client on its side', async () => {
  const before = await bench.primary();
  const inside: Writer[] = [];
  try {
    for (const sure of [false, true]) inside.push(await Writer.start(bench, { from: before, sure }));
    await moves(
      'partition for 15 s',
      async () => {
        await bench.cut(before);
        await delay(15_000);
        await bench.heal(before);
      },
      12_000,
    );
    const seen = await Promise.all(inside.map((writer) => writer.stop()));
    const missing = await Promise.all(inside.map((writer) => writer.missing()));
    const lost = missing.map((each) => each.length);
    process.stderr.write(
      `      beside the primary: lost ${lost[0]} of ${seen[0]?.acknowledged.length}, ${lost[1]} with WAIT 1\n`,
    );
    expect(lost[0]).toBeLessThanOrEqual(bound);
    expect(lost[1]).toBe(0);
    expect(seen.map(({ ended }) => ended)).toEqual([0, 0]);
  } finally {
    for (const writer of inside) writer.end();
  }
});

test('one Sentinel is cut off', () =>
  stays('one Sentinel cut off', async (primary) => {
    const [replica] = others(bench, primary);
    await bench.cutPort(replica, 26379);
    await delay(6_000);
    await bench.healPort(replica);
  }));

test('a replica is cut off', () =>
  stays('a replica cut off', async (primary) => {
    const [replica] = others(bench, primary);
    await bench.cut(replica);
    await delay(6_000);
    await bench.heal(replica);
  }));

test('the disk of the primary is full', () =>
  moves(
    'disk full',
    async (primary) => {
      await bench.machine(primary).disk.fill(0);
      await eventually(async () => expect(await bench.primaries(others(bench, primary))).toHaveLength(1), {
        withinMs: 60_000,
      });
      bench.machine(primary).disk.free();
    },
    20_000,
  ));

test('the tail of the append-only file is torn', () =>
  moves(
    'torn tail',
    (primary) =>
      bench
        .machine(primary)
        .exec(
          `kill -KILL $(systemctl show -P MainPID valkey-server)
           file=$(ls /var/lib/valkey/appendonlydir/*.incr.aof | tail -n 1); truncate -s -7 "$file"`,
        )
        .then(() => undefined),
    8_000,
  ));

test('the data of a replica cannot be read: it does not serve, says so, and copies the primary on a word', () =>
  stays('unreadable data of a replica', async (primary) => {
    const [replica] = others(bench, primary);
    const machine = bench.machine(replica);
    await machine.exec(`systemctl stop valkey-server
      file=$(ls /var/lib/valkey/appendonlydir/*.base.rdb); size=$(stat -c %s "$file")
      printf 'garbage!' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none
      systemctl start --no-block valkey-server cachetier-drain`);
    await eventually(
      async () =>
        expect((await machine.tryExec('cachetier-node status --why')).stdout).toMatch(/keeper: X1: .*not answer/),
      { withinMs: 30_000 },
    );
    await delay(3_000);
    expect((await machine.exec('ls /var/lib/valkey/appendonlydir')).split('\n').length).toBeGreaterThan(2);
    expect(await machine.exec('cachetier-node resync')).toContain('the data of this node is in /var/lib/valkey/aside-');
  }));

test('the primary is lost with its disk, and a new server takes its address', () =>
  moves(
    'rebuilt primary',
    async (primary) => {
      await bench.rebuild(primary);
      await bench.apply(primary);
    },
    12_000,
  ));

test(
  'a minute of saves, stalling scripts and standstills below down-after moves no role',
  () =>
    stays('soak', async (primary) => {
      // Within a script the time stands still, so the loop is counted; first one that shows how fast this host is.
      const count = async (rounds: number): Promise<number> => {
        const started = Date.now();
        await bench.ask(primary, 'valkey', 'EVAL', `for i = 1, ${rounds} do end`, '0');
        return Date.now() - started;
      };
      const rounds = 20_000_000;
      const none = await count(1);
      const busy = Math.round((rounds * 1_000) / ((await count(rounds)) - none));
      const until = Date.now() + (thorough ? 600_000 : 60_000);
      for (let each = 0; Date.now() < until; each += 1) {
        await bench.ask(primary, 'valkey', 'BGSAVE');
        const stalled = await count(busy);
        expect(stalled).toBeGreaterThan(600);
        // Else this host is too busy, or too uneven, to say anything about standstills below down-after.
        expect(stalled).toBeLessThan(1_900);
        await delay(2_000);
        const letter = bench.letters[each % bench.letters.length] ?? primary;
        const unit = each % 2 === 0 ? 'valkey-server' : 'valkey-sentinel';
        await bench.machine(letter).signal(unit, 'STOP');
        await delay(1_000);
        await bench.machine(letter).signal(unit, 'CONT');
        await delay(1_000);
      }
    }),
  900_000,
);

describe('the clock of one machine is an hour ahead at once', () => {
  const units = 'valkey-server valkey-sentinel cachetier-keeper';

  /**
   * A container has the clock of its host, so the servers of one machine are shown another. The small compiler says
   * nothing of the stack of its library, which systems then take for an executable one.
   */
  async function withOtherClock(letter: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'cachetier-clock-'));
    const library = join(folder, 'clock.so');
    await must('tcc', ['-shared', '-nostdlib', '-o', library, join(__dirname, 'bench/clock.c')]);
    const content = readFileSync(library).toString('base64');
    rmSync(folder, { recursive: true });
    await bench.machine(letter).exec(
      `echo ${content} | base64 -d >/usr/lib/clock.so
       for unit in ${units}; do
         mkdir -p /run/systemd/system/$unit.service.d
         printf '[Service]\nEnvironment=LD_PRELOAD=/usr/lib/clock.so\nMemoryDenyWriteExecute=no\n' >/run/systemd/system/$unit.service.d/clock.conf
       done
       systemctl daemon-reload; systemctl restart ${units}`,
      { timeoutMs: 60_000 },
    );
    await bench.healthy();
  }

  test.each(['replica', 'primary'])('that of the %s', async (role) => {
    const primary = await bench.primary();
    const letter = role === 'primary' ? primary : others(bench, primary)[0];
    await withOtherClock(letter);
    const leads = role === 'primary' ? await moved(letter) : await bench.primary();
    const result = await survive(bench, `clock step on the ${role}`, async () => {
      await bench.machine(letter).exec('echo 3600 >/run/clock-step');
      await eventually(
        async () => {
          const time = Number((await bench.ask(letter, 'valkey', 'TIME')).split('\n')[0]);
          expect(time - Date.now() / 1000).toBeGreaterThan(3_000);
        },
        { withinMs: 20_000 },
      );
      await delay(10_000);
    });
    expect([leads, result.lost, result.lostSure]).toEqual([leads, 0, 0]);
    await bench
      .machine(letter)
      .exec(
        `rm -r /run/clock-step /run/systemd/system/*.service.d; systemctl daemon-reload; systemctl restart ${units}`,
      );
    await bench.healthy();
  });

  /** The restart has moved the role; brings it back to a node. */
  async function moved(letter: string): Promise<string> {
    const now = await bench.primary();
    if (now !== letter) await bench.machine(now).exec(`cachetier-node handover --to ${letter}`);
    return bench.healthy();
  }
});

describe('all three lose their power at once', () => {
  const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];
  const day = Math.floor(Date.now() / 86_400_000);
  const chosen = thorough ? orders : [orders[day % 6] ?? 'abc', orders[(day + 3) % 6] ?? 'cba'];

  test.each(chosen)('and come back in the order %s', async (order) => {
    const result = await survive(bench, `power cut of all, back ${order}`, async () => {
      await Promise.all(bench.letters.map((letter) => bench.machine(letter).powerCut()));
      for (const letter of order) {
        await bench.machine(letter).powerOn();
        await delay(4_000);
      }
    });
    // Nothing but the disks is left, and they are written once a second.
    expect(result.lost).toBeLessThanOrEqual(bound);
    expect(result.lostSure).toBeLessThanOrEqual(bound);
  });

  test('right after a failover: the old primary, back alone, takes no write', async () => {
    const old = await bench.primary();
    const rest = others(bench, old);
    const result = await survive(bench, 'full restart after a failover', async () => {
      await bench.machine(old).powerCut();
      await eventually(async () => expect(await bench.primaries(rest)).toHaveLength(1), { withinMs: 30_000 });
      await delay(2_500);
      await Promise.all(rest.map((letter) => bench.machine(letter).powerCut()));
      await bench.machine(old).powerOn();
      await eventually(async () => expect(await bench.ask(old, 'valkey', 'PING')).toBe('PONG'), { withinMs: 30_000 });
      for (let each = 0; each < 20; each += 1) {
        expect(await bench.ask(old, 'valkey', 'SET', 'orders:stale', 'x')).toMatch(/READONLY|MASTERDOWN|NOREPLICAS/);
        await delay(250);
      }
      await Promise.all(rest.map((letter) => bench.machine(letter).powerOn()));
    });
    expect(result.primary).not.toBe(old);
    expect(result.lost).toBeLessThanOrEqual(bound);
  });

  test('and one never comes back: the two others serve', async () => {
    const gone = await bench.primary();
    const rest = others(bench, gone);
    await survive(bench, 'power cut of all, one dead', async () => {
      await Promise.all(bench.letters.map((letter) => bench.machine(letter).powerCut()));
      await Promise.all(rest.map((letter) => bench.machine(letter).powerOn()));
      await eventually(async () => expect(await bench.primaries(rest)).toHaveLength(1), { withinMs: 90_000 });
      await bench.machine(gone).powerOn();
    });
  });
});
