import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import { labelsOf } from './labels';
import type { HetznerTierPlan } from './plan';

/** The private network of a tier. */
export interface TierNetwork {
  readonly networkId: pulumi.Output<number>;
  readonly subnetId: pulumi.Output<string>;
}

/** The subnet of the nodes, in a network of the tier's own or in the one given. */
export function defineNetwork(
  name: string,
  plan: HetznerTierPlan,
  given: pulumi.Input<number> | undefined,
  opts: pulumi.CustomResourceOptions,
): TierNetwork {
  const { networkRange, networkZone, subnetRange } = plan.target;
  const networkId =
    given === undefined
      ? new hcloud.Network(
          `${name}-network`,
          {
            name: plan.names['network'] ?? name,
            ipRange: networkRange,
            labels: labelsOf(plan),
            deleteProtection: plan.onRemoval !== 'destroy',
          },
          opts,
        ).id.apply(Number)
      : pulumi.output(given);
  const subnet = new hcloud.NetworkSubnet(
    `${name}-subnet`,
    { networkId, type: 'cloud', networkZone, ipRange: subnetRange },
    opts,
  );
  return { networkId, subnetId: subnet.id };
}
