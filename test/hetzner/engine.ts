import { spawn } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import * as grpc from '@grpc/grpc-js';

/* The SDK's own protocol definitions; they are JavaScript without types of their services. */
const { ResourceMonitorService } = require('@pulumi/pulumi/proto/resource_grpc_pb') as {
  ResourceMonitorService: grpc.ServiceDefinition;
};
const { EngineService } = require('@pulumi/pulumi/proto/engine_grpc_pb') as { EngineService: grpc.ServiceDefinition };
const resource = require('@pulumi/pulumi/proto/resource_pb') as typeof import('@pulumi/pulumi/proto/resource_pb');
const engine = require('@pulumi/pulumi/proto/engine_pb') as typeof import('@pulumi/pulumi/proto/engine_pb');
const empty =
  require('google-protobuf/google/protobuf/empty_pb') as typeof import('google-protobuf/google/protobuf/empty_pb');
const struct =
  require('google-protobuf/google/protobuf/struct_pb') as typeof import('google-protobuf/google/protobuf/struct_pb');

/** A resource as the SDK registers it with an engine. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Name of the parent; empty for the stack. */
  readonly parent: string;
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly protect: boolean;
}

/** What a run of a program did. */
export interface ProgramRun {
  readonly exitCode: number | null;
  readonly registered: readonly Registered[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
  /** Names of the hooks that the engine would call. */
  readonly hooks: readonly string[];
}

type Call = grpc.ServerUnaryCall<never, unknown>;
type Reply = grpc.sendUnaryData<unknown>;

/**
 * Runs a Pulumi program by the SDK's own runner, as the language host of the engine does, against an engine on loopback
 * that answers in preview: it records what is registered and creates nothing.
 *
 * @param folder - folder of the project
 * @param program - the file that `main` of Pulumi.yaml names, from the folder
 * @param config - config of the stack
 * @param secretKeys - those of its keys that were set with `--secret`
 */
export async function runProgram(
  folder: string,
  program: string,
  config: Readonly<Record<string, string>>,
  secretKeys: readonly string[] = [],
): Promise<ProgramRun> {
  const registered: Registered[] = [];
  const log: string[] = [];
  const hooks: string[] = [];
  let outputs: Readonly<Record<string, unknown>> = {};
  let root = '';
  const server = new grpc.Server();
  server.addService(ResourceMonitorService, {
    supportsFeature: (_call: Call, reply: Reply) => {
      const answer = new resource.SupportsFeatureResponse();
      answer.setHassupport(true);
      reply(null, answer);
    },
    registerResource: (call: Call, reply: Reply) => {
      const request = call.request as InstanceType<typeof resource.RegisterResourceRequest>;
      const urn = `urn:pulumi:test::cachetier::${request.getType()}::${request.getName()}`;
      registered.push({
        type: request.getType(),
        name: request.getName(),
        urn,
        parent: request.getParent().split('::').at(-1) ?? '',
        dependsOn: request.getDependenciesList(),
        ignoreChanges: request.getIgnorechangesList(),
        protect: request.getProtect() === true,
      });
      const answer = new resource.RegisterResourceResponse();
      answer.setUrn(urn);
      answer.setObject(request.getObject());
      reply(null, answer);
    },
    registerResourceOutputs: (call: Call, reply: Reply) => {
      const request = call.request as InstanceType<typeof resource.RegisterResourceOutputsRequest>;
      if (request.getUrn().includes('pulumi:pulumi:Stack')) outputs = request.getOutputs()?.toJavaScript() ?? {};
      reply(null, new empty.Empty());
    },
    registerResourceHook: (call: Call, reply: Reply) => {
      hooks.push((call.request as InstanceType<typeof resource.RegisterResourceHookRequest>).getName());
      reply(null, new empty.Empty());
    },
    signalAndWaitForShutdown: (_call: Call, reply: Reply) => {
      reply(null, new empty.Empty());
    },
    registerPackage: (_call: Call, reply: Reply) => {
      reply(null, new resource.RegisterPackageResponse());
    },
    invoke: (_call: Call, reply: Reply) => {
      reply(null, new struct.Struct());
    },
  } as unknown as grpc.UntypedServiceImplementation);
  server.addService(EngineService, {
    log: (call: Call, reply: Reply) => {
      log.push((call.request as InstanceType<typeof engine.LogRequest>).getMessage());
      reply(null, new empty.Empty());
    },
    getRootResource: (_call: Call, reply: Reply) => {
      const answer = new engine.GetRootResourceResponse();
      answer.setUrn(root);
      reply(null, answer);
    },
    setRootResource: (call: Call, reply: Reply) => {
      root = (call.request as InstanceType<typeof engine.SetRootResourceRequest>).getUrn();
      reply(null, new engine.SetRootResourceResponse());
    },
    requirePulumiVersion: (_call: Call, reply: Reply) => {
      reply(null, new empty.Empty());
    },
  } as unknown as grpc.UntypedServiceImplementation);
  const port = await listen(server);
  try {
    const exitCode = await start(folder, program, `127.0.0.1:${port}`, config, secretKeys);
    return { exitCode, registered, outputs, log, hooks };
  } finally {
    server.forceShutdown();
  }
}

function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function start(
  folder: string,
  program: string,
  address: string,
  config: Readonly<Record<string, string>>,
  secretKeys: readonly string[],
): Promise<number | null> {
  const runner = require.resolve('@pulumi/pulumi/cmd/run');
  const file = resolve(folder, program);
  // The engine runs a program in the folder of the program's own file, not in that of Pulumi.yaml.
  const pwd = dirname(file);
  const args = ['--monitor', address, '--engine', address, '--project', 'cachetier', '--stack', 'test'];
  const folders = ['--pwd', pwd, '--root-directory', folder];
  const child = spawn(
    process.execPath,
    [runner, ...args, ...folders, '--dry-run', '--parallel', '16', basename(file)],
    {
      cwd: pwd,
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
        PULUMI_NODEJS_TYPESCRIPT: 'false',
        PULUMI_ERROR_OUTPUT_STRING: 'true',
      },
      stdio: 'ignore',
    },
  );
  return new Promise((resolve) => child.on('close', resolve));
}
