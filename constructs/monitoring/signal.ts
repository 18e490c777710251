import type { ScrapedPlan } from './scrape';

/** `page` wakes somebody: data or service is at stake now. `ticket` is for the day's work. */
export type Severity = 'page' | 'ticket';

/** Unit of a value, as a dashboard has to show it. */
export type Unit = 'yes-or-no' | 'count' | 'per-second' | 'ratio' | 'seconds' | 'bytes';

/** From which value on a signal is somebody's work. */
export interface Threshold {
  readonly severity: Severity;
  readonly is: 'above' | 'below';
  /** In the unit of the signal. */
  readonly value: number;
  /** Seconds that it has to last; 0 is at once. */
  readonly forSeconds: number;
  /** Value of the label `destination` that it is for, where destinations differ. */
  readonly destination?: string;
}

/** How Prometheus finds the values of a signal. */
export interface PrometheusSource {
  /** Labels that tell its series apart, `tier` always among them. */
  readonly by: readonly string[];
  /** Expression with exactly these labels. */
  readonly expr: string;
  /**
   * Alert that explains this one: while it is raised for the same value of these labels, this one is not. One fault
   * then wakes somebody once.
   */
  readonly explainedBy?: readonly { readonly alert: string; readonly on: readonly string[] }[];
}

/** Whose metric it is: of each node, of the primaries together, or of the cache as a whole. */
export type CloudWatchScope = 'node' | 'primaries' | 'group' | 'cache';

/** How CloudWatch finds the values of a signal. */
export interface CloudWatchSource {
  /** Names in the namespace of the service. */
  readonly metrics: readonly string[];
  /** `Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, or a percentile such as `p99`. */
  readonly statistic: string;
  readonly scope: CloudWatchScope;
  /** How several metrics of one node become one. @default "SUM" */
  readonly together?: 'MAX' | 'SUM';
  /** How the values of the nodes of a shard become one. @default "MAX" */
  readonly combine?: 'MAX' | 'MIN' | 'SUM';
  /** What one unit of the signal is in the unit of the metric: 100 for a ratio that CloudWatch has in percent. */
  readonly scale: number;
  /** Seconds over which values are taken together. @default 60 */
  readonly periodSeconds?: number;
  /** Periods of those looked at that have to be bad; a lower share than all of them rides over short spikes. @default all */
  readonly datapoints?: { readonly bad: number; readonly of: number };
  /**
   * What no value means. Never left open: an alarm without data would sit at INSUFFICIENT_DATA for good.
   *
   * @default "notBreaching"
   */
  readonly missing?: 'breaching' | 'notBreaching';
}

/** One thing to know of a tier: said once, drawn as an alarm of CloudWatch and as rules of Prometheus. */
export interface Signal {
  /** Name in dashboards and records, in lower case with hyphens. */
  readonly name: string;
  readonly title: string;
  /** What the value says, and why anybody should care. */
  readonly meaning: string;
  readonly unit: Unit;
  /** Name of the alert. */
  readonly alert: string;
  /** What the alert says first; Prometheus puts labels into it. */
  readonly summary: string;
  /** File below `docs/runbooks`; its section is named as the alert is. */
  readonly runbook: string;
  readonly thresholds: readonly Threshold[];
  /** Null where no exporter of the tier knows it. */
  readonly prometheus: PrometheusSource | null;
  /** Null where the service does not publish it. */
  readonly cloudWatch: CloudWatchSource | null;
}

/** Path of the runbook of a signal, with the section of its alert. */
export function runbookOf({ runbook, alert }: Pick<Signal, 'runbook' | 'alert'>): string {
  return `docs/runbooks/${runbook}#${alert.toLowerCase()}`;
}

/** Name of the job of an exporter of a tier, alike in every form of the scrape configuration. */
export function jobOf(plan: ScrapedPlan, exporter: string): string {
  return `cachetier-${plan.target.primaryName}-${exporter}`;
}

/** Label matchers of the exporters of one tier: two tiers in one Prometheus never meet in an expression. */
export function jobsOf(plan: ScrapedPlan): {
  readonly valkey: string;
  readonly sentinel: string;
  readonly node: string;
} {
  const job = (exporter: string): string => `job="${jobOf(plan, exporter)}"`;
  return { valkey: job('valkey'), sentinel: job('sentinel'), node: job('node') };
}

/** Wakes somebody. */
export function page(is: Threshold['is'], value: number, forSeconds: number): Threshold {
  return { severity: 'page', is, value, forSeconds };
}

/** Waits for the day. */
export function ticket(is: Threshold['is'], value: number, forSeconds: number): Threshold {
  return { severity: 'ticket', is, value, forSeconds };
}
