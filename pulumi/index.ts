import { resolve } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { ConfigFileError, loadConfig } from '../cli/load';
import { type BucketKey } from '../constructs/node/secrets';
import { type BucketKeysArgs, CacheTier } from '../constructs/hetzner';
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
  // The engine runs the program in the folder of its own file, which is not the one that the setting is relative to. What
  // is not a config is refused by the component, with a report.
  const config = loadConfig(resolve(pulumi.getRootDirectory(), file)) as CacheTierConfig;
  const { plan } = check(config, { kind });
  const tier = new CacheTier(plan?.names['network'] ?? 'tier', {
    config,
    kind,
    bucketKeys: bucketKeys(settings),
    restoreKeys: restoreKeys(settings),
    ...smtpPassword(settings),
  });
  return {
    endpoint: tier.endpoint,
    logins: tier.logins,
    passwords: tier.passwords,
    clientSettings: tier.clientSettings,
    scrapeConfig: tier.scrapeConfig,
    alertRules: tier.alertRules,
    ...(tier.prometheus === null ? {} : { prometheus: tier.prometheus }),
    backupKey: tier.backupKey,
    rollout: tier.rollout,
  };
}

/**
 * `pulumi config set --secret --path 'cachetier:bucketKeys["r2:my-bucket"].accessKeyId' …`
 *
 * Read at once and made secret here: a problem that is found inside of an output is reported after minutes, and once for
 * each resource that waits for it.
 */
function bucketKeys(settings: pulumi.Config): BucketKeysArgs {
  const given = readObject(settings, 'bucketKeys');
  return Object.fromEntries(
    Object.entries(given).map(([id, { accessKeyId, secretAccessKey }]) => {
      if (!accessKeyId || !secretAccessKey) {
        throw new pulumi.RunError(`cachetier:bucketKeys["${id}"] needs accessKeyId and secretAccessKey`);
      }
      return [id, pulumi.secret({ accessKeyId, secretAccessKey })];
    }),
  );
}

/** `pulumi config set --secret cachetier:restoreKey <file`: the key that opens the backup of another tier. */
function restoreKeys(settings: pulumi.Config): readonly pulumi.Output<string>[] {
  const key = settings.getSecret('restoreKey');
  return key === undefined ? [] : [key];
}

/** `pulumi config set --secret cachetier:smtpPassword`: what the monitoring server logs in to its mail relay with. */
function smtpPassword(settings: pulumi.Config): { readonly smtpPassword?: pulumi.Output<string> } {
  const password = settings.getSecret('smtpPassword');
  return password === undefined ? {} : { smtpPassword: password };
}

/** The SDK's own error repeats the value, which is secret. */
function readObject(settings: pulumi.Config, key: string): Readonly<Record<string, Partial<BucketKey>>> {
  try {
    return settings.getObject<Record<string, Partial<BucketKey>>>(key) ?? {};
  } catch {
    throw new pulumi.RunError(`cachetier:${key} is not an object; set each key with --path`);
  }
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
