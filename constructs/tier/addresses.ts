/** An IPv4 network as numbers: the first address and how many there are. */
export interface Network {
  readonly first: number;
  readonly size: number;
}

/** The network of a CIDR, its host bits cleared. The text has the form that the schema asks for. */
export function network(cidr: string): Network {
  const [address = '0.0.0.0', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = toNumber(address);
  return { first: value - (value % size), size };
}

/** Whether the host bits of a CIDR are zero, as services demand: `10.0.0.1/16` is not a network. */
export function isNetwork(cidr: string): boolean {
  return toNumber(cidr.split('/')[0] ?? '') === network(cidr).first;
}

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [o, i] = [network(outer), network(inner)];
  return i.first >= o.first && i.first + i.size <= o.first + o.size;
}

/** The address at an offset in a network, as text. */
export function addressAt(cidr: string, offset: number): string {
  return toText(network(cidr).first + offset);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
