import { check, defineCacheTier, plan, type CacheTierPlan, type Issue } from 'cachetier';
import { parseAccess, rollOut } from 'cachetier/rollout';

const config = defineCacheTier({ name: 'orders', workload: 'cache', dataset: '2GiB', target: { kind: 'memorydb' } });
const drawn: CacheTierPlan = plan(config);
const issues: readonly Issue[] = check({}).issues;
const nodes: number | null = drawn.topology.nodes;
// @ts-expect-error - a workload that is none: the types are real, not any
defineCacheTier({ name: 'orders', workload: 'cahce', dataset: '2GiB', target: { kind: 'memorydb' } });

if (nodes !== 2 || issues.length !== 4 || drawn.kind !== 'memorydb')
  throw new Error('the plan is not what it should be');

let refused = '';
try {
  parseAccess('{}');
} catch (error) {
  refused = (error as Error).message;
}
if (refused === '' || typeof rollOut !== 'function') throw new Error('the door of the rollout does not open');
