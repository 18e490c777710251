import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import { labelsOf } from './labels';
import type { HetznerTierPlan } from './plan';

/** What a program gives and adjusts of the network. */
export interface NetworkResources {
  /**
   * Id of an existing private network; the subnet of the nodes is made in it. `target.networkRange` of the config must
   * then be the range of that network, and `target.subnetRange` a free part of it.
   *
   * @default - a network of its own
   */
  readonly networkId?: pulumi.Input<number | string>;
  /**
   * Last word on the private network, where it is the tier's own.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustNetwork?: (drawn: hcloud.NetworkArgs) => hcloud.NetworkArgs;
  /**
   * Last word on the subnet of the nodes.
   *
   * @default - the args drawn from the plan are used as they are
   */
  readonly adjustSubnet?: (drawn: hcloud.NetworkSubnetArgs) => hcloud.NetworkSubnetArgs;
}

/**
 * The subnet of the nodes, in a network of the tier's own or in the one given.
 *
 * Both are protected like the servers: another range would replace them, and take away the addresses of the nodes.
 *
 * @returns id of the subnet, which names its network as well
 */
export function defineSubnet(
  name: string,
  plan: HetznerTierPlan,
  { networkId: given, adjustNetwork, adjustSubnet }: NetworkResources,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const kept = { ...opts, protect: plan.onRemoval !== 'destroy' };
  const { networkRange, networkZone, subnetRange } = plan.target;
  const defineNetwork = (): pulumi.Output<string> => {
    const drawn: hcloud.NetworkArgs = {
      name: plan.names['network'] ?? name,
      ipRange: networkRange,
      labels: labelsOf(plan),
      deleteProtection: kept.protect,
    };
    return new hcloud.Network(`${name}-network`, adjustNetwork?.(drawn) ?? drawn, kept).id;
  };
  const drawn: hcloud.NetworkSubnetArgs = {
    networkId: pulumi.output(given ?? defineNetwork()).apply(Number),
    type: 'cloud',
    networkZone,
    ipRange: subnetRange,
  };
  return new hcloud.NetworkSubnet(`${name}-subnet`, adjustSubnet?.(drawn) ?? drawn, kept).id;
}
