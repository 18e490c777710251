import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb';
import { record } from './recorded';

/** What the SDK asks an engine for, beside the inputs of the resource. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** `type name` of the parent, without the types of the parent's own parents; of the stack where there is no other. */
  readonly parent: string;
  /** Names of the resources that come before. */
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly secretOutputs: readonly string[];
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  /** What replaces the resource when it changes; empty where nothing does. */
  readonly replacementTrigger: string;
  /** Reference of the provider, or empty for the default one. */
  readonly provider: string;
}

interface Monitor {
  registerResource: (request: RegisterResourceRequest, reply: unknown) => Promise<void>;
}

/** Runs a program under recorded mocks: what it registers, with the options that mocks do not tell. */
export async function register(program: () => void): Promise<readonly Registration[]> {
  const registrations: Registration[] = [];
  await record(() => {
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const original = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, reply) => {
      registrations.push(registration(request));
      return original(request, reply);
    };
    program();
  });
  return registrations;
}

function registration(request: RegisterResourceRequest): Registration {
  const [type = '', name = ''] = request.getParent().split('::').slice(-2);
  return {
    type: request.getType(),
    name: request.getName(),
    parent: `${type.split('$').at(-1)} ${name}`,
    dependsOn: request.getDependenciesList().map((urn) => urn.split('::').at(-1) ?? ''),
    ignoreChanges: request.getIgnorechangesList(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    protect: request.getProtect() === true,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replacementTrigger: request.getReplacementTrigger()?.getStringValue() ?? '',
    provider: request.getProvider(),
  };
}
