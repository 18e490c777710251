import { defineCacheTier } from 'cachetier';

/** A BullMQ queue on three servers, with backups at two providers. */
export default defineCacheTier({
  name: 'orders',
  stage: 'prod',
  workload: 'job-queue',
  dataset: '8GiB',
  traffic: { peakOpsPerSecond: 10_000, averageOpsPerSecond: 2_000 },
  engine: { version: '9.0', settings: { timeout: 0, 'latency-monitor-threshold': 100 } },
  backup: {
    schedule: 'daily',
    keep: { daily: 7, weekly: 4 },
    to: [
      { provider: 'r2', bucket: 'orders-backups', accountId: '0123456789abcdef0123456789abcdef', jurisdiction: 'eu' },
      { provider: 'b2', bucket: 'orders-backups-copy', region: 'eu-central-003', schedule: 'weekly' },
    ],
  },
  access: {
    clients: ['10.20.0.0/16'],
    admin: ['203.0.113.7/32'],
    users: [
      { name: 'app', keys: 'bull:*' },
      { name: 'dashboard', keys: 'bull:*', can: 'read-only' },
    ],
  },
  monitoring: { prometheus: { from: ['10.20.9.10/32'] } },
  target: { kind: 'hetzner', location: 'fsn1' },
});
