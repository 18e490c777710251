import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../constructs/local/run';
import { hetznerPlacement } from '../../constructs/node';
import { renderFirewall, renderFirstBootFirewall } from '../../constructs/node/machine/firewall';
import { tools } from '../support/tools';
import { writeBelow } from './disk';
import { hetznerPlans, nodesPlan, richest, smallest } from './plans';

const texts = new Set(
  hetznerPlans.flatMap(([, plan]) => [
    renderFirstBootFirewall(plan),
    ...['a', 'b', 'c'].map((letter) => renderFirewall(plan, letter, hetznerPlacement(plan))),
  ]),
);

test('nft accepts the rules of every plan, those of the first boot and those after', async () => {
  const { file, env } = await tools();
  expect(texts.size).toBeGreaterThan(6);
  for (const content of texts) {
    const root = writeBelow([{ path: '/rules.nft', mode: '0644', content }]);
    const done = await run('unshare', ['-rn', file('nft'), '-c', '-f', join(root, 'rules.nft')], { env });
    rmSync(root, { recursive: true });
    expect(done).toEqual({ status: 0, stdout: '', stderr: '' });
  }
});

describe('from a network beside the node', () => {
  const plan = nodesPlan({ ...richest, access: { ...richest.access, clients: ['10.20.5.0/24'] } });
  const admitted = { node: '10.20.1.12', client: '10.20.5.7', prometheus: '10.20.9.10', admin: '203.0.113.7' };
  const sources = { ...admitted, stranger: '10.20.77.7' };
  const ports = [22, 6379, 26379, 9100, 9121, 9122, 8080];

  test('everyone reaches only what is theirs', async () => {
    expect(await reached(renderFirewall(plan, 'a', hetznerPlacement(plan)), Object.values(sources), ports)).toEqual({
      [sources.node]: [6379, 26379],
      [sources.client]: [6379, 26379],
      [sources.prometheus]: [9100, 9121, 9122],
      [sources.admin]: [22],
      [sources.stranger]: [],
    });
  });

  test('at the first boot only administrators reach the node, by SSH', async () => {
    expect(await reached(renderFirstBootFirewall(plan), Object.values(sources), ports)).toEqual({
      [sources.node]: [],
      [sources.client]: [],
      [sources.prometheus]: [],
      [sources.admin]: [22],
      [sources.stranger]: [],
    });
  });

  test('without rules everything is reached, so the tests above can fail', async () => {
    expect(await reached('', ['10.20.77.7'], ports)).toEqual({ '10.20.77.7': ports });
  });
});

test('rules are replaced as a whole: what is no longer admitted is closed', async () => {
  const { file, env } = await tools();
  const wide = nodesPlan(richest);
  const root = writeBelow([
    { path: '/one.nft', mode: '0644', content: renderFirewall(wide, 'a', hetznerPlacement(wide)) },
    {
      path: '/two.nft',
      mode: '0644',
      content: renderFirewall(nodesPlan(smallest), 'a', hetznerPlacement(nodesPlan(smallest))),
    },
  ]);
  const nft = file('nft');
  const script = `set -e; ${nft} add table inet other; ${nft} -f ${root}/one.nft; ${nft} -f ${root}/two.nft; ${nft} list ruleset`;
  const done = await run('unshare', ['-rn', 'sh', '-c', script], { env });
  rmSync(root, { recursive: true });
  expect(done).toMatchObject({ status: 0, stderr: '' });
  expect(done.stdout).toContain('table inet other');
  expect(done.stdout).not.toContain('10.20.9.10');
  expect(done.stdout.match(/chain input/g)).toHaveLength(1);
});

test('metadata is for root only', () => {
  for (const text of texts)
    expect(text).toMatch(/hook output .*\n\s+ip daddr 169\.254\.169\.254 meta skuid != 0 reject/);
});

/**
 * Which ports of a node each source address reaches, where the node listens on all of them: two network namespaces and a
 * cable between.
 */
async function reached(
  rules: string,
  sources: readonly string[],
  ports: readonly number[],
): Promise<Record<string, number[]>> {
  const { file, env } = await tools();
  const listen = `for (const port of ${JSON.stringify(ports)}) require('net').createServer((socket) => socket.end()).listen(port);`;
  const probe = `
    const net = require('net');
    const look = (localAddress, port) => new Promise((resolve) => {
      const socket = net.connect({ host: '10.20.1.11', port, localAddress, timeout: 700 }, () => end(true));
      const end = (reached) => { socket.destroy(); resolve(reached); };
      socket.on('error', () => end(false)).on('timeout', () => end(false));
    });
    (async () => {
      const found = {};
      for (const source of ${JSON.stringify(sources)}) {
        const answers = await Promise.all(${JSON.stringify(ports)}.map(async (port) => [port, await look(source, port)]));
        found[source] = answers.filter(([, reached]) => reached).map(([port]) => port);
      }
      console.log(JSON.stringify(found));
    })();`;
  const root = writeBelow([
    { path: '/rules.nft', mode: '0644', content: rules },
    { path: '/listen.js', mode: '0644', content: listen },
    { path: '/probe.js', mode: '0644', content: probe },
  ]);
  const script = `
    set -e
    unshare -n '${process.execPath}' '${root}/listen.js' & node=$!
    trap 'kill $node' EXIT
    until [ "$(readlink /proc/$node/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
    ip link add cable type veth peer name cable netns $node
    ip link set lo up
    ip link set cable up
    for source in ${sources.join(' ')}; do ip addr add $source/32 dev cable; done
    ip route add 10.20.1.11/32 dev cable
    nsenter -t $node -n sh -ec '
      ip link set lo up; ip link set cable up; ip addr add 10.20.1.11/32 dev cable; ip route add default dev cable
      ${file('nft')} -f "${root}/rules.nft"
    '
    until nsenter -t $node -n '${process.execPath}' -e "require('net').connect(${ports.at(-1)}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"; do sleep 0.05; done
    '${process.execPath}' '${root}/probe.js'`;
  const done = await run('unshare', ['-rn', 'bash', '-c', script], { env, timeoutMs: 25_000 });
  rmSync(root, { recursive: true });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout) as Record<string, number[]>;
}
