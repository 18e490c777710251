import { createHash } from 'node:crypto';
import { CacheTier } from '../../constructs/hetzner';
import { type CacheTierConfig } from '../../constructs/tier';
import { smallest } from '../node/plans';
import { plainOf, record, type Recorded } from './recorded';

/** A bucket that is made with the tier: what is asked of Cloudflare, and what the nodes get of it. */
const config: CacheTierConfig = {
  ...smallest,
  backup: {
    to: [{ provider: 'r2', bucket: 'orders-backups', accountId: '0'.repeat(32), jurisdiction: 'eu', create: true }],
  },
};

let resources: readonly Recorded[];

beforeAll(async () => {
  resources = await record(() => void new CacheTier('orders', { config }));
});

function of(type: string): Readonly<Record<string, unknown>> {
  const found = resources.filter((one) => one.type.endsWith(`:${type}`));
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0]?.inputs ?? {};
}

test('the bucket is made where the config says', () => {
  expect(of('R2Bucket')).toMatchObject({ accountId: '0'.repeat(32), jurisdiction: 'eu', name: 'orders-backups' });
});

test('no backup can be deleted or overwritten before its retention lets it go', () => {
  expect(of('R2BucketLock')).toMatchObject({
    bucketName: 'orders-backups',
    rules: [{ enabled: true, prefix: 'orders/', condition: { type: 'Age', maxAgeSeconds: 6 * 86_400 } }],
  });
});

test('its key reaches this bucket alone, and the nodes get it as Cloudflare derives it', () => {
  expect(of('AccountToken')['policies']).toEqual([
    {
      effect: 'allow',
      permissionGroups: [{ id: 'group-of-r2' }],
      resources: JSON.stringify({ [`com.cloudflare.edge.r2.bucket.${'0'.repeat(32)}_eu_orders-backups`]: '*' }),
    },
  ]);
  const secret = createHash('sha256').update('PRIVATE-orders-orders-backups-key').digest('hex');
  const applies = resources.filter(({ name }) => name.endsWith('-apply'));
  expect(applies).toHaveLength(3);
  for (const { inputs } of applies) {
    const line = String(plainOf(inputs['stdin']))
      .split('\n')
      .find((one) => one.startsWith('/etc/cachetier/backup.json '));
    const given = JSON.parse(Buffer.from(line?.split(' ').at(-1) ?? '', 'base64').toString()) as {
      destinations: readonly { secretAccessKey: string }[];
    };
    expect(given.destinations.map(({ secretAccessKey }) => secretAccessKey)).toEqual([secret]);
  }
});

test('a key for a bucket that is made is refused, as it would not be used', async () => {
  const bucketKeys = { 'r2:orders-backups': { accessKeyId: 'one', secretAccessKey: 'two' } };
  await record(() => {
    expect(() => new CacheTier('orders', { config, bucketKeys })).toThrow('is the key of no bucket');
  });
});
