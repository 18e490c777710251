import * as pulumi from '@pulumi/pulumi';
import { check } from '../tier/check';
import type { CacheTierConfig, TargetKind } from '../tier/config';
import { ConfigError, formatIssue } from '../tier/issue';
import type { CacheTierPlan, HetznerPlan } from '../tier/plan';

/** The plan of a tier on Hetzner servers. */
export type HetznerTierPlan = CacheTierPlan & { readonly target: HetznerPlan };

/**
 * Plans a config for Hetzner and passes its warnings on to the engine's log.
 *
 * @throws ConfigError with every finding, when the config is refused or its target is not Hetzner
 */
export function planForHetzner(
  config: CacheTierConfig,
  kind: TargetKind | undefined,
  identity: string | undefined,
  resource: pulumi.Resource,
): HetznerTierPlan {
  const result = check(config, { ...(kind ? { kind } : {}), ...(identity === undefined ? {} : { identity }) });
  if (!result.plan) throw new ConfigError(result.issues);
  for (const warning of result.plan.warnings) void pulumi.log.warn(formatIssue(warning), resource);
  if (!isHetzner(result.plan)) {
    throw new ConfigError([
      {
        code: 'TargetIsHetzner',
        path: 'target.kind',
        severity: 'error',
        message: `this component draws hetzner, got "${result.plan.kind}"; choose it by kind: "hetzner"`,
      },
    ]);
  }
  refuseWithoutSsh(result.plan);
  return result.plan;
}

/** Planning only warns of it; a deployment would pay for servers and then wait in vain for one to answer. */
function refuseWithoutSsh(plan: HetznerTierPlan): void {
  if (plan.access.admin.length > 0) return;
  throw new ConfigError([
    {
      code: 'DeployNeedsSsh',
      path: 'access',
      severity: 'error',
      message:
        'access.admin is empty, so SSH answers nobody and the secrets cannot be brought to the nodes; ' +
        'add the address that you deploy from, such as admin: ["203.0.113.7/32"]',
    },
  ]);
}

function isHetzner(plan: CacheTierPlan): plan is HetznerTierPlan {
  return plan.target.kind === 'hetzner';
}
