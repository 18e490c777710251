import { contains, isNetwork, network } from '../addresses';
import { capabilitiesOf } from '../capabilities';
import { HELLO_CHANNEL, PULSE_KEY, reaches } from '../own-names';
import { hetznerNetwork } from '../planner/hetzner';
import type { Rule } from '../resolved';
import { error, warning } from './issues';

/** Largest network that is plausibly somebody's own; half of the Internet is nobody's. */
const WIDEST_BITS = 8;

/** An open port is found and taken over within hours. */
export const nobodyIsTheWorld: Rule = ({ config }) => [
  ...worldIn('access.clients', config.access?.clients),
  ...worldIn('access.admin', config.access?.admin),
  ...worldIn('monitoring.prometheus.from', config.monitoring?.prometheus?.from),
];

function worldIn(path: string, ranges: readonly string[] | undefined) {
  return (ranges ?? []).flatMap((range, index) => {
    if (network(range).size > 2 ** (32 - WIDEST_BITS)) {
      return error(
        'NobodyIsTheWorld',
        `${path}[${index}]`,
        `"${range}" opens the tier to the world; name the networks of your own clients (functions without an address of ` +
          'their own, as on Vercel or Workers, need a store with an HTTP API such as Upstash)',
      );
    }
    if (!isNetwork(range)) {
      return error(
        'NobodyIsTheWorld',
        `${path}[${index}]`,
        `"${range}" has host bits set; name the network itself, or the address with /32`,
      );
    }
    return [];
  });
}

/** `default` is what every client gets that does not log in. */
export const defaultGetsNothing: Rule = ({ config }) =>
  (config.access?.users ?? []).flatMap((user, index) =>
    user.name === 'default'
      ? error(
          'DefaultGetsNothing',
          `access.users[${index}].name`,
          '"default" is the user of clients that do not log in and gets no rights; use another name',
        )
      : [],
  );

/** Names of the users that the nodes need among themselves. */
const reserved = new Set(['replication', 'sentinel', 'sentinel-admin', 'operator', 'exporter', 'backup']);

/** Two users of one name would be one user. */
export const userNamesDiffer: Rule = ({ config }) => {
  const names = (config.access?.users ?? []).map((user) => user.name);
  return names.flatMap((name, index) => {
    const path = `access.users[${index}].name`;
    if (names.indexOf(name) !== index)
      return error('UserNamesDiffer', path, `"${name}" is already the name of another user`);
    if (reserved.has(name))
      return error('UserNamesDiffer', path, `"${name}" is a user of the nodes themselves; use another name`);
    return [];
  });
};

/** A pulse that an application wrote would make an old node look like the newest one. */
export const keysLeaveTheNodesTheirs: Rule = ({ chosen, config }) => {
  if (!capabilitiesOf(chosen.kind).sentinel) return [];
  return (config.access?.users ?? []).flatMap(({ keys = '*' }, index) =>
    keys === '*' || !reaches(keys, PULSE_KEY)
      ? []
      : error(
          'KeysLeaveTheNodesTheirs',
          `access.users[${index}].keys`,
          `"${keys}" reaches "${PULSE_KEY}", by which the nodes tell whose data is newest; ` +
            'name a prefix of your own, or "*", which is every key but those',
        ),
  );
};

/** Sentinels believe whoever speaks on their channel. */
export const channelsLeaveTheNodesTheirs: Rule = ({ chosen, config }) => {
  if (!capabilitiesOf(chosen.kind).sentinel) return [];
  return (config.access?.users ?? []).flatMap(({ keys = '*', channels = keys }, index) =>
    channels === '*' || !reaches(channels, HELLO_CHANNEL)
      ? []
      : error(
          'ChannelsLeaveTheNodesTheirs',
          `access.users[${index}].channels`,
          `"${channels}" reaches "${HELLO_CHANNEL}", where Sentinels believe whoever speaks; ` +
            'name a prefix of your own, or "*", which is every channel but those',
        ),
  );
};

/** The deploy step brings secrets over SSH, so it must reach it. */
export const deployNeedsSsh: Rule = ({ chosen, admin, config }) => {
  if (chosen.kind !== 'hetzner' || admin.length > 0) return [];
  return warning(
    'DeployNeedsSsh',
    config.access === undefined ? '$' : 'access',
    'access.admin is empty, so SSH answers nobody and the deployment cannot bring the secrets; add the address that you deploy from',
  );
};

/** Clients outside the private network cannot reach it: nothing of the tier has a public port. */
export const clientsReachPrivateNetwork: Rule = ({ chosen, config }) => {
  if (chosen.kind !== 'hetzner') return [];
  const range = hetznerNetwork(chosen.fields);
  return (config.access?.clients ?? []).flatMap((client, index) =>
    contains(range, client) || contains(client, range)
      ? []
      : warning(
          'ClientsReachPrivateNetwork',
          `access.clients[${index}]`,
          `"${client}" is outside the private network ${range}, so it needs a route into it; the tier has no public port`,
        ),
  );
};
