import { aclDefaults } from './access';
import { capabilitiesOf } from './capabilities';
import type { CacheTierConfig, EvictionPolicy, Target, TargetKind, Workload } from './config';
import { Defaults } from './defaults';
import { keepOf, planDestination } from './destinations';
import type { ChosenTarget, ResolvedTier } from './resolved';
import { chooseSize } from './sizing';
import { bytes } from './units';
import { combinedProfile } from './workloads';

/** How a config is looked at. */
export interface PlanOptions {
  /**
   * Another target for the same config; its fields come from `targets`.
   *
   * @default - `target.kind` of the config
   */
  readonly kind?: TargetKind;

  /**
   * What tells this tier from another of the same name in one account, such as the path of a construct.
   *
   * @default - name and stage
   */
  readonly identity?: string;
}

/** Used where a part did not parse, so that rules on other parts can still run. */
const unnamed = 'unnamed';

const BACKUP_WINDOW = '03:00-04:00';
const MAINTENANCE_WINDOW = 'sun:05:00-sun:06:00';

/**
 * The config with every default taken and its size chosen.
 *
 * @param config - the parts of a config that parsed
 * @param kind - the target
 */
export function resolve(config: Partial<CacheTierConfig>, kind: TargetKind, options: PlanOptions): ResolvedTier {
  const defaults = new Defaults();
  const chosen = choose(config, kind);
  const can = capabilitiesOf(kind);
  const kinds = workloadsOf(config);
  const profile = combinedProfile(kinds);
  const name = config.name ?? unnamed;
  const stage = config.stage ?? null;
  const datasetBytes = config.dataset === undefined ? 0 : bytes(config.dataset);

  const engineVersion = defaults.take(
    'engine.version',
    config.engine?.version,
    can.defaultVersion.value,
    can.defaultVersion.because,
  );
  const durability = defaults.take('durability', config.durability, profile.durability, profile.because);
  const managed = can.shards.value === 'managed';
  const replicas = managed
    ? (config.availability?.replicas ?? can.replicas.default)
    : defaults.take('availability.replicas', config.availability?.replicas, can.replicas.default, can.replicas.because);
  const zones =
    managed || kind === 'local' || (can.sentinel && replicas === 0)
      ? (config.availability?.zones ?? 'spread')
      : defaults.take(
          'availability.zones',
          config.availability?.zones,
          'spread' as const,
          'one failed zone or host must not take every node',
        );
  const evictionPolicy = resolveEviction(config, kind, profile.evictionPolicies, profile.because, defaults);
  const targetPath = config.target?.kind === kind ? 'target' : `targets.${kind}`;
  const sized = chooseSize({ chosen, targetPath, config, datasetBytes, durability, defaults });

  const schedule = defaults.take(
    'backup.schedule',
    config.backup?.schedule,
    profile.backup ? ('daily' as const) : ('none' as const),
    profile.backup ? profile.because : 'what the workload keeps can be made again',
  );
  const keep = keepOf(config.backup?.keep, { daily: 7, weekly: 0 });
  if (!config.backup?.keep && schedule !== 'none') {
    defaults.take('backup.keep.daily', undefined, 7, 'a week is long enough to notice a mistake');
  }
  const prefix = stage ? `${name}-${stage}` : name;

  return {
    config,
    name,
    stage,
    identity: options.identity ?? (stage ? `${name}/${stage}` : name),
    chosen,
    targetPath,
    workloads: kinds,
    datasetBytes,
    traffic: {
      peakOpsPerSecond: config.traffic?.peakOpsPerSecond ?? null,
      averageOpsPerSecond: config.traffic?.averageOpsPerSecond ?? null,
      connections: defaults.take(
        'traffic.connections',
        config.traffic?.connections,
        1000,
        'twenty processes with a pool of 50 each',
      ),
    },
    engineVersion,
    settings: textSettings(config.engine?.settings ?? {}),
    evictionPolicy,
    durability,
    replicas,
    shards: sized.shards,
    zones,
    backup: {
      schedule,
      window:
        schedule === 'none'
          ? (config.backup?.window ?? BACKUP_WINDOW)
          : defaults.take('backup.window', config.backup?.window, BACKUP_WINDOW, 'the quiet hours of most tiers'),
      keep,
      destinations: (config.backup?.to ?? []).map((asked) => planDestination(asked, { schedule, keep, prefix })),
      continuous: config.backup?.continuous ?? false,
      drill: drillOf(config, kind, defaults),
      recipients: config.backup?.recipients ?? [],
    },
    maintenanceWindow:
      can.maintenanceWindowMinutes.value === null
        ? (config.maintenance?.window ?? MAINTENANCE_WINDOW)
        : defaults.take(
            'maintenance.window',
            config.maintenance?.window,
            MAINTENANCE_WINDOW,
            'the quietest night of the week, after the backup',
          ),
    clients: config.access?.clients ?? defaultClients(chosen, defaults),
    admin: config.access?.admin ?? [],
    users: aclDefaults(config.access?.users, defaults),
    prometheusFrom: config.monitoring?.prometheus?.from ?? [],
    notifyEmail: config.monitoring?.notify?.email ?? null,
    monitoringServer: config.monitoring?.server ?? null,
    onRemoval: defaults.take('onRemoval', config.onRemoval, can.onRemoval.default, can.onRemoval.because),
    tags: config.tags ?? {},
    accept: config.accept ?? [],
    size: sized.size,
    defaults: defaults.taken,
  };
}

