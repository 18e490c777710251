import type { Segment } from './paths';

/** A CDK token in text or in a list, and a Pulumi Output that was turned into text. */
const foreignText = /[$#]\{Token\[|Calling \[to(String|JSON)\] on an \[Output<T>\] is not supported/;

/** Whether text holds a CDK token or what a Pulumi Output becomes as text: its value is not known yet. */
export function isForeignText(text: string): boolean {
  return foreignText.test(text);
}

/** Whether a number is a CDK token: `Token.asNumber` marks it by the first 16 bits of the double. */
export function isForeignNumber(value: number): boolean {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  return bytes.getUint32(0) === 0xfbff0000;
}

/** Whether an object is a value of the language itself, such as a Date or a Map, and no resource of a program. */
export function isBuiltIn(input: object): boolean {
  return Object.prototype.toString.call(input) !== '[object Object]';
}

/** Which prop of the construct or argument of the component takes what the config must not hold. */
export function instead(at: readonly Segment[]): string {
  const field = at.findLast((segment) => typeof segment === 'string');
  const named = field === undefined ? undefined : props[field];
  return `a config holds plain values only; ${named ?? anyProp}`;
}

const anyProp =
  'give resources to the construct: vpc, vpcSubnets, securityGroups or encryptionKey on AWS, ' +
  'networkId, existingSshKeys or bucketKeys at Hetzner';

const env = 'give it to the stack: env: { account, region }';
const network = 'give an existing network to the component: networkId';

/** By the field of the config. A map, since a key of the config may be any word. */
const props: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null) as object, {
  vpcId: 'give the network to the construct: vpc',
  clients: 'admit it by the construct: connections.allowDefaultPortFrom(…) or securityGroups',
  account: env,
  region: env,
  networkRange: network,
  subnetRange: network,
  sshKeys: 'give existing keys to the component: existingSshKeys',
  to: 'name the bucket in plain text, and give its keys to the component: bucketKeys',
  bucket: 'name the bucket in plain text, and give its keys to the component: bucketKeys',
});
