import { applyCommand } from '../../constructs/node';
import type { Finished } from '../../constructs/local/run';
import { nodesPlan, smallest } from '../node/plans';
import { tools } from '../support/tools';
import { Bench, privateSide } from './bench/bench';
import { metadataAddress } from './bench/network';
import { bootTier } from './support';

/** What a tier shows to whom, and what it keeps to itself. */
let bench: Bench;
const plan = nodesPlan({
  ...smallest,
  access: { ...smallest.access, clients: [`${privateSide.client}/32`], users: [{ name: 'app', keys: 'orders:*' }] },
  monitoring: { prometheus: { from: [`${privateSide.prometheus}/32`] } },
  backup: {
    schedule: 'daily',
    continuous: true,
    to: [{ provider: 's3', bucket: 'orders-s3', endpoint: 'https://s3.example.com' }],
  },
});

beforeAll(async () => {
  bench = await bootTier({ plan });
});

afterAll(() => Bench.down());

const valkeyPorts = [6379, 26379];
const exporterPorts = [9100, 9121, 9122];

/** Ports of a list that accept a connection. */
async function open(host: string, address: string, ports: readonly number[]): Promise<readonly number[]> {
  const answers = await Promise.all(
    ports.map(async (port) => {
      const done = await bench.on(host, [
        'timeout',
        '2',
        'bash',
        '--norc',
        '-c',
        `exec 3<>/dev/tcp/${address}/${port}`,
      ]);
      return done.status === 0;
    }),
  );
  return ports.filter((_port, index) => answers[index]);
}

/** Every port of a node that something listens on, and some that it should not. */
async function interesting(letter: string): Promise<readonly number[]> {
  const listening = (await bench.machine(letter).exec('ss -Htuln')).trim().split('\n');
  const ports = listening.map((line) => Number(/:(\d+)\s/.exec(line)?.[1]));
  return [
    ...new Set<number>([...ports, 22, 25, 53, 80, 111, 443, 5355, 6380, 16379, ...valkeyPorts, ...exporterPorts]),
  ];
}

describe('the network', () => {
  test('nothing answers on the public side, but SSH to the administrator', async () => {
    for (const letter of bench.letters) {
      const ports = await interesting(letter);
      expect(ports).toEqual(expect.arrayContaining([...valkeyPorts, ...exporterPorts, 22]));
      expect(await open('outsider', bench.publicAddress(letter), ports)).toEqual([]);
      expect(await open('operator', bench.publicAddress(letter), ports)).toEqual([22]);
    }
  });

  test('in the private network clients reach Valkey and Sentinel, Prometheus the exporters, and others nothing', async () => {
    for (const letter of bench.letters) {
      const ports = await interesting(letter);
      const [neighbour] = bench.letters.filter((other) => other !== letter);
      const sorted = (found: readonly number[]) => [...found].sort((one, other) => one - other);
      expect(sorted(await open('client', bench.address(letter), ports))).toEqual(valkeyPorts);
      expect(sorted(await open('prometheus', bench.address(letter), ports))).toEqual(exporterPorts);
      expect(sorted(await open(neighbour ?? '', bench.address(letter), ports))).toEqual(valkeyPorts);
      expect(await open('stranger', bench.address(letter), ports)).toEqual([]);
    }
  });

  test('before the step of the deployment has come, nothing but SSH to the administrator is open', async () => {
    await bench.rebuild('c');
    expect(await open('client', bench.address('c'), await interesting('c'))).toEqual([]);
    expect(await open('a', bench.address('c'), await interesting('c'))).toEqual([]);
    expect(await open('operator', bench.publicAddress('c'), await interesting('c'))).toEqual([22]);
    const masked = await bench
      .machine('c')
      .exec(
        'systemctl is-enabled valkey-server valkey-sentinel prometheus-node-exporter prometheus-redis-exporter || true',
      );
    expect(masked.trim().split('\n')).toEqual(['masked', 'masked', 'masked', 'masked']);
    await bench.apply('c');
    await bench.healthy();
  });

  test('a connection without TLS gets no answer of Valkey or Sentinel', async () => {
    for (const port of valkeyPorts) {
      const script = `exec 3<>/dev/tcp/${bench.address('a')}/${port}; printf 'PING\\r\\n' >&3; timeout 2 cat <&3`;
      const done = await bench.on('client', ['bash', '--norc', '-c', script]);
      expect(done.stdout).not.toContain('PONG');
    }
  });
});

