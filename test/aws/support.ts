import { App, Stack, type StackProps } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import type { AwsKind } from '../../constructs/aws';
import type { CacheTierConfig } from '../../constructs/tier/config';

// CDK's validator takes seconds for each template; the tests of the app run it.
process.env['CDK_VALIDATION'] = 'false';

/** A tier that every AWS target takes as it is. */
export const orders: CacheTierConfig = {
  name: 'orders',
  workload: 'cache',
  dataset: '8GiB',
  access: { clients: ['10.1.0.0/16'] },
  target: { kind: 'elasticache' },
};

/** The kinds, so that a new one without tests does not compile. */
export const kinds = Object.keys({
  elasticache: true,
  'elasticache-serverless': true,
  memorydb: true,
} satisfies Record<AwsKind, true>) as AwsKind[];

/** Type of the resource that holds the data. */
export const dataType: Readonly<Record<AwsKind, string>> = {
  elasticache: 'AWS::ElastiCache::ReplicationGroup',
  'elasticache-serverless': 'AWS::ElastiCache::ServerlessCache',
  memorydb: 'AWS::MemoryDB::Cluster',
};

/** A stack in an app of its own. */
export function newStack(props?: StackProps, context?: Record<string, unknown>): Stack {
  return new Stack(new App({ context: { ...context } }), 'Stack', props);
}

/** The template of what `draw` draws. */
export function templateOf(draw: (stack: Stack) => unknown, props?: StackProps): Template {
  const stack = newStack(props);
  draw(stack);
  return Template.fromStack(stack);
}

/** The one resource of a type, with its logical id. */
export function only(template: Template, type: string): Drawn {
  const found = all(template, type);
  const [first] = found;
  if (!first || found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return first;
}

/** The resources of a type, or all, in the order of the template. */
export function all(template: Template, type?: string): readonly Drawn[] {
  const resources = template.toJSON()['Resources'] as Record<string, Resource>;
  return Object.entries(resources)
    .filter(([, resource]) => type === undefined || resource.Type === type)
    .map(([id, resource]) => ({ id, ...resource }));
}

/** What a stack resolves a token to. */
export function resolved(stack: Stack, value: unknown): unknown {
  return stack.resolve(value);
}

/** A resource with its logical id. */
export type Drawn = Resource & { readonly id: string };

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: unknown;
}