function drillOf(config: Partial<CacheTierConfig>, kind: TargetKind, defaults: Defaults): 'daily' | 'weekly' | 'none' {
  if (kind !== 'hetzner' || (config.backup?.to ?? []).length === 0) return config.backup?.drill ?? 'none';
  return defaults.take('backup.drill', config.backup?.drill, 'weekly', 'a backup that was never restored is a hope');
}

function choose(config: Partial<CacheTierConfig>, kind: TargetKind): ChosenTarget {
  const fields = config.target?.kind === kind ? withoutKind(config.target) : (config.targets?.[kind] ?? {});
  // The fields were checked against the schema of this very kind; the union cannot say that of a variable kind.
  return { kind, fields };
}

function withoutKind({ kind: _kind, ...fields }: Target): object {
  return fields;
}

function workloadsOf(config: Partial<CacheTierConfig>): readonly Workload[] {
  const asked = config.workload;
  if (asked === undefined) return ['cache'];
  const list = typeof asked === 'string' ? [asked] : asked;
  return list.length === 0 ? ['cache'] : [...new Set(list)];
}

/** A default policy is one that the target can give, where one of those is right for the workload. */
function resolveEviction(
  config: Partial<CacheTierConfig>,
  kind: TargetKind,
  harmless: readonly EvictionPolicy[],
  because: string,
  defaults: Defaults,
): EvictionPolicy {
  const fixed = capabilitiesOf(kind).evictionPolicy.value;
  const best = harmless[0] ?? 'noeviction';
  const otherwise = fixed !== 'free' && harmless.includes(fixed) ? fixed : best;
  const reason = otherwise === best ? because : `${kind} fixes the policy, and this one does the workload no harm`;
  return defaults.take('evictionPolicy', config.evictionPolicy, otherwise, reason);
}

function defaultClients(chosen: ChosenTarget, defaults: Defaults): readonly string[] {
  switch (chosen.kind) {
    case 'hetzner': {
      const range = chosen.fields.networkRange ?? '10.20.0.0/16';
      return defaults.take('access.clients', undefined, [range], 'the private network of the tier, and nothing else');
    }
    case 'local':
      return defaults.take('access.clients', undefined, ['127.0.0.1/32'], 'loopback only');
    default:
      return defaults.take('access.clients', undefined, [], 'security groups are granted by `connections`');
  }
}

/** Values as `valkey.conf` writes them. */
function textSettings(asked: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value),
    ]),
  );
}
