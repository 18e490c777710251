import * as pulumi from '@pulumi/pulumi';
import { ConfigFileError, loadConfig } from '../cli/load';
import { type BucketKey } from '../constructs/node/secrets';
import { CacheTier } from '../constructs/hetzner';
import { targetKinds } from '../constructs/tier/capabilities';
import { check } from '../constructs/tier/check';
import type { CacheTierConfig } from '../constructs/tier/config';
import { ConfigError } from '../constructs/tier/issue';

/** Outputs of the stack: what an application needs to connect, and what Prometheus scrapes. */
function main(): Record<string, unknown> {
  const settings = new pulumi.Config('cachetier');
  const file = settings.get('tier');
  if (file === undefined) {
    throw new pulumi.RunError('which tier? run: pulumi config set cachetier:tier ../examples/cache.ts');
  }
  const target = settings.get('target') ?? 'hetzner';
  const kind = targetKinds.find((known) => known === target);
  if (kind === undefined) {
    throw new pulumi.RunError(`cachetier:target: got "${target}", needs one of ${targetKinds.join(', ')}`);
  }
  // What is not a config is refused by the component, with a report.
  const config = loadConfig(file) as CacheTierConfig;
  const { plan } = check(config, { kind });
  const tier = new CacheTier(plan?.names['network'] ?? 'tier', {
    config,
    kind,
    bucketKeys: bucketKeys(settings, plan?.backup.destinations.map((to) => to.id) ?? []),
  });
  return {
    endpoint: tier.endpoint,
    logins: tier.logins,
    passwords: tier.passwords,
    clientSettings: tier.clientSettings,
    scrapeConfig: tier.scrapeConfig,
  };
}

/** `pulumi config set --secret --path 'cachetier:bucketKeys["r2:my-bucket"].accessKeyId' …` */
function bucketKeys(settings: pulumi.Config, ids: readonly string[]) {
  if (ids.length === 0) return {};
  const keys = settings.getSecretObject<Record<string, BucketKey>>('bucketKeys');
  if (!keys) return {};
  return Object.fromEntries(
    ids.map((id) => [
      id,
      {
        accessKeyId: keys.apply((all) => keyOf(all, id).accessKeyId),
        secretAccessKey: keys.apply((all) => keyOf(all, id).secretAccessKey),
      },
    ]),
  );
}

function keyOf(all: Readonly<Record<string, BucketKey>>, id: string): BucketKey {
  const key = all[id];
  if (!key) throw new pulumi.RunError(`cachetier:bucketKeys has no key for the bucket ${id}`);
  return key;
}

/** A refused config is the user's, so it is reported without a stack. */
function run(): Record<string, unknown> {
  try {
    return main();
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof ConfigFileError) throw new pulumi.RunError(cause.message);
    throw cause;
  }
}

export = run();
