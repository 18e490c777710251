import type { CacheTierConfig, TargetKind } from './config';
import { gapIssues, gapsOf } from './gaps';
import { ConfigError, type Issue } from './issue';
import type { CacheTierPlan } from './plan';
import { planTier } from './planner';
import { resolve, type PlanOptions } from './resolve';
import { configRules, gapRules, targetRules } from './rules';
import { validate } from './validate';

/** A config looked at: every finding, and the plan where none of them is an error. */
export interface CheckResult {
  readonly issues: readonly Issue[];
  readonly plan: CacheTierPlan | null;
}

/**
 * Looks at a config of any shape: all findings at once, and the plan where nothing refuses it.
 *
 * Pure, and never throws.
 *
 * @param input - what a file held or a program gave
 */
export function check(input: unknown, options: PlanOptions = {}): CheckResult {
  const { issues, parts, invalid } = validate(input);
  const kind = options.kind ?? parts.target?.kind;
  const judged = judge(parts, kind, options);
  const all = [...issues, ...judged.issues.filter((issue) => !invalid.some((path) => within(issue.path, path)))];
  const refused = all.some((issue) => issue.severity === 'error');
  return { issues: all, plan: refused || kind === undefined ? null : judged.plan(all) };
}

/**
 * The plan of a config.
 *
 * @throws ConfigError with every finding, when the config is refused
 */
export function plan(config: CacheTierConfig, options: PlanOptions = {}): CacheTierPlan {
  const result = check(config, options);
  if (!result.plan) throw new ConfigError(result.issues);
  return result.plan;
}

interface Judged {
  readonly issues: readonly Issue[];
  /** Makes the plan, once it is known that nothing refuses the config. */
  readonly plan: (warnings: readonly Issue[]) => CacheTierPlan;
}

/** Without a known target only the rules run that need none; any target serves to take the defaults then. */
function judge(parts: Partial<CacheTierConfig>, kind: TargetKind | undefined, options: PlanOptions): Judged {
  const tier = resolve(parts, kind ?? 'local', options);
  const findings = kind === undefined ? [] : gapRules.flatMap((rule) => rule(tier));
  const rules = kind === undefined ? configRules : [...configRules, ...targetRules];
  return {
    issues: [...rules.flatMap((rule) => rule(tier)), ...gapIssues(findings, tier)],
    plan: (warnings) => planTier(tier, gapsOf(findings, tier.accept), warnings),
  };
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}.`) || path.startsWith(`${folder}[`);
}
