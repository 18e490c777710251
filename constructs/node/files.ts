/** A file of a node, as it lies on the node's disk. */
export interface NodeFile {
  readonly path: string;
  /** Octal, such as `0640`. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly content: string;
  /** Whether the content holds a secret; it then never rides in user data. */
  readonly secret: boolean;
  /**
   * Whether the file is written on first boot only. Valkey and Sentinel rewrite their own configs after every
   * failover; writing them again would point the node at an old primary.
   */
  readonly seedOnce: boolean;
}
