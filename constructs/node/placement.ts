/**
 * Where the files, ports and addresses of a node are. The machines we rent and the processes on this machine are
 * rendered by the same code; only the placement differs.
 */
export interface NodePlacement {
  /** Every node of the tier by letter, this one included. */
  readonly nodes: Readonly<Record<string, NodeAddress>>;
  readonly folders: NodeFolders;
  /** Account that runs Valkey and Sentinel. */
  readonly user: string;
}

/** How a node is reached by the others and by clients. */
export interface NodeAddress {
  readonly address: string;
  readonly valkeyPort: number;
  readonly sentinelPort: number;
}

/** Absolute folders of a node, without a slash at the end. */
export interface NodeFolders {
  /** `valkey.conf`, `sentinel.conf` and the ACL files. */
  readonly config: string;
  readonly tls: string;
  readonly data: string;
  readonly log: string;
  readonly run: string;
}
