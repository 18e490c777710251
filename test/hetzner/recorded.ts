import * as pulumi from '@pulumi/pulumi';

/** A resource as the program asked for it. */
export interface Recorded {
  /** What a provider would call it. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly custom: boolean;
}

/** What the SDK sends around a secret, so that an engine encrypts it. */
const secretMark = '4dabf18193072939515e22adb298388d';
const secretValue = '1b47061264138c4ac30d75fd1eb44270';

/** Runs a program under recorded mocks: every resource it registers, once all of them are. */
export async function record(program: () => void): Promise<readonly Recorded[]> {
  const resources: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        const id = String(resources.length + 1);
        resources.push({
          id,
          type: args.type,
          name: args.name,
          inputs: args.inputs as Recorded['inputs'],
          custom: args.custom ?? false,
        });
        return {
          id,
          state: { ...(args.inputs as object), ...stateOf(args.type, args.name) },
        };
      },
      call: (args) => answerOf(args.token, args.inputs as Record<string, unknown>),
    },
    'cachetier',
    'test',
    false,
  );
  program();
  await settled();
  return resources;
}

/** What a provider answers when it is asked. */
function answerOf(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (!token.includes('PermissionGroups')) return inputs;
  return { ...inputs, results: [{ id: 'group-of-r2', name: 'Workers R2 Storage Bucket Item Write' }] };
}

/** Registering is asynchronous, and a resource may register others when its outputs are known. */
async function settled(): Promise<void> {
  const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs: () => Promise<void> };
  await waitForRPCs();
}

/** What a provider would answer; made-up keys are marked so that a test can look for them. */
function stateOf(type: string, name: string): Record<string, unknown> {
  switch (type) {
    case 'cloudflare:index/accountToken:AccountToken':
      return { value: `PRIVATE-${name}` };
    case 'tls:index/privateKey:PrivateKey':
      return {
        privateKeyPem: `PRIVATE-${name}`,
        privateKeyOpenssh: `PRIVATE-${name}`,
        publicKeyOpenssh: `ssh-ed25519 PUBLIC-${name}`,
      };
    case 'tls:index/selfSignedCert:SelfSignedCert':
    case 'tls:index/locallySignedCert:LocallySignedCert':
      return { certPem: `CERT-${name}` };
    case 'tls:index/certRequest:CertRequest':
      return { certRequestPem: `REQUEST-${name}` };
    case 'random:index/randomPassword:RandomPassword':
      return { result: `PASSWORD-${name}` };
    case 'hcloud:index/server:Server':
      return { ipv4Address: '203.0.113.1' };
    default:
      return {};
  }
}

/** Whether a value was sent as a secret. */
export function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[secretMark] === secretValue;
}

/** The value inside a secret, or the value itself. */
export function plainOf(value: unknown): unknown {
  return isSecret(value) ? (value as { value: unknown }).value : value;
}

/** Every text in a value that is not inside a secret. */
export function openTexts(value: unknown): readonly string[] {
  if (isSecret(value)) return [];
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(openTexts);
}
