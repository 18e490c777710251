import { pc } from './colours';
import type { CacheTierPlan } from '../constructs/tier/plan';
import { formatBytes } from '../constructs/tier/units';
import { issueLines, money, table } from './output';

/** A plan for people: what it is, what it gives and does not, what was assumed, and what it costs. */
export function planText(plan: CacheTierPlan): readonly string[] {
  return [
    `${pc.bold(plan.name)}${plan.stage ? ` (${plan.stage})` : ''} on ${pc.bold(plan.kind)}, Valkey ${plan.engine.version}`,
    '',
    ...section(
      'Gives',
      plan.gives.map((line) => `- ${line}`),
    ),
    ...section('Size', sizeLines(plan)),
    ...section(
      'Gaps, accepted',
      plan.gaps.map(
        (gap) => `- ${gap.gap}: asked ${gap.asked}, given ${gap.given} (${gap.reason}); accepted: ${gap.accepted}`,
      ),
    ),
    ...section(
      'Limits',
      plan.limits.map(({ limit, reason }) => `- ${limit}: ${reason}`),
    ),
    ...section(
      'Defaults taken',
      table(
        ['field', 'value', 'because'],
        plan.defaults.map((one) => [one.path, show(one.value), one.because]),
      ),
    ),
    ...section(
      'Logins',
      table(
        ['user', 'login', 'keys', 'can'],
        plan.access.users.map((user) => [user.name, user.login, user.keys, user.can]),
      ),
    ),
    ...section('Names', table(['of', 'name'], Object.entries(plan.names))),
    ...section(`Price for a month, ${plan.price.place}`, priceLines(plan)),
    ...section('Warnings', issueLines(plan.warnings)),
  ];
}

/** The same config on every target, one row each. */
export function comparisonRows(
  plans: readonly (readonly [kind: string, plan: CacheTierPlan | null, refused: string])[],
): readonly string[] {
  return table(
    ['target', 'shape', 'eviction', 'durability', 'month'],
    plans.map(([kind, plan, refused]) =>
      plan
        ? [kind, shape(plan), plan.evictionPolicy, plan.durability.given, month(plan)]
        : [kind, `refused: ${refused}`],
    ),
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [pc.underline(title), ...lines, ''];
}

function sizeLines({ sizing }: CacheTierPlan): readonly string[] {
  const dataset = `- dataset ${formatBytes(sizing.datasetBytes)}`;
  if (sizing.maxmemoryBytes === null || sizing.utilisation === null) return [dataset];
  return [
    `${dataset} on nodes with ${formatBytes(sizing.nodeMemoryBytes ?? 0)}, of which ${formatBytes(sizing.maxmemoryBytes)} are for data`,
    `- ${Math.round(sizing.utilisation * 100)} percent used when the dataset is at its largest`,
  ];
}

function priceLines({ price }: CacheTierPlan): readonly string[] {
  const rows = price.items.map((item) => [
    item.what,
    String(item.quantity),
    money(item.unitMonthly, price.currency),
    money(item.monthly, price.currency),
    item.source,
  ]);
  const total = `total: ${month({ price })}`;
  return [...(rows.length > 0 ? table(['what', 'quantity', 'each', 'month', 'source'], rows) : []), pc.bold(total)];
}

/** The price of a month; where a part is not known, what is known of it. */
function month({ price }: Pick<CacheTierPlan, 'price'>): string {
  if (price.monthly !== null) return money(price.monthly, price.currency);
  const known = price.items.reduce((sum, item) => sum + (item.monthly ?? 0), 0);
  return known > 0 ? `${money(known, price.currency)} + not known` : 'not known';
}

function shape(plan: CacheTierPlan): string {
  const { nodes, shards } = plan.topology;
  switch (plan.target.kind) {
    case 'elasticache':
    case 'memorydb':
      return `${nodes ?? 0} × ${plan.target.nodeType}${(shards ?? 1) > 1 ? ` in ${shards} shards` : ''}`;
    case 'elasticache-serverless':
      return `up to ${plan.target.maxDataStorageGiB} GiB`;
    case 'hetzner':
      return `${nodes ?? 0} × ${plan.target.serverType} in ${plan.target.location}`;
    case 'local':
      return `${nodes ?? 0} processes`;
  }
}

function show(value: CacheTierPlan['defaults'][number]['value']): string {
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}