describe('the machine', () => {
  /** Every secret of the tier, as it would be found in a file: passwords, and a line of each private key. */
  function secrets(): string[] {
    const keys = Object.values(bench.secrets.nodes).map(({ privateKey }) => privateKey.split('\n')[1] ?? '');
    const buckets = Object.values(bench.secrets.buckets).map(({ secretAccessKey }) => secretAccessKey);
    return [
      ...Object.values(bench.secrets.users),
      ...Object.values<string>({ ...bench.secrets.internal }),
      ...keys,
      ...buckets,
    ];
  }

  test('user data and metadata are for root alone', async () => {
    const fetch = `python3 -c 'import urllib.request; print(urllib.request.urlopen("http://${metadataAddress}/", timeout=3).read())'`;
    for (const letter of bench.letters) {
      const machine = bench.machine(letter);
      expect(await machine.exec(fetch)).toContain('user data of this server');
      for (const user of ['valkey', 'prometheus', 'nobody', 'cachetier-backup']) {
        expect((await machine.tryExec(`runuser -u ${user} -- ${fetch}`)).stderr).toMatch(/refused|unreachable/i);
        const read = `runuser -u ${user} -- sh -c 'cat /var/lib/cloud/instance/user-data.txt /var/lib/cloud/seed/nocloud/user-data'`;
        const done = await machine.tryExec(read);
        expect([done.status, done.stdout]).toEqual([1, '']);
      }
    }
  });

  test('no secret is in an argument, an environment, a log, or a file that others can read', async () => {
    const input = `${secrets().join('\n')}\n`;
    expect(secrets().length).toBeGreaterThan(9);
    for (const letter of bench.letters) {
      const machine = bench.machine(letter);
      await machine.exec('umask 077; cat >/run/cachetier-secrets', { input });
      const find = (places: string) => machine.tryExec(`${places} 2>/dev/null`, { timeoutMs: 120_000 });
      const grep = 'grep -aFlf /run/cachetier-secrets';
      expect((await find(`for each in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do ${grep} $each; done`)).stdout).toBe(
        '',
      );
      expect((await find(`systemctl show --all '*' | ${grep} -`)).stdout).toBe('');
      expect((await find(`journalctl --no-pager -o export | ${grep} -`)).stdout).toBe('');
      expect((await find(`grep -arFlf /run/cachetier-secrets /var/log`)).stdout).toBe('');
      const open = await find(
        `find / -xdev -type f -perm /o+r -newer /etc/hostname ! -path '/usr/lib/*' ! -path '/usr/share/*' -print0 | xargs -0 ${grep}`,
      );
      expect(open.stdout).toBe('');
      // The search finds what is there.
      expect((await find(`${grep} /etc/cachetier/credentials`)).stdout).toContain('credentials');
      await machine.exec('rm /run/cachetier-secrets');
    }
  });

  test('rclone, which runs for moments, shows no secret to others either', async () => {
    const looked = await Promise.all(
      bench.letters.map(async (letter) => {
        const machine = bench.machine(letter);
        await machine.exec('umask 077; cat >/run/cachetier-secrets', { input: `${secrets().join('\n')}\n` });
        const seen = await machine.exec(`cachetier-backup now >/dev/null 2>&1 &
          for moment in $(seq 300); do
            for process in $(pgrep -x rclone); do
              echo seen
              cat /proc/$process/cmdline /proc/$process/environ 2>/dev/null | grep -aoFf /run/cachetier-secrets
            done
            sleep 0.02
          done
          rm /run/cachetier-secrets`);
        return seen.split('\n').filter(Boolean);
      }),
    );
    expect(new Set(looked.flat())).toEqual(new Set(['seen']));
  });

  test('every unit of ours has an exposure of 2.0 or better', async () => {
    const units = [
      'valkey-server',
      'valkey-sentinel',
      'cachetier-keeper',
      'cachetier-drain',
      'cachetier-address',
      'cachetier-firewall',
      'cachetier-valkey-exporter',
      'cachetier-sentinel-exporter',
      'cachetier-backup',
      'cachetier-drill',
      'cachetier-ship',
      'prometheus-node-exporter',
    ];
    const seen: Record<string, number> = {};
    for (const unit of units) {
      const said = await bench
        .machine('a')
        .exec(`systemctl cat ${unit}.service >/dev/null; systemd-analyze security --no-pager ${unit}.service`);
      seen[unit] = Number(/Overall exposure level for .*: ([\d.]+)/.exec(said)?.[1]);
    }
    process.stderr.write(`      exposure: ${JSON.stringify(seen)}\n`);
    expect(Object.entries(seen).filter(([, level]) => !(level <= 2))).toEqual([]);
  });

  test('input that ends early changes no file', async () => {
    const before = await bench.machine('b').exec('find /etc/cachetier /etc/valkey -type f -exec sha256sum {} + | sort');
    for (const input of [
      '',
      'cachetier-apply/1\n/etc/cachetier/node.env 0644 root root always aGVsbG8=\n',
      'nonsense\n',
    ]) {
      expect(await bench.trySsh('b', applyCommand, { input })).toMatchObject({ status: 1 });
    }
    expect(await bench.machine('b').exec('find /etc/cachetier /etc/valkey -type f -exec sha256sum {} + | sort')).toBe(
      before,
    );
  });
});

