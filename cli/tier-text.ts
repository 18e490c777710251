import { pc } from './colours';
import type { LocalOutputs, NodeStatus, TierStatus } from '../constructs/local';
import { formatBytes } from '../constructs/tier/units';
import { table } from './output';

/** A tier as it is now, for people. */
export function statusText(status: TierStatus): readonly string[] {
  const state = status.healthy ? pc.green('whole') : pc.red('not whole');
  return [
    `${pc.bold(status.name)}  ${state}  ${pc.dim(status.folder)}`,
    '',
    ...table(
      ['node', 'valkey', 'role', 'lag', 'memory', 'keys', 'commands/s', 'clients', 'sentinel', 'names', 'quorum'],
      status.nodes.map((node) => nodeRow(node, status.nodes.length === 1)),
    ),
    ...(status.problems.length === 0
      ? []
      : ['', ...status.problems.map((problem) => `${pc.red('problem')}  ${problem}`)]),
  ];
}

/** How clients reach the tier, with settings to paste. */
export function outputsText({ endpoint, caFile, users }: LocalOutputs): readonly string[] {
  const [user] = users;
  return [
    pc.underline('Endpoint'),
    ...table(
      ['what', 'value'],
      [
        ...where(endpoint),
        ['CA', caFile],
        ...users.flatMap(({ name, login, passwordFile }) => [
          [`login of ${name}`, login],
          [`password of ${name}`, passwordFile],
        ]),
      ],
    ),
    ...(user
      ? [
          '',
          pc.underline('ioredis'),
          pc.dim(`export CACHETIER_CA_FILE=${caFile} CACHETIER_PASSWORD="$(cat ${user.passwordFile})"`),
          user.clients.ioredis,
        ]
      : []),
  ];
}

function where(endpoint: LocalOutputs['endpoint']): readonly (readonly [string, string])[] {
  switch (endpoint.mode) {
    case 'sentinel':
      return [
        ['Sentinels', endpoint.sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')],
        ['primary name', endpoint.primaryName],
      ];
    case 'standalone':
      return [['primary', `${endpoint.primary.host}:${endpoint.primary.port}`]];
    case 'cluster':
      return [['configuration', `${endpoint.configuration.host}:${endpoint.configuration.port}`]];
  }
}

function nodeRow(node: NodeStatus, alone: boolean): readonly string[] {
  const { letter, valkey, sentinel, valkeyPort, sentinelPort } = node;
  return [
    letter,
    `127.0.0.1:${valkeyPort}`,
    valkey ? (valkey.synced ? valkey.role : `${valkey.role}, not in sync`) : 'down',
    node.lagBytes === null ? '-' : `${node.lagBytes} B`,
    valkey ? `${formatBytes(valkey.memoryBytes)} of ${formatBytes(valkey.maxmemoryBytes)}` : '-',
    valkey ? String(valkey.keys) : '-',
    valkey ? String(valkey.commandsPerSecond) : '-',
    valkey ? String(valkey.connections) : '-',
    alone ? 'none' : `127.0.0.1:${sentinelPort}`,
    sentinel ? (sentinel.primary ?? 'no node') : alone ? '-' : 'down',
    sentinel ? (sentinel.quorum ? 'yes' : 'no') : '-',
  ];
}
