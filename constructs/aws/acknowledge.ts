import { Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a finding of cdk-nag's AwsSolutions pack, through aws-cdk-lib alone: nothing happens where nobody runs it.
 *
 * @param rule - number of the rule, such as `AEC6`
 * @param reason - why the finding does not hold here
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
