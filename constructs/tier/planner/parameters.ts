import { serviceSetting } from '../catalogue/service-settings';
import { settingNamed } from '../catalogue/settings';
import type { ResolvedTier } from '../resolved';
import { complaint } from '../setting-fit';
import { memoryBytes } from '../sizing';

/**
 * Settings as parameters of a service: only what it takes, in its own spelling.
 *
 * What it does not take is a gap that the config accepted; put into a parameter group it would fail the deployment.
 */
export function serviceParameters(tier: ResolvedTier): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tier.settings).flatMap(([name, value]): readonly (readonly [string, string])[] => {
      const service = serviceSetting(tier.chosen.kind, name, tier.engineVersion);
      if (service?.kind !== 'free' || complaint(service.value, value) !== null) return [];
      if (name === 'client-output-buffer-limit') return bufferLimits(value);
      // Parameters are plain bytes; `64mb` is the spelling of valkey.conf.
      const amount = settingNamed(name, tier.engineVersion)?.value.type === 'bytes' ? memoryBytes(value) : null;
      return [[name, amount === null ? value : String(amount)]];
    }),
  );
}

/** `pubsub 32mb 8mb 60` is three parameters there, for each class of clients. */
function bufferLimits(value: string): readonly (readonly [string, string])[] {
  const words = value.trim().split(/\s+/);
  return Array.from({ length: Math.floor(words.length / 4) }, (_, index) =>
    words.slice(4 * index, 4 * index + 4),
  ).flatMap(([kind = '', hard = '0', soft = '0', seconds = '0']) => {
    const prefix = `client-output-buffer-limit-${kind}`;
    return [
      [`${prefix}-hard-limit`, String(memoryBytes(hard) ?? 0)],
      [`${prefix}-soft-limit`, String(memoryBytes(soft) ?? 0)],
      [`${prefix}-soft-seconds`, seconds],
    ] as const;
  });
}
