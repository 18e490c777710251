import { defineCacheTier } from 'cachetier';

export default defineCacheTier({
  name: 'shop-cache',
  workload: 'cache',
  dataset: '2GiB',
  target: { kind: 'hetzner' },
});
