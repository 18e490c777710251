import { join } from 'node:path';
import { CacheTier } from '../../constructs/aws';
import { type Drawn, only, orders, templateOf } from './support';

/** What the service would be asked, by the fake of its client. */
const sent: { readonly command: string; readonly input: unknown }[] = [];
/** What CloudFormation would be told. */
const answers: { readonly Status: string; readonly PhysicalResourceId: string }[] = [];

jest.mock(
  '@aws-sdk/client-memorydb',
  () => ({
    MemoryDBClient: class {
      readonly config = { apiVersion: '2021-01-01', region: () => Promise.resolve('eu-central-1') };
      send(command: { readonly input: unknown }) {
        sent.push({ command: command.constructor.name, input: command.input });
        return Promise.resolve({});
      }
    },
    UpdateParameterGroupCommand: class UpdateParameterGroupCommand {
      constructor(readonly input: unknown) {}
    },
  }),
  { virtual: true },
);

jest.mock('https', () => ({
  request: (_options: unknown, done: (response: object) => void) => ({
    on: () => undefined,
    write: (body: string) => answers.push(JSON.parse(body) as (typeof answers)[number]),
    end: () => done({ resume: () => undefined, statusCode: 200, on: () => undefined }),
  }),
}));

type Handler = (event: object, context: object) => Promise<void>;

/** The very function that CDK deploys for the call. */
function handler(): Handler {
  const folder = join(require.resolve('aws-cdk-lib/package.json'), '../custom-resource-handlers/dist/custom-resources');
  return jest.requireActual<{ handler: Handler }>(join(folder, 'aws-custom-resource-handler/index.js')).handler;
}

function event(call: Drawn, type: 'Create' | 'Update'): object {
  const text = JSON.stringify(call.Properties).replaceAll(/\{"Ref":"\w*ParameterGroup\w*"\}/g, '"orders-group"');
  const joins = JSON.parse(text) as Record<string, { 'Fn::Join': [string, string[]] } | boolean | string>;
  const properties = Object.entries(joins).map(([key, value]) => [
    key,
    typeof value === 'object' && 'Fn::Join' in value ? value['Fn::Join'][1].join('') : value,
  ]);
  return {
    RequestType: type,
    ResponseURL: 'https://answers.example/',
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'resource',
    PhysicalResourceId: 'orders-group-1',
    ResourceProperties: { ...(Object.fromEntries(properties) as object), ServiceToken: 'token' },
    OldResourceProperties: {},
  };
}

test.each(['Create', 'Update'] as const)('the deployed function sets the values of the group on %s', async (type) => {
  const config = { ...orders, evictionPolicy: 'allkeys-lfu' } as const;
  const template = templateOf((stack) => new CacheTier(stack, 'Cache', { config, kind: 'memorydb' }));
  const quiet = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  sent.length = answers.length = 0;
  await handler()(event(only(template, 'Custom::CachetierMemoryDbParameters'), type), { logStreamName: 'log' });
  quiet.mockRestore();
  expect(sent).toEqual([
    {
      command: 'UpdateParameterGroupCommand',
      input: {
        ParameterGroupName: 'orders-group',
        ParameterNameValues: [{ ParameterName: 'maxmemory-policy', ParameterValue: 'allkeys-lfu' }],
      },
    },
  ]);
  expect(answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'orders-group-1' })]);
});
