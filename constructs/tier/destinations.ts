import type { BackupDestination, BackupRetention, BackupSchedule } from './config';
import type { BackupDestinationPlan } from './plan';

/** What a destination takes over from the tier where it says nothing itself. */
export interface DestinationDefaults {
  readonly schedule: BackupSchedule;
  readonly keep: { readonly daily: number; readonly weekly: number };
  readonly prefix: string;
}

/**
 * A bucket with its endpoint, region and schedule.
 *
 * Where neither an endpoint nor what it is made from was given, the endpoint is empty; a rule refuses that config.
 */
export function planDestination(asked: BackupDestination, defaults: DestinationDefaults): BackupDestinationPlan {
  return {
    id: `${asked.provider}:${asked.bucket}`,
    provider: asked.provider,
    bucket: asked.bucket,
    prefix: (asked.prefix ?? defaults.prefix).replace(/\/+$/, ''),
    ...location(asked),
    schedule: asked.schedule ?? (defaults.schedule === 'none' ? 'daily' : defaults.schedule),
    keep: keepOf(asked.keep, defaults.keep),
    create:
      asked.provider === 'r2' && asked.create
        ? { accountId: asked.accountId ?? '', jurisdiction: asked.jurisdiction ?? 'default' }
        : null,
  };
}

/** Retention with both counts, the missing ones from `otherwise`. */
export function keepOf(
  asked: BackupRetention | undefined,
  otherwise: { readonly daily: number; readonly weekly: number },
): { readonly daily: number; readonly weekly: number } {
  if (!asked) return otherwise;
  return { daily: asked.daily ?? otherwise.daily, weekly: asked.weekly ?? otherwise.weekly };
}

/** Endpoint of an R2 bucket; one of a jurisdiction answers on no other. Source: developers.cloudflare.com/r2/api/s3/api */
export function r2Endpoint(accountId: string, jurisdiction: 'default' | 'eu' | 'fedramp'): string {
  const part = jurisdiction === 'default' ? '' : `.${jurisdiction}`;
  return `https://${accountId}${part}.r2.cloudflarestorage.com`;
}

/** Endpoint of a B2 region. Source: backblaze.com/docs/cloud-storage-call-the-s3-compatible-api */
export function b2Endpoint(region: string): string {
  return `https://s3.${region}.backblazeb2.com`;
}

/** Region in a B2 endpoint, or null where it is not one. */
export function b2Region(endpoint: string): string | null {
  return /^https:\/\/s3\.([a-z]{2}-[a-z]+-\d{3})\.backblazeb2\.com$/.exec(endpoint)?.[1] ?? null;
}

function location(asked: BackupDestination): { readonly endpoint: string; readonly region: string } {
  switch (asked.provider) {
    case 'r2': {
      const made = asked.accountId ? r2Endpoint(asked.accountId, asked.jurisdiction ?? 'default') : '';
      return { endpoint: asked.endpoint ?? made, region: 'auto' };
    }
    case 'b2': {
      const region = asked.region ?? (asked.endpoint ? b2Region(asked.endpoint) : null) ?? '';
      return { endpoint: asked.endpoint ?? (region ? b2Endpoint(region) : ''), region };
    }
    case 's3':
      return { endpoint: asked.endpoint, region: asked.region ?? 'us-east-1' };
  }
}
