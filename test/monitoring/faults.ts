import { b2, but, constant, GIB, healthy, latencies, nodes, of, plan, r2, rising, type Series, set } from './healthy';

const DAY = 86_400;

/** A fault: the series in which it shows, every alert that it raises, and when that is looked at. */
export interface Fault {
  readonly series: Series;
  readonly raised: readonly string[];
  readonly at?: string;
}

const both = (alert: string): readonly string[] => [`${alert}/page`, `${alert}/ticket`];
const [backup, drill, shipped] = [
  'cachetier_backup_last_success_timestamp_seconds',
  'cachetier_drill_last_success_timestamp_seconds',
  'cachetier_backup_shipped_timestamp_seconds',
] as const;

/** What each rule is for. A fault that one alert explains wakes nobody a second time. */
export const faults: Readonly<Record<string, Fault>> = {
  'all is well': { series: healthy, raised: [] },
  'another tier is on fire': {
    series: {
      ...healthy,
      ...Object.fromEntries(Object.keys(healthy).map((name) => [name.replaceAll('orders-prod', 'other'), constant(0)])),
    },
    raised: [],
  },
  'Valkey of a replica is down': {
    series: but({ ...set('redis_up', 'c', 0), ...set('redis_connected_slaves', 'a', 1) }),
    raised: ['CachetierNodeDown/page', 'CachetierReplicasMissing/ticket'],
  },
  'a machine is gone': {
    series: {
      ...but(set('redis_connected_slaves', 'a', 1), ['node="c"']),
      ...Object.fromEntries((['valkey', 'sentinel', 'node'] as const).map((one) => [`up${of(one, 'c')}`, constant(0)])),
    },
    raised: [
      'CachetierMachineSilent/ticket',
      'CachetierNodeDown/page',
      'CachetierReplicasMissing/ticket',
      'CachetierSentinelDown/ticket',
    ],
  },
  'no primary': {
    series: but({ [`redis_instance_info${of('valkey', 'a', 'role="slave"')}`]: constant(1) }, ['role="master"']),
    raised: ['CachetierNotOnePrimary/page'],
  },
  'two primaries, one of which is cut off': {
    series: but({
      [`redis_instance_info${of('valkey', 'c', 'role="master"')}`]: constant(1),
      ...set('redis_master_link_up', 'c', 0),
      ...set('redis_connected_slave_lag_seconds', 'a', 100),
    }),
    raised: ['CachetierNotOnePrimary/page'],
  },
  'writes wait': {
    series: but(set('redis_connected_slaves', 'a', 0)),
    raised: ['CachetierReplicasMissing/ticket', 'CachetierWritesWait/page'],
  },
  'a replica lags a little': {
    series: but(set('redis_connected_slave_lag_seconds', 'a', 8)),
    raised: ['CachetierReplicationLag/ticket'],
  },
  'a replica lags': {
    series: but(set('redis_connected_slave_lag_seconds', 'a', 40)),
    raised: both('CachetierReplicationLag'),
  },
  'a replica falls behind': {
    series: but(set('redis_master_repl_offset', 'a', rising(1000, plan.target.replBacklogBytes))),
    raised: ['CachetierReplicationBehind/ticket'],
  },
  'a link is down': { series: but(set('redis_master_link_up', 'b', 0)), raised: ['CachetierReplicationLinkDown/page'] },
  'a replica copies its primary': {
    series: but({ ...set('redis_master_link_up', 'b', 0), ...set('redis_master_sync_in_progress', 'b', 1) }),
    raised: [],
  },
  'replicas copy again and again': {
    series: but(set('redis_replica_resyncs_full', 'a', rising(1))),
    raised: ['CachetierFullResyncs/ticket'],
  },
  'the role moved': {
    series: but(set('cachetier_node_pulse_term', 'b', '3x60 4x180')),
    raised: ['CachetierFailover/ticket'],
    at: '20m',
  },
  'the role flaps': {
    series: but(set('cachetier_node_pulse_term', 'b', rising(1, 3))),
    raised: both('CachetierFailover'),
  },
  'a Sentinel does not answer': {
    series: but({ [`redis_up${of('sentinel', 'b')}`]: constant(0) }),
    raised: ['CachetierSentinelDown/ticket'],
  },
  'no Sentinel can decide': {
    series: but(
      Object.assign({}, ...nodes.map((node) => set('redis_sentinel_master_ckquorum_status', node, 0))) as Series,
    ),
    raised: ['CachetierSentinelQuorumLost/page'],
  },
  'one Sentinel is cut off': { series: but(set('redis_sentinel_master_ckquorum_status', 'c', 0)), raised: [] },
  'a Sentinel forgot its peers': {
    series: but(set('redis_sentinel_master_sentinels', 'c', 1)),
    raised: ['CachetierSentinelCount/ticket'],
  },
  'a Sentinel waits for the vote of a dead one': {
    series: but(set('redis_sentinel_master_sentinels', 'c', 4)),
    raised: ['CachetierSentinelCount/ticket'],
  },
  'Sentinels disagree': {
    series: but({
      [`redis_sentinel_master_status${of('sentinel', 'c', 'master_address="10.20.1.12:6379"')}`]: constant(1),
    }),
    raised: ['CachetierSentinelsDisagree/ticket'],
  },
  'memory fills': {
    series: but(set('redis_memory_used_bytes', 'a', 0.85 * GIB)),
    raised: ['CachetierMemoryFull/ticket'],
  },
  'memory is full': {
    series: but(set('redis_memory_used_bytes', 'a', 0.99 * GIB)),
    raised: both('CachetierMemoryFull'),
  },
  'a buffer of a replica grows, which the limit does not count': {
    series: but({
      ...set('redis_memory_used_bytes', 'a', 1.1 * GIB),
      ...set('redis_mem_not_counted_for_eviction_bytes', 'a', 0.6 * GIB),
    }),
    raised: [],
  },
  'keys are evicted': {
    series: but(set('redis_evicted_keys_total', 'a', rising(15))),
    raised: ['CachetierEvictions/ticket'],
  },
  'many connections': {
    series: but(set('redis_connected_clients', 'a', 9000)),
    raised: ['CachetierConnectionsFull/ticket'],
  },
  'too many connections': {
    series: but(set('redis_connected_clients', 'a', 9900)),
    raised: both('CachetierConnectionsFull'),
  },
  'connections are not kept': {
    series: but(set('redis_connections_received_total', 'a', rising(15 * 200))),
    raised: ['CachetierManyNewConnections/ticket'],
  },
  'clients are turned away': {
    series: but(set('redis_rejected_connections_total', 'a', rising(1))),
    raised: ['CachetierConnectionsRejected/ticket'],
  },
  'more traffic than planned': {
    series: but(set('redis_commands_processed_total', 'a', rising(15 * 600))),
    raised: ['CachetierTrafficAbovePlan/ticket'],
  },
  'half of the commands are slow': {
    series: but(latencies('a', 'set', 0.1, 1)),
    raised: ['CachetierLatencyP50/ticket'],
  },
  'one in a hundred commands is slow': {
    series: but(latencies('a', 'set', 0.9, 0.985)),
    raised: both('CachetierLatencyP99'),
  },
  'the slow log fills': {
    series: but(set('redis_slowlog_last_id', 'a', rising(15))),
    raised: ['CachetierSlowCommands/ticket'],
  },
  'somebody guesses passwords': {
    series: but(set('redis_acl_access_denied_auth_total', 'a', rising(15))),
    raised: ['CachetierLoginsRefused/ticket'],
  },
  'a release needs more rights': {
    series: but(set('redis_acl_access_denied_cmd_total', 'a', rising(15))),
    raised: ['CachetierCommandsRefused/ticket'],
  },
  'the append-only file fails': {
    series: but(set('redis_aof_last_write_status', 'a', 0)),
    raised: ['CachetierAppendOnlyFileFailing/page'],
  },
  'a disk is full, and nothing more is written to it': {
    series: but({
      ...set('redis_aof_last_write_status', 'a', 0),
      ...set('redis_rdb_last_bgsave_status', 'a', 0),
      ...set('node_filesystem_avail_bytes', 'a', 2),
    }),
    raised: both('CachetierDiskFull'),
  },
  'a save fails': { series: but(set('redis_rdb_last_bgsave_status', 'a', 0)), raised: ['CachetierSaveFailing/ticket'] },
  'the main thread is busy': {
    series: but(set('redis_cpu_user_main_thread_seconds_total', 'a', rising(12))),
    raised: ['CachetierEngineBusy/ticket'],
  },
  'the main thread has no time left': {
    series: but(set('redis_cpu_user_main_thread_seconds_total', 'a', rising(14))),
    raised: both('CachetierEngineBusy'),
  },
  'a disk fills': { series: but(set('node_filesystem_avail_bytes', 'b', 25)), raised: ['CachetierDiskFull/ticket'] },
  'the host steals time': {
    series: but({ [`node_cpu_seconds_total${of('node', 'b', 'cpu="0",mode="steal"')}`]: rising(3) }),
    raised: ['CachetierCpuStolen/ticket'],
  },
  'all processors are busy': {
    series: but({ [`node_cpu_seconds_total${of('node', 'b', 'cpu="0",mode="idle"')}`]: rising(1) }),
    raised: ['CachetierCpuBusy/ticket'],
  },
  'a machine runs out of memory': {
    series: but(set('node_memory_MemAvailable_bytes', 'b', 5)),
    raised: ['CachetierMachineMemoryLow/ticket'],
  },
  'a certificate ends in two weeks': {
    series: but(set('cachetier_certificate_expiry_timestamp_seconds', 'b', 14 * DAY)),
    raised: ['CachetierCertificateExpires/ticket'],
  },
  'a certificate has ended': {
    series: but(set('cachetier_certificate_expiry_timestamp_seconds', 'b', 60)),
    raised: both('CachetierCertificateExpires'),
  },
  'a keeper asks': { series: but(set('cachetier_keeper_alarm', 'b', 1)), raised: ['CachetierKeeperAsks/page'] },
  'a keeper is silent': {
    series: but(set('node_textfile_mtime_seconds', 'b', 0)),
    raised: ['CachetierKeeperSilent/ticket'],
  },
  'a machine is silent': {
    series: but({ [`up${of('node', 'c')}`]: constant(0) }),
    raised: ['CachetierMachineSilent/ticket'],
  },
  'somebody switched the backups off': {
    series: but(set('cachetier_unit_active', 'b', 0)),
    raised: ['CachetierBackupsStopped/page'],
  },
  'a backup failed': {
    series: but({
      [`cachetier_backup_problem${of('node', 'b', `destination="${r2}",cause="bucket-full"`)}`]: constant(1),
    }),
    raised: ['CachetierBackupFailed/ticket'],
  },
  'a node once failed, before another took over': {
    series: but({ [`cachetier_backup_problem${of('node', 'b', `destination="${r2}",cause="clock"`)}`]: '1x20 stale' }),
    raised: [],
  },
  'the hourly backup is missing': {
    series: but(set(backup, r2, -5 * 3600)),
    raised: ['CachetierBackupTooOld/page'],
  },
  'the weekly backup is missing': {
    series: but(set(backup, b2, -15 * DAY)),
    raised: ['CachetierBackupTooOld/page'],
  },
  'the weekly backup is a week old': { series: but(set(backup, b2, -7 * DAY)), raised: [] },
  'a drill failed': {
    series: but({ [`cachetier_drill_problem${of('node', 'c', `destination="${r2}",cause="altered"`)}`]: constant(1) }),
    raised: ['CachetierDrillFailed/page'],
  },
  'no drill for days': { series: but(set(drill, r2, -3 * DAY)), raised: ['CachetierDrillTooOld/ticket'] },
  'shipping stands still': { series: but(set(shipped, r2, 0)), raised: ['CachetierShippingLate/page'] },
  'nothing was ever shipped': { series: but({}, [shipped]), raised: ['CachetierShippingLate/page'] },
};
