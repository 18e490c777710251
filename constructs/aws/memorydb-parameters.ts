import * as iam from 'aws-cdk-lib/aws-iam';
import * as memorydb from 'aws-cdk-lib/aws-memorydb';
import { Stack } from 'aws-cdk-lib/core';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { PlanOf } from './planned';

/** Last words on the parameter group. */
export interface AdjustMemoryDbParameters {
  /**
   * Last word on the parameter group. Give it another name with other values, so that a rollback finds the old one.
   *
   * @default - the props drawn from the plan are used as they are
   */
  readonly adjustParameterGroup?: (drawn: memorydb.CfnParameterGroupProps) => memorydb.CfnParameterGroupProps;
}

/** Most parameters of one call. Source: memorydb/latest/APIReference/API_UpdateParameterGroup. */
const MOST_PARAMETERS = 20;

/**
 * The parameter group, with its values really applied.
 *
 * CloudFormation makes a MemoryDB parameter group with the defaults of its family and reports success
 * (cloudformation-coverage-roadmap#2558, open in November 2026), so `maxmemory-policy` would stay what it is. A call of
 * UpdateParameterGroup sets the values before the cluster is made or moved to the group.
 *
 * @returns the group, and what the cluster has to wait for
 */
export function defineMemoryDbParameters(
  scope: Construct,
  plan: PlanOf<'memorydb'>,
  { adjustParameterGroup }: AdjustMemoryDbParameters,
): {
  readonly parameterGroup: memorydb.CfnParameterGroup;
  readonly applied: Construct;
} {
  const { parameterGroupFamily, parameters } = plan.target;
  const drawn: memorydb.CfnParameterGroupProps = {
    parameterGroupName: plan.names['parameterGroup'] ?? '',
    family: parameterGroupFamily,
    description: `parameters of the cache tier ${plan.name}`,
    parameters: { ...parameters },
  };
  const final = adjustParameterGroup ? adjustParameterGroup(drawn) : drawn;
  const parameterGroup = new memorydb.CfnParameterGroup(scope, 'ParameterGroup', final);
  return {
    parameterGroup,
    applied: applyParameters(scope, parameterGroup, Object.entries(valuesOf(final))),
  };
}

function valuesOf(group: memorydb.CfnParameterGroupProps): Readonly<Record<string, string>> {
  // `any` in L1; the service takes names with texts.
  return (group.parameters ?? {}) as Record<string, string>;
}

function applyParameters(
  scope: Construct,
  group: memorydb.CfnParameterGroup,
  values: readonly (readonly [string, string])[],
): Construct {
  const applied = new Construct(scope, 'Parameters');
  const policy = AwsCustomResourcePolicy.fromStatements([
    new iam.PolicyStatement({
      actions: ['memorydb:UpdateParameterGroup'],
      resources: [group.attrArn],
    }),
  ]);
  let previous: AwsCustomResource | undefined;
  for (let start = 0; start < values.length; start += MOST_PARAMETERS) {
    const call = new AwsCustomResource(applied, `Values${start / MOST_PARAMETERS + 1}`, {
      resourceType: 'Custom::CachetierMemoryDbParameters',
      policy,
      installLatestAwsSdk: false,
      // Runs on creation too, where no other call is given.
      onUpdate: {
        service: 'memorydb',
        action: 'UpdateParameterGroup',
        physicalResourceId: PhysicalResourceId.of(`${group.ref}-${start / MOST_PARAMETERS + 1}`),
        parameters: {
          ParameterGroupName: group.ref,
          ParameterNameValues: values.slice(start, start + MOST_PARAMETERS).map(([name, value]) => ({
            ParameterName: name,
            ParameterValue: value,
          })),
        },
      },
    });
    // Two calls at once on one group are refused by the service.
    if (previous) call.node.addDependency(previous);
    previous = call;
  }
  acknowledgeProvider(scope);
  return applied;
}

/** The function is CDK's own, one for all such calls of a stack. */
function acknowledgeProvider(scope: Construct): void {
  const id = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll('-', '')}`;
  const provider = Stack.of(scope).node.tryFindChild(id);
  if (!provider) return;
  acknowledge(provider, 'L1', 'CDK chooses the runtime of its own function and moves it with its releases');
  acknowledge(
    provider,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    'CDK gives its own function the right to write its log, and nothing else',
  );
}
