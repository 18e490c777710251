import { defineCacheTier } from 'cachetier';

// Refused: an open port is taken over within hours, and `default` is the user of everybody who does not log in.
export default defineCacheTier({
  name: 'shop-cache',
  workload: 'cache',
  dataset: '2GiB',
  access: { clients: ['0.0.0.0/0'], users: [{ name: 'default' }] },
  target: { kind: 'elasticache' },
});
