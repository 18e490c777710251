import { exporterPorts } from '../../constructs/tier/exporters';
import { nodesPlan, richest } from '../node/plans';

/** A tier with everything that there is a rule for. */
export const plan = nodesPlan({
  ...richest,
  workload: ['job-queue'],
  traffic: { peakOpsPerSecond: 500 },
  backup: { ...richest.backup, continuous: true, drill: 'daily' },
});

/** Raw series by metric and labels, with promtool's notation of values, every 15 s for an hour. */
export type Series = Readonly<Record<string, string>>;

/** Letters of its nodes. */
export const nodes = plan.target.nodes.map(({ letter }) => letter);
/** Ids of its buckets: hourly, weekly, daily. */
const ids = plan.backup.destinations.map(({ id }) => id) as [string, string, string];
export const [r2, b2] = ids;
/** Memory that it may use. */
export const GIB = 2 ** 30;

const hour = 240;

/** Labels of a series as the scrape configuration makes them. */
export function of(exporter: keyof typeof exporterPorts, node: string, labels = ''): string {
  const target = plan.target.nodes.find(({ letter }) => letter === node)?.address ?? '';
  const own = `tier="orders-prod",stage="prod",node="${node}",job="cachetier-orders-prod-${exporter}"`;
  return `{${own},instance="${target}:${exporterPorts[exporter]}"${labels && `,${labels}`}}`;
}

/** The same value for an hour. */
export const constant = (value: number): string => `${value}x${hour}`;
/** A counter that rises by so much every 15 s. */
export const rising = (step: number, start = 0): string => `${start}+${step}x${hour}`;

function slave(node: string): string {
  return `slave_ip="${plan.target.nodes.find(({ letter }) => letter === node)?.address}",slave_port="6379",slave_state="online"`;
}

/** Buckets of the times of one command: shares of the calls within 1 ms and within 16 ms. */
export function latencies(node: string, cmd: string, quick: number, most: number): Series {
  const bucket = (le: string, share: number): readonly [string, string] => [
    `redis_commands_latencies_usec_bucket${of('valkey', node, `cmd="${cmd}",le="${le}"`)}`,
    rising(100 * share),
  ];
  return Object.fromEntries([bucket('1000', quick), bucket('16000', most), bucket('2000000', 1), bucket('+Inf', 1)]);
}

