import { defineCacheTier } from 'cachetier';

/** An event log: on servers in production, on MemoryDB where a team asks for it by `--target memorydb`. */
export default defineCacheTier({
  name: 'events',
  workload: 'stream',
  dataset: '4GiB',
  durability: 'everysec',
  access: { admin: ['203.0.113.7/32'], users: [{ name: 'writer', keys: 'events:*' }] },
  target: { kind: 'hetzner', location: 'hel1', serverType: 'cx43' },
  targets: { memorydb: { region: 'eu-central-1' } },
});
