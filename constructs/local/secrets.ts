import type { NodesTierPlan, NodeSecrets } from '../node';
import { makeCertificates } from './certificates';
import { password, passwordsOf } from './users';

/** Passwords and certificates of a new tier. */
export async function makeSecrets(plan: NodesTierPlan): Promise<NodeSecrets> {
  return {
    users: passwordsOf(plan, {}),
    internal: {
      replication: password(),
      sentinel: password(),
      sentinelAdmin: password(),
      operator: password(),
      exporter: password(),
      backup: password(),
    },
    ...(await makeCertificates(
      plan.target.primaryName,
      plan.target.nodes.map(({ letter }) => letter),
    )),
    buckets: {},
  };
}
