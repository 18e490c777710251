import { setTimeout as delay } from 'node:timers/promises';
import { renderUserData } from '../../constructs/node';
import { nodesPlan, smallest } from '../node/plans';
import { Bench } from './bench/bench';
import { missingMetrics } from './bench/scrape';
import type { ImageName } from './bench/image';
import { bootTier, note, others, survive } from './support';

/** From user data to a tier that serves, on an image without our packages, as a provider's is. */
describe.each([
  ['debian-13', '8.1'],
  ['debian-testing', '9.0'],
] as const satisfies readonly (readonly [ImageName, string])[])('%s', (image, version) => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await bootTier({
      image,
      kind: 'bare',
      plan: nodesPlan({ ...smallest, engine: { version }, monitoring: { prometheus: { from: ['10.20.9.10/32'] } } }),
    });
  }, 1_500_000);

  afterAll(() => Bench.down());

  test('boots from user data that cloud-init accepts without a warning, and no unit fails', async () => {
    for (const letter of bench.letters) {
      const machine = bench.machine(letter);
      const userData = renderUserData(bench.plan, letter, { sshHostKey: { privateKey: 'x', publicKey: 'y' } });
      const check = 'cat >/root/user-data && cloud-init schema --config-file /root/user-data 2>&1';
      expect(await machine.exec(check, { input: userData })).not.toMatch(/warning|deprecat|error/i);
      const status = JSON.parse(await machine.exec('cloud-init status --long --format json')) as Record<
        string,
        unknown
      >;
      expect(status).toMatchObject({ status: 'done', errors: [], recoverable_errors: {} });
      expect(await machine.exec('systemctl --failed --plain --no-legend')).toBe('');
    }
  });

  test('runs the Valkey of the distribution, with the first node as primary', async () => {
    const versions = await Promise.all(
      bench.letters.map(
        async (letter) => /valkey_version:(\S+)/.exec(await bench.ask(letter, 'valkey', 'INFO', 'server'))?.[1],
      ),
    );
    expect(new Set(versions).size).toBe(1);
    expect(versions[0]).toMatch(image === 'debian-13' ? /^8\.1\./ : /^9\./);
    expect(await bench.primary()).toBe(bench.plan.target.firstPrimary);
  });

  test('the packaged exporters publish every metric that a signal is made of', async () => {
    const { used, missing } = await missingMetrics(bench);
    note(`${image}: ${used} metrics used, ${used - missing.length} found in a live scrape`);
    expect(missing).toEqual([]);
    expect(used).toBeGreaterThan(40);
  });

  test('a stop of the primary hands its role over and loses nothing', () =>
    handsOver('systemctl stop', async (primary) => {
      await bench.machine(primary).exec('systemctl stop valkey-server');
      await bench.machine(primary).exec('systemctl start valkey-server');
    }));

  test('a reboot of the primary hands its role over and loses nothing', () =>
    handsOver('reboot', (primary) => bench.machine(primary).reboot()));

  test('a shutdown of the primary, as before its deletion, hands its role over and loses nothing', () =>
    handsOver('shutdown', async (primary) => {
      await bench.machine(primary).powerOff();
      await bench.machine(primary).powerOn();
    }));

  test('an upgrade of the package on the primary hands its role over, loses nothing, and changes no file of ours', () =>
    handsOver('package upgrade', async (primary) => {
      const before = await files(primary);
      await upgrade(primary);
      expect(await files(primary)).toEqual(before);
    }));

  test('an upgrade of the package on a replica is not noticed', async () => {
    const primary = await bench.primary();
    const [replica] = others(bench, primary);
    const result = await survive(bench, 'package upgrade of a replica', () => upgrade(replica));
    expect(result).toMatchObject({ primary, lost: 0, lostSure: 0 });
  });

  test('cloud-init that runs once more, as on a new machine, changes nothing', async () => {
    const primary = await bench.primary();
    const [replica] = others(bench, primary);
    const before = await files(replica);
    await survive(bench, 'second cloud-init', async () => {
      await bench.machine(replica).exec('cloud-init clean --logs');
      await bench.machine(replica).reboot();
      await bench
        .machine(replica)
        .until(
          'cloud-init has ended',
          async () =>
            /"status": "done"/.test((await bench.machine(replica).tryExec('cloud-init status --format json')).stdout),
          180_000,
        );
    });
    expect(await bench.primary()).toBe(primary);
    expect(await files(replica)).toEqual(before);
  });

  test('the step of the deployment, run again, changes nothing and interrupts nothing', async () => {
    const primary = await bench.primary();
    const pids = () =>
      Promise.all(
        bench.letters.map((letter) =>
          bench.machine(letter).exec('systemctl show -P MainPID valkey-server valkey-sentinel'),
        ),
      );
    const before = await pids();
    const result = await survive(bench, 'the step again', async () => {
      for (const letter of bench.letters) await bench.apply(letter);
      await delay(1_000);
    });
    expect(result).toMatchObject({ primary, lost: 0, lostSure: 0 });
    expect(result.gapMs).toBeLessThan(1_000);
    expect(await pids()).toEqual(before);
  });

  async function handsOver(name: string, during: (primary: string) => Promise<void>): Promise<void> {
    const before = await bench.primary();
    const result = await survive(bench, name, () => during(before));
    expect(result.primary).not.toBe(before);
    expect([result.lost, result.lostSure]).toEqual([0, 0]);
    expect(result.gapMs).toBeLessThan(5_000);
  }

  /** As `apt upgrade` would: the package is there already, and is unpacked and configured once more. */
  async function upgrade(letter: string): Promise<void> {
    await bench.machine(letter).exec(
      `export DEBIAN_FRONTEND=noninteractive; apt-get -q update
       apt-get -q -y --allow-change-held-packages --reinstall -o Dpkg::Options::=--force-confold install valkey-server valkey-sentinel valkey-tools`,
      { timeoutMs: 180_000 },
    );
  }

  /** Sums of all files that are ours, but for what the servers themselves write. */
  async function files(letter: string): Promise<readonly string[]> {
    const sums = await bench.machine(letter).exec(
      `find /etc/cachetier /etc/valkey /usr/local/lib/cachetier /usr/local/sbin /etc/systemd/system /etc/ssh /etc/apt/apt.conf.d -type f \
         ! -name valkey.conf ! -name sentinel.conf -exec sha256sum {} + | sort -k 2`,
    );
    return sums.trim().split('\n');
  }
});
