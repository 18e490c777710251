import type { Rule } from '../resolved';
import { memoryBytes } from '../sizing';
import { formatBytes } from '../units';
import { error, warning } from './issues';

/** Clients that a server takes unless it is told otherwise. Source: valkey.conf. */
const STOCK_MAXCLIENTS = 10_000;

/** Without K or E the engine takes the value and tells nobody anything. Source: valkey.conf, event notification. */
export const keyspaceEventsNeedAChannel: Rule = ({ settings: asked }) => {
  const value = asked['notify-keyspace-events'] ?? '';
  if (value === '' || /[KE]/.test(value)) return [];
  return error(
    'KeyspaceEventsNeedAChannel',
    'engine.settings',
    `notify-keyspace-events needs K or E, got "${value}", which tells nobody; use "E${value}"`,
  );
};

/** A server that was built without it does not start. Tried with 8.0.1, 8.1.1 and 9.1.2 of Debian, 2026-11-20. */
export const defragNeedsItsBuild: Rule = ({ settings: asked, chosen }) => {
  if ((chosen.kind !== 'hetzner' && chosen.kind !== 'local') || asked['activedefrag'] !== 'yes') return [];
  return error(
    'DefragNeedsItsBuild',
    'engine.settings',
    'activedefrag needs a Valkey built with its own allocator, and the packages of Debian and Ubuntu use that of the system; remove it',
  );
};

/** A write needs that many replicas, so more than there are refuse every write for good. */
export const minReplicasExist: Rule = ({ settings: asked, replicas }) => {
  const wanted = Number(asked['min-replicas-to-write'] ?? 0);
  if (!(wanted > replicas)) return [];
  return error(
    'MinReplicasExist',
    'engine.settings',
    `min-replicas-to-write may be at most the number of replicas, ${replicas}, got ${wanted}: no write would ever be taken`,
  );
};

/** A snapshot that is never taken is not one. */
export const snapshotsAreSaved: Rule = ({ settings: asked, durability, chosen }) => {
  const ours = chosen.kind === 'hetzner' || chosen.kind === 'local';
  if (!ours || durability !== 'snapshot' || asked['save'] !== '') return [];
  return error(
    'SnapshotsAreSaved',
    'engine.settings',
    'durability "snapshot" needs RDB files, and save "" takes none; remove it, or set durability to "none"',
  );
};

/** Connections beyond `maxclients` are refused. Stock value: valkey.conf. */
export const connectionsFit: Rule = ({ settings: asked, traffic, chosen, config }) => {
  if (chosen.kind !== 'hetzner') return [];
  const most = Number(asked['maxclients'] ?? STOCK_MAXCLIENTS);
  if (traffic.connections <= most) return [];
  return error(
    'ConnectionsFit',
    config.traffic?.connections === undefined ? 'engine.settings' : 'traffic.connections',
    `${traffic.connections} connections do not fit into maxclients ${most}; set engine.settings maxclients to at least ${traffic.connections}`,
  );
};

/** One processor is the engine's own; with all of them taken by io-threads everything waits. */
export const ioThreadsLeaveACore: Rule = ({ settings: asked, size, chosen }) => {
  const threads = Number(asked['io-threads'] ?? 1);
  if (!size || chosen.kind !== 'hetzner' || threads <= 1 || threads <= size.vcpus - 1) return [];
  return error(
    'IoThreadsLeaveACore',
    'engine.settings',
    `io-threads may be at most ${Math.max(1, size.vcpus - 1)} on ${size.type} with ${size.vcpus} cores, got ${threads}`,
  );
};

/** A fork while saving can take as much again; above 70 percent the kernel ends the process. */
export const maxmemoryLeavesRoom: Rule = ({ settings: asked, size, chosen }) => {
  const wanted = asked['maxmemory'] === undefined ? null : memoryBytes(asked['maxmemory']);
  if (wanted === null || !size || chosen.kind !== 'hetzner') return [];
  const most = 0.7 * size.memoryBytes;
  if (wanted > most) {
    return error(
      'MaxmemoryLeavesRoom',
      'engine.settings',
      `maxmemory may be at most 70 percent of ${formatBytes(size.memoryBytes)} on ${size.type}, got ${formatBytes(wanted)}; ` +
        'choose a larger server type, or remove it for 60 percent',
    );
  }
  return [];
};

/** Numbered databases separate nothing: one FLUSHDB, one slow command and one full memory are everybody's. */
export const databasesSeparateNothing: Rule = ({ settings: asked }) =>
  asked['databases'] === undefined
    ? []
    : warning(
        'DatabasesSeparateNothing',
        'engine.settings',
        'numbered databases share memory, eviction and the one thread; use a tier for each use instead',
      );
