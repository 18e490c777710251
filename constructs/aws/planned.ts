import { Annotations, Stack, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { CloudWatchKind } from '../monitoring/cloudwatch';
import { plan } from '../tier/check';
import { ConfigError, type Issue } from '../tier/issue';
import type { CacheTierPlan, TargetPlan } from '../tier/plan';
import type { TargetKind } from '../tier/config';
import type { TierProps } from './props';

/** A kind of target that CDK draws. */
export type AwsKind = CloudWatchKind;

/** A plan whose target is known. */
export type PlanOf<K extends AwsKind> = CacheTierPlan & {
  readonly target: Extract<TargetPlan, { kind: K }>;
};

/** Most resources that CloudFormation takes in one stack. Source: AWSCloudFormation/latest/UserGuide/cloudformation-limits. */
const MOST_RESOURCES = 500;

/**
 * The plan of a construct: tags it, passes the warnings and the accepted gaps on as annotations, and has the stack say
 * in time when it grows beyond what CloudFormation takes.
 *
 * @throws ConfigError with every finding, when the config is refused
 */
export function planFor<K extends AwsKind>(scope: Construct, kind: K, props: TierProps): PlanOf<K> {
  const made = judge({ ...props, identity: props.identity ?? identityOf(scope) }, kind);
  for (const warning of made.warnings) warn(scope, warning);
  for (const { gap, given, asked, accepted } of made.gaps) {
    Annotations.of(scope).addInfoV2(
      `cachetier:gap-${gap}`,
      `accepted gap "${gap}": ${given} instead of ${asked}, because: ${accepted}`,
    );
  }
  for (const [key, value] of Object.entries(made.tags)) Tags.of(scope).add(key, value);
  scope.node.addValidation({
    validate: () => tooManyResources(Stack.of(scope)),
  });
  // `plan` was asked for this kind, and the target of a plan is of the plan's kind.
  return made as PlanOf<K>;
}

/** The plan and nothing else, from JavaScript programs too, which may leave out what TypeScript demands. */
export function judge({ config, identity }: TierProps, kind: TargetKind | undefined): CacheTierPlan {
  return plan(config, {
    ...(kind === undefined ? {} : { kind }),
    ...(identity === undefined ? {} : { identity }),
  });
}

/** Stack and path: unique in an account also where one program is deployed under several stack names. */
export function identityOf(scope: Construct): string {
  return `${Stack.of(scope).stackName}/${scope.node.path}`;
}

/** Passes a warning on to whoever reads the output of `cdk synth`. */
export function warn(scope: Construct, { code, path, message }: Omit<Issue, 'severity'>): void {
  Annotations.of(scope).addWarningV2(`cachetier:${code}`, `${path}: ${message}`);
}

/** Refuses the config for one reason that only shows where it is drawn. */
export function refuse(code: string, path: string, message: string): never {
  throw new ConfigError([{ code, path, severity: 'error', message }]);
}

/** Path of the fields of the chosen target in the config. */
export function targetPath(props: TierProps, kind: AwsKind): string {
  return props.config.target.kind === kind ? 'target' : `targets.${kind}`;
}

function tooManyResources(stack: Stack): string[] {
  const count = stack.node.findAll().filter((child) => 'cfnResourceType' in child && Stack.of(child) === stack).length;
  if (count <= MOST_RESOURCES) return [];
  return [
    `stack ${stack.stackName} has ${count} resources, and CloudFormation takes ${MOST_RESOURCES}; ` +
      'give this tier a stack of its own, or share one vpc between tiers',
  ];
}
