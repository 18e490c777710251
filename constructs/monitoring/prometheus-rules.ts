import { stringify } from 'yaml';
import type { ScrapedPlan } from './scrape';
import { type PrometheusSource, runbookOf, type Severity, type Signal, type Threshold } from './signal';
import { signalsOf } from './signals';

/** One recording rule of Prometheus. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** One alerting rule of Prometheus. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: { readonly summary: string; readonly meaning: string; readonly runbook: string };
}

/** A signal that Prometheus has. */
export type PrometheusSignal = Signal & { readonly prometheus: PrometheusSource };

/** The signals of a tier that Prometheus has. */
export function prometheusSignals(plan: ScrapedPlan): readonly PrometheusSignal[] {
  return signalsOf(plan).filter((signal): signal is PrometheusSignal => signal.prometheus !== null);
}

/** Name of the series that a signal is recorded under: its labels, what it is, its unit. */
export function recordOf({ name, unit, prometheus: { by } }: PrometheusSignal): string {
  return `${by.includes('node') ? 'tier_node' : 'tier'}:cachetier_${name.replaceAll('-', '_')}:${unit.replaceAll('-', '_')}`;
}

/** One recorded series for each signal, so that rules, dashboards and people ask for the same numbers. */
export function recordingRules(plan: ScrapedPlan): readonly RecordingRule[] {
  return prometheusSignals(plan).map((signal) => ({ record: recordOf(signal), expr: signal.prometheus.expr }));
}

/** One alerting rule for each threshold of each signal. */
export function alertingRules(plan: ScrapedPlan): readonly AlertingRule[] {
  return prometheusSignals(plan).flatMap((signal) =>
    signal.thresholds.map((threshold) => alertOf(plan, signal, threshold)),
  );
}

function alertOf(plan: ScrapedPlan, signal: PrometheusSignal, threshold: Threshold): AlertingRule {
  const { alert, summary, meaning, prometheus } = signal;
  const tier = `tier="${plan.target.primaryName}"`;
  const of = [tier, ...(threshold.destination === undefined ? [] : [`destination="${threshold.destination}"`])];
  const bad = `${recordOf(signal)}{${of.join(',')}} ${threshold.is === 'above' ? '>' : '<'} ${threshold.value}`;
  const unless = (prometheus.explainedBy ?? []).map(
    (by) => ` unless on (${by.on.join(', ')}) ALERTS{alertname="${by.alert}",severity="page",${tier}}`,
  );
  return {
    alert,
    expr: bad + unless.join(''),
    ...(threshold.forSeconds === 0 ? {} : { for: `${threshold.forSeconds}s` }),
    labels: { severity: threshold.severity },
    annotations: { summary, meaning, runbook: runbookOf(signal) },
  };
}

/**
 * The rules as a file that `rule_files` of a `prometheus.yml` may name. Records come first: the rules of a group are
 * evaluated in their order.
 */
export function renderRules(plan: ScrapedPlan): string {
  const name = `cachetier-${plan.target.primaryName}`;
  return stringify({ groups: [{ name, rules: [...recordingRules(plan), ...alertingRules(plan)] }] }, { lineWidth: 0 });
}
