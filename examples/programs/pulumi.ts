import * as hcloud from '@pulumi/hcloud';
import { CacheTier } from 'cachetier/hetzner';

const network = new hcloud.Network('platform', { ipRange: '10.20.0.0/16' });

const queue = new CacheTier('queue', {
  config: {
    name: 'orders',
    workload: 'job-queue',
    dataset: '2GiB',
    access: { admin: ['203.0.113.7/32'], users: [{ name: 'app', keys: 'bull:*' }] },
    target: { kind: 'hetzner', location: 'nbg1' },
  },
  networkId: network.id.apply(Number),
  adjustServer: (drawn) => ({ ...drawn, backups: true }),
});

export const endpoint = queue.endpoint;
export const password = queue.passwords['app'];
export const bullmq = queue.clientSettings['app']?.apply((settings) => settings.bullmq);
