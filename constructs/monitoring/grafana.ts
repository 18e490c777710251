import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { prometheusSignals, type PrometheusSignal, recordOf } from './prometheus-rules';
import type { ScrapedPlan } from './scrape';
import { runbookOf, type Unit } from './signal';

/** Grafana's names of the units. */
const units: Readonly<Record<Unit, string>> = {
  'yes-or-no': 'bool_on_off',
  count: 'short',
  'per-second': 'ops',
  ratio: 'percentunit',
  seconds: 's',
  bytes: 'bytes',
};

/** Two panels beside one another fill the 24 columns. */
const WIDTH = 12;
const HEIGHT = 8;

/** The alerts of a tier over time, above its signals. */
const alerts = 'CachetierAlerts';

/** A Prometheus expression of the dashboard, with the panel that it is drawn in. */
export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
}

/** Every query of the dashboard: one recorded series for each signal, and the alerts. */
export function dashboardQueries(plan: ScrapedPlan): readonly DashboardQuery[] {
  return [
    { panel: alerts, expr: alertsOf(plan) },
    ...prometheusSignals(plan).map((signal) => ({ panel: signal.title, expr: exprOf(plan, signal) })),
  ];
}

/**
 * The dashboard of a tier as Grafana imports it: one panel for each signal, with its thresholds as lines and its meaning
 * and runbook behind the title, in the order in which a person on call asks.
 */
export function renderDashboard(plan: ScrapedPlan): string {
  const { primaryName } = plan.target;
  const built = new dashboard.DashboardBuilder(`Cache tier ${primaryName}`)
    .uid(`cachetier-${primaryName}`.slice(0, 40))
    .tags(['cachetier', `tier:${primaryName}`])
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .readonly()
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  built.withPanel(alertsPanel(plan));
  for (const [index, signal] of prometheusSignals(plan).entries()) built.withPanel(panelOf(plan, signal, index));
  return `${JSON.stringify(built.build(), null, 2)}\n`;
}

function alertsPanel(plan: ScrapedPlan): timeseries.PanelBuilder {
  return panel('Alerts that are raised', 'Every alert of the tier while it is raised.', 'short', 2 * WIDTH)
    .gridPos({ x: 0, y: 0, w: 2 * WIDTH, h: HEIGHT / 2 })
    .withTarget(query(alertsOf(plan), '{{alertname}} {{severity}}'));
}

function panelOf(plan: ScrapedPlan, signal: PrometheusSignal, index: number): timeseries.PanelBuilder {
  const { title, meaning, unit, thresholds, prometheus: source } = signal;
  const labels = source.by.filter((label) => label !== 'tier');
  const legend = labels.length === 0 ? title : labels.map((label) => `{{${label}}}`).join(' ');
  const lines = thresholds.map(({ value, severity }) => ({ value, color: severity === 'page' ? 'red' : 'orange' }));
  const drawn = panel(title, `${meaning}\n\n${runbookOf(signal)}`, units[unit], WIDTH)
    .gridPos({ x: (index % 2) * WIDTH, y: HEIGHT / 2 + Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT })
    .withTarget(query(exprOf(plan, signal), legend));
  if (lines.length === 0) return drawn;
  // The first step of Grafana's thresholds has no value: it is what lies below all others.
  const steps = [{ value: null, color: 'green' }, ...[...lines].sort((one, other) => one.value - other.value)];
  return drawn
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Line));
}

function panel(title: string, description: string, unit: string, span: number): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .span(span)
    .datasource({ type: 'prometheus', uid: '${datasource}' });
}

function query(expr: string, legend: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).refId('A').range();
}

function exprOf(plan: ScrapedPlan, signal: PrometheusSignal): string {
  return `${recordOf(signal)}{tier="${plan.target.primaryName}"}`;
}

function alertsOf({ target }: ScrapedPlan): string {
  const own = `tier="${target.primaryName}"`;
  // Without an alert it is a line at zero, and not an empty panel that looks like a broken one.
  return `sum by (alertname, severity) (ALERTS{${own},alertstate="firing"}) or label_replace(vector(0), "alertname", "none", "", "")`;
}
