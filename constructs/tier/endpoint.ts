/** A host name or address with its port. */
export interface HostPort<V> {
  readonly host: V;
  readonly port: V | number;
}

/** How a client trusts the tier. */
export interface Tls<V> {
  /** PEM of the tier's own CA, or null where the service's certificate is signed by a public one. */
  readonly ca: V | null;
}

/**
 * How a client reaches the tier; `mode` says which client is needed. `V` is a string, a CDK token or a Pulumi output.
 */
export type CacheEndpoint<V> =
  | {
      readonly mode: 'standalone';
      readonly tls: Tls<V>;
      readonly primary: HostPort<V>;
      readonly reader: HostPort<V> | null;
    }
  | {
      readonly mode: 'cluster';
      readonly tls: Tls<V>;
      readonly configuration: HostPort<V>;
      readonly reader: HostPort<V> | null;
    }
  | {
      readonly mode: 'sentinel';
      readonly tls: Tls<V>;
      readonly primaryName: string;
      readonly sentinels: readonly HostPort<V>[];
    };
