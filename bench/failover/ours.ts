import type { Bench } from '../../test/machines/bench/bench';
import { clientText } from '../../test/machines/bench/writer';
import type { Contender } from './contender';

/** The tier as it is deployed. */
export class Ours implements Contender {
  readonly name = 'Cachetier';
  readonly unit = 'valkey-server';
  readonly waits = true;

  constructor(private readonly bench: Bench) {}

  get settings(): string {
    const { sentinel } = this.bench.plan.target;
    return `down-after ${sentinel?.downAfterMs}, failover-timeout ${sentinel?.failoverTimeoutMs}; what the config of a job queue gives; before a stop: handover`;
  }

  get client(): Contender['client'] {
    return clientText(this.bench);
  }

  async start(): Promise<void> {
    await this.whole();
  }

  async stop(): Promise<void> {
    // Its units are taken down by whoever comes next.
  }

  primary(): Promise<string> {
    return this.bench.primary();
  }

  async whole(): Promise<void> {
    await this.bench.healthy(this.bench.letters, 120_000);
  }
}
