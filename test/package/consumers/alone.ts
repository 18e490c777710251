import { check, defineCacheTier, plan, type CacheTierPlan, type Issue } from 'cachetier';

const config = defineCacheTier({ name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'memorydb' } });
const drawn: CacheTierPlan = plan(config);
const issues: readonly Issue[] = check({}).issues;
const nodes: number | null = drawn.topology.nodes;
// @ts-expect-error - a workload that is none: the types are real, not any
defineCacheTier({ name: 'orders', workload: 'cahce', dataset: '2GiB', target: { kind: 'memorydb' } });

if (nodes !== 2 || issues.length !== 4 || drawn.kind !== 'memorydb')
  throw new Error('the plan is not what it should be');
