import { shortHash, uniqueName } from '../names';
import type { TargetPlan, UserPlan } from '../plan';
import type { ResolvedTier } from '../resolved';

/** Longest identifier of users, groups, caches and MemoryDB resources. Source: L1 documentation of each, 40 characters. */
const AWS_LIMIT = 40;

/** Longest parameter group name of MemoryDB. */
const PARAMETER_GROUP_LIMIT = 100;

/** Name and stage of a tier. */
export function tierName(tier: Pick<ResolvedTier, 'name' | 'stage'>): string {
  return tier.stage ? `${tier.name}-${tier.stage}` : tier.name;
}

/**
 * Every physical name that the target needs.
 *
 * CloudFormation cannot replace a resource with a fixed name in place, so only what demands a name has one.
 */
export function planNames(tier: ResolvedTier, users: readonly UserPlan[], target: TargetPlan): Record<string, string> {
  const name = tierName(tier);
  const stack = `cachetier-${name}-${target.kind}`;
  const unique = (...words: string[]): string => uniqueName([name, ...words], tier.identity, AWS_LIMIT);
  switch (target.kind) {
    case 'elasticache':
      return { stack, userGroup: unique('nodes'), ...userIds(users, (user) => unique('nodes', user)) };
    case 'elasticache-serverless':
      return {
        stack,
        cache: unique('serverless'),
        userGroup: unique('serverless', 'users'),
        finalSnapshot: unique('serverless', 'final'),
        ...userIds(users, (user) => unique('serverless', user)),
      };
    case 'memorydb':
      return {
        stack,
        cluster: unique(),
        acl: unique('acl'),
        subnetGroup: unique('subnets'),
        parameterGroup: parameterGroupName(name, tier.identity, target),
        finalSnapshot: unique('final'),
        ...Object.fromEntries(users.map((user) => [`user:${user.name}`, user.login])),
      };
    case 'hetzner':
      return {
        stack,
        network: name,
        subnet: `${name}-nodes`,
        ...(target.spread ? { placementGroup: `${name}-spread` } : {}),
        firewall: name,
        deployKey: `${name}-deploy`,
        ...(target.monitoringServer === null ? {} : { monitoringServer: target.monitoringServer.name }),
        ...Object.fromEntries(target.nodes.map((node) => [`node:${node.letter}`, node.name])),
      };
    case 'local':
      return { stack, ...Object.fromEntries(target.nodes.map((node) => [`node:${node.letter}`, node.name])) };
  }
}

/** Family and values are part of the name: a change of either makes a new group, which the cluster can move to. */
function parameterGroupName(
  name: string,
  identity: string,
  target: { readonly parameterGroupFamily: string; readonly parameters: Readonly<Record<string, string>> },
): string {
  const values = Object.entries(target.parameters).sort(([a], [b]) => a.localeCompare(b));
  const family = target.parameterGroupFamily.replaceAll('_', '-');
  return uniqueName([name, family, shortHash(JSON.stringify(values), 6)], identity, PARAMETER_GROUP_LIMIT);
}

function userIds(users: readonly UserPlan[], id: (user: string) => string): Record<string, string> {
  return Object.fromEntries(users.map((user) => [`user:${user.name}`, id(user.name)]));
}
