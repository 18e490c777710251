import { hasSentinel } from '../node';
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
  const endpoint = endpointOf(tier);
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

/** The Sentinels, or the one node. */
function endpointOf({ plan, nodes, secrets }: LocalTier): CacheEndpoint<string> {
  const tls = { ca: secrets.caCertificate };
  const [only] = Object.values(nodes);
  if (only && !hasSentinel(plan)) {
    return { mode: 'standalone', tls, primary: { host: only.address, port: only.valkeyPort }, reader: null };
  }
  return {
    mode: 'sentinel',
    tls,
    primaryName: plan.target.primaryName,
    sentinels: Object.values(nodes).map(({ address, sentinelPort }) => ({ host: address, port: sentinelPort })),
  };
}
