import { Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a finding of cdk-nag's AwsSolutions pack, through aws-cdk-lib alone: nothing happens where nobody runs it.
 *
 * It writes the metadata that the packs read. `Validations.acknowledge` writes the same, and refuses the names of some
 * findings in aws-cdk-lib 2.262, because there is a `::` in them.
 *
 * @param rule - number of the rule, such as `AEC6`
 * @param reason - why the finding does not hold here
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  scope.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`AwsSolutions-${rule}`]: reason });
}
