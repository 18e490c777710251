import { clientSettings, type CacheEndpoint, type ClientSettings } from '../tier';
import { passwordFile } from './layout';
import type { LocalTier } from './tier';

/** What a client needs to reach a local tier; the same as every target gives. */
export interface LocalOutputs {
  readonly endpoint: CacheEndpoint<string>;
  /** PEM of the tier's CA, as a file. */
  readonly caFile: string;
  readonly users: readonly UserOutput[];
}

/** How one user of the config logs in. */
export interface UserOutput {
  readonly name: string;
  readonly login: string;
  /** File of mode 0600 that holds the password and nothing else. */
  readonly passwordFile: string;
  /** Ready-made settings; password and CA file come from the environment. */
  readonly clients: ClientSettings;
}

/** The outputs of a tier, running or not. */
export function outputsOf(tier: LocalTier): LocalOutputs {
  const endpoint: CacheEndpoint<string> = {
    mode: 'sentinel',
    tls: { ca: tier.secrets.caCertificate },
    primaryName: tier.plan.target.primaryName,
    sentinels: Object.values(tier.nodes).map(({ address, sentinelPort }) => ({ host: address, port: sentinelPort })),
  };
  return {
    endpoint,
    caFile: tier.layout.ca,
    users: tier.plan.access.users.map(({ name, login }) => ({
      name,
      login,
      passwordFile: passwordFile(tier.layout, name),
      clients: clientSettings(endpoint, { login }),
    })),
  };
}
