import type { ByteSize } from './config';

const factors = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Bytes in `"8GiB"`. The text has the form that the schema asks for. */
export function bytes(size: ByteSize): number {
  const unit = size.slice(-3) as keyof typeof factors;
  return Math.round(Number(size.slice(0, -3)) * factors[unit]);
}

/** `8 GiB` or `512 MiB`, for people. */
export function formatBytes(count: number): string {
  const unit = count >= factors.TiB ? 'TiB' : count >= factors.GiB ? 'GiB' : 'MiB';
  return `${Number((count / factors[unit]).toFixed(2))} ${unit}`;
}
