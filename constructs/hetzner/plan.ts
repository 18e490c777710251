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
  return result.plan;
}

function isHetzner(plan: CacheTierPlan): plan is HetznerTierPlan {
  return plan.target.kind === 'hetzner';
}