describe('users', () => {
  /** A command as a user of the tier, over the network as a client sends it. */
  async function as(user: string, password: string, port: number, ...command: readonly string[]): Promise<string> {
    const { file, env } = await tools();
    const login = user ? ['--user', user, '--no-auth-warning'] : [];
    const tls = [
      '--tls',
      '--cacert',
      bench.caFile,
      ...login,
      '-h',
      bench.address(await bench.primary()),
      '-p',
      String(port),
    ];
    const done: Finished = await bench.on('client', [file('valkey-cli'), ...tls, ...command], {
      env: { ...env, ...(password ? { REDISCLI_AUTH: password } : {}) },
    });
    return (done.stdout + done.stderr).trim();
  }

  function app(port: number, ...command: readonly string[]): Promise<string> {
    const [user] = bench.plan.access.users;
    return as(user?.login ?? '', bench.secrets.users[user?.name ?? ''] ?? '', port, ...command);
  }

  test('nobody is let in without a password', async () => {
    for (const port of valkeyPorts) expect(await as('', '', port, 'INFO')).toContain('NOAUTH');
  });

  test('an application writes its own keys', async () => {
    expect(await app(6379, 'SET', 'orders:1', 'x')).toBe('OK');
    expect(await app(6379, 'EVAL', "return redis.call('GET', KEYS[1])", '1', 'orders:1')).toBe('x');
  });

  test.each(
    [
      'CONFIG GET maxmemory',
      'CONFIG SET maxmemory 1',
      'FLUSHALL',
      'FLUSHDB',
      'KEYS *',
      'DEBUG SLEEP 1',
      'SHUTDOWN NOSAVE',
      'REPLICAOF NO ONE',
      'FAILOVER',
      'ACL LIST',
      'ACL SETUSER x on nopass ~* +@all',
      'MODULE LIST',
      'MONITOR',
      'CLIENT KILL ID 1',
      'CLIENT PAUSE 100',
      'SCRIPT FLUSH',
      'FUNCTION FLUSH',
      'BGSAVE',
      'BGREWRITEAOF',
      'SAVE',
      'SYNC',
      'PSYNC ? -1',
      'SWAPDB 0 1',
      'RANDOMKEY',
      'SCAN 0',
      'SET other:1 x',
      'GET other:1',
      'PUBLISH other x',
      'SET cachetier:pulse x',
      'GET cachetier:pulse',
      'DEL cachetier:pulse',
    ].map((text) => [text]),
  )('an application may not: %s', async (text) => {
    expect(await app(6379, ...text.split(' '))).toMatch(/NOPERM|DEBUG command not allowed/);
  });

  test.each(
    [
      'SENTINEL FAILOVER TIER',
      'SENTINEL SET TIER quorum 1',
      'SENTINEL REMOVE TIER',
      'SENTINEL RESET *',
      'SENTINEL MONITOR x 10.0.0.1 6379 1',
      'SENTINEL CONFIG SET sentinel-pass x',
      'SENTINEL DEBUG',
      'SENTINEL SIMULATE-FAILURE crash-after-election',
      'SENTINEL FLUSHCONFIG',
      'ACL SETUSER x on nopass +@all',
      'SHUTDOWN',
      'PUBLISH __sentinel__:hello x',
    ].map((text) => [text]),
  )('an application may not reconfigure Sentinel: %s', async (text) => {
    const words = text.split(' ').map((word) => (word === 'TIER' ? bench.plan.target.primaryName : word));
    expect(await app(26379, ...words)).toContain('NOPERM');
  });

  test('an application finds the primary', async () => {
    const said = await app(26379, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', bench.plan.target.primaryName);
    expect(said.split('\n')).toEqual([bench.address(await bench.primary()), '6379']);
  });

  test('no default user, and no internal user with a password of an application', async () => {
    const [user] = bench.plan.access.users;
    const password = bench.secrets.users[user?.name ?? ''] ?? '';
    for (const login of ['default', 'cachetier-operator', 'cachetier-replication', 'cachetier-sentinel-admin']) {
      for (const port of valkeyPorts) expect(await as(login, password, port, 'PING')).toMatch(/WRONGPASS|NOAUTH/);
    }
  });
});
