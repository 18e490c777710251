import type { ClientText } from '../../test/machines/bench/writer';

/** A tier on the machines of the bench, whoever's settings it runs with. */
export interface Contender {
  readonly name: string;
  /** What its settings are, in a line of the table. */
  readonly settings: string;
  /** How an application connects to it. */
  readonly client: ClientText;
  /** Takes over the machines. */
  start(): Promise<void>;
  /** Leaves the machines to the next. */
  stop(): Promise<void>;
  /** Letter of the primary. */
  primary(): Promise<string>;
  /** Waits until the tier is as it was: one primary, two replicas that are in step, Sentinels that agree. */
  whole(): Promise<void>;
  /** Unit of its Valkey. */
  readonly unit: string;
  /** Whether its clients are shown how to wait for a replica. */
  readonly waits: boolean;
}