function ofNode(node: string): Series {
  const valkey = (metric: string, values: string, labels = ''): Series => ({
    [metric + of('valkey', node, labels)]: values,
  });
  const sentinel = (metric: string, values: string, labels = ''): Series => ({
    [metric + of('sentinel', node, labels)]: values,
  });
  const machine = (metric: string, values: string, labels = ''): Series => ({
    [metric + of('node', node, labels)]: values,
  });
  return Object.assign(
    {},
    ...[valkey, sentinel, machine].map((one) => one('up', constant(1))),
    ...[valkey, sentinel].map((one) => one('redis_up', constant(1))),
    valkey('redis_instance_info', constant(1), `role="${node === 'a' ? 'master' : 'slave'}"`),
    valkey('redis_connected_slaves', constant(node === 'a' ? 2 : 0)),
    valkey('redis_master_repl_offset', rising(1000)),
    valkey('redis_replica_resyncs_full', constant(2)),
    valkey('redis_memory_used_bytes', constant(0.5 * GIB)),
    valkey('redis_mem_not_counted_for_eviction_bytes', constant(0)),
    valkey('redis_memory_max_bytes', constant(GIB)),
    valkey('redis_evicted_keys_total', constant(0)),
    valkey('redis_connected_clients', constant(100)),
    valkey('redis_config_maxclients', constant(10_000)),
    valkey('redis_connections_received_total', rising(15)),
    valkey('redis_rejected_connections_total', constant(0)),
    valkey('redis_keyspace_hits_total', rising(90)),
    valkey('redis_keyspace_misses_total', rising(10)),
    valkey('redis_commands_processed_total', rising(15 * 100)),
    latencies(node, 'set', 0.9, 1),
    // What nobody waits for: exporters and nodes among themselves.
    latencies(node, 'info', 0, 0),
    valkey('redis_slowlog_last_id', constant(12)),
    ...['auth', 'cmd', 'key', 'channel'].map((what) => valkey(`redis_acl_access_denied_${what}_total`, constant(0))),
    valkey('redis_aof_last_write_status', constant(1)),
    valkey('redis_aof_last_bgrewrite_status', constant(1)),
    valkey('redis_rdb_last_bgsave_status', constant(1)),
    valkey('redis_cpu_sys_main_thread_seconds_total', rising(1)),
    valkey('redis_cpu_user_main_thread_seconds_total', rising(2)),
    sentinel('redis_sentinel_master_ckquorum_status', constant(1), 'master_name="orders-prod"'),
    sentinel('redis_sentinel_master_sentinels', constant(3), 'master_name="orders-prod"'),
    sentinel('redis_sentinel_master_status', constant(1), 'master_address="10.20.1.11:6379"'),
    machine('node_filesystem_avail_bytes', constant(60), 'mountpoint="/"'),
    machine('node_filesystem_size_bytes', constant(100), 'mountpoint="/"'),
    machine('node_cpu_seconds_total', rising(12), 'cpu="0",mode="idle"'),
    machine('node_cpu_seconds_total', constant(0), 'cpu="0",mode="steal"'),
    machine('node_memory_MemAvailable_bytes', constant(50)),
    machine('node_memory_MemTotal_bytes', constant(100)),
    machine('node_textfile_mtime_seconds', rising(15), 'file="/var/lib/prometheus/node-exporter/keeper.prom"'),
    machine('cachetier_certificate_expiry_timestamp_seconds', constant(90 * 86_400), 'of="valkey"'),
    machine('cachetier_keeper_alarm', constant(0)),
    machine('cachetier_unit_active', constant(1), 'unit="cachetier-backup.timer"'),
    machine('cachetier_node_pulse_term', constant(3)),
  ) as Series;
}

function ofReplica(node: string): Series {
  return {
    [`redis_connected_slave_lag_seconds${of('valkey', 'a', slave(node))}`]: constant(0),
    [`redis_connected_slave_offset_bytes${of('valkey', 'a', slave(node))}`]: rising(1000),
    [`redis_master_link_up${of('valkey', node)}`]: constant(1),
    [`redis_master_sync_in_progress${of('valkey', node)}`]: constant(0),
  };
}

/** A tier in which all is well: node a leads, b and c follow, and node b and c have seen to the backups. */
export const healthy: Series = Object.assign(
  {},
  ...nodes.map(ofNode),
  ...['b', 'c'].map(ofReplica),
  ...ids.map((id) => ({
    [`cachetier_backup_last_success_timestamp_seconds${of('node', 'b', `destination="${id}"`)}`]: rising(15),
  })),
  { [`cachetier_drill_last_success_timestamp_seconds${of('node', 'c', `destination="${r2}"`)}`]: rising(15) },
  { [`cachetier_backup_shipped_timestamp_seconds${of('node', 'b', `destination="${r2}"`)}`]: rising(15) },
) as Series;

/** The healthy tier with other values, and without series whose name contains a text. */
export function but(changed: Series, without: readonly string[] = []): Series {
  const kept = Object.entries(healthy).filter(([name]) => !without.some((text) => name.includes(text)));
  return { ...Object.fromEntries(kept), ...changed };
}

/** Another value of the first series of a metric that has a text in its labels. */
export function set(metric: string, having: string, value: string | number): Series {
  const name = Object.keys(healthy).find((each) => each.startsWith(`${metric}{`) && each.includes(`"${having}"`));
  if (name === undefined) throw new Error(`no series of ${metric} has ${having}`);
  return { [name]: typeof value === 'number' ? constant(value) : value };
}
