/** Every secret of a tier whose nodes we run. It exists only in memory, in a secret store, or in files of mode 0600. */
export interface NodeSecrets {
  /** Passwords of the config's users, by their name in the config. */
  readonly users: Readonly<Record<string, string>>;
  /** Passwords of Cachetier's own users. */
  readonly internal: InternalPasswords;
  /** PEM of the tier's CA certificate; public, but it belongs to the keys below. */
  readonly caCertificate: string;
  /** Certificate and key of each node, by letter, in PEM. */
  readonly nodes: Readonly<Record<string, { readonly certificate: string; readonly privateKey: string }>>;
  /** Keys of the backup buckets, by the `id` of the destination. */
  readonly buckets: Readonly<Record<string, BucketKey>>;
  /**
   * The key pair of the backups, in OpenSSH format: what leaves a node is encrypted to the public key.
   *
   * @default - none; a tier with buckets needs one
   */
  readonly backupKey?: KeyPair;
  /**
   * Further private keys of age or SSH, for the backup of another tier that this one begins with.
   *
   * @default - none
   */
  readonly restoreKeys?: readonly string[];
  /**
   * Passwords before the last rotation. Every node still admits them, so that no request is refused while nodes and
   * applications change to the new ones, one after another.
   *
   * @default - none: only the present passwords are admitted
   */
  readonly previous?: PreviousPasswords;
}

/** What was in use before the last rotation; only what was rotated. */
export interface PreviousPasswords {
  /** Passwords of the config's users, by their name in the config. */
  readonly users: Readonly<Record<string, string>>;
  /** Passwords of Cachetier's own users. */
  readonly internal: Partial<InternalPasswords>;
}

/** Passwords of the users that the nodes need among themselves. */
export interface InternalPasswords {
  /** Replicas, towards their primary. */
  readonly replication: string;
  /** Sentinels, towards Valkey. */
  readonly sentinel: string;
  /** Sentinels among themselves, and the operator's own tools towards Sentinel. */
  readonly sentinelAdmin: string;
  /** The operator's own tools towards Valkey. */
  readonly operator: string;
  /** Exporters, towards Valkey and Sentinel. */
  readonly exporter: string;
  /** The backup script, towards Valkey. */
  readonly backup: string;
}

/** A private and a public key in OpenSSH format. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** An S3 key pair. */
export interface BucketKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
