import { renderConfigFiles, type NodesTierPlan } from '../node';
import { valkeySettings } from '../node/valkey-conf';
import { readText, writePrivately } from './disk';
import { type LocalTier, placementIn, type Role, type Settings } from './tier';

/** Settings that a running server can be given or must be restarted for, by the name that its config file has. */
export function settingsOf(plan: NodesTierPlan, role: Role): Settings {
  if (role === 'valkey') return Object.fromEntries(valkeySettings(plan));
  const { quorum, downAfterMs, failoverTimeoutMs } = plan.target.sentinel;
  return {
    quorum: String(quorum),
    'down-after-milliseconds': String(downAfterMs),
    'failover-timeout': String(failoverTimeoutMs),
  };
}

/** Settings of `wanted` that differ from those that a server has, and names that it has and should not. */
export function compareSettings(
  has: Settings,
  wanted: Settings,
): { readonly changed: readonly (readonly [string, string])[]; readonly dropped: readonly string[] } {
  return {
    changed: Object.entries(wanted).filter(([name, value]) => has[name] !== value),
    dropped: Object.keys(has).filter((name) => !(name in wanted)),
  };
}

/**
 * Writes the config file of a stopped Valkey anew, with the role that it shall start in.
 *
 * The seed names the first primary; that is history once the tier has run. The file as a whole is written because
 * Valkey's own version may hold a setting that was dropped since, under another of its names.
 */
export function refreshValkeyConf(tier: LocalTier, letter: string, primary: string): void {
  const { path, seed, text } = configFile(tier, letter, 'valkey');
  const node = tier.nodes[primary];
  const roleless = seed.split('\n').filter((line) => line !== '' && !line.startsWith('replicaof '));
  const lines = primary === letter || !node ? roleless : [...roleless, `replicaof ${node.address} ${node.valkeyPort}`];
  rewrite(path, text, lines);
}

/**
 * Brings the config file of a stopped Sentinel to the plan, line by line: whom it knows and what it has seen is its own.
 */
export function refreshSentinelConf(tier: LocalTier, letter: string): void {
  const { path, seed, text } = configFile(tier, letter, 'sentinel');
  const planned = (line: string): boolean => /^sentinel (down-after-milliseconds|failover-timeout) /.test(line);
  const { quorum } = tier.plan.target.sentinel;
  const kept = text.split('\n').filter((line) => line !== '' && !planned(line));
  // The quorum stands at the end of the line that also names the primary.
  const monitored = kept.map((line) => line.replace(/^(sentinel monitor \S+ \S+ \S+) \d+$/, `$1 ${quorum}`));
  rewrite(path, text, [...monitored, ...seed.split('\n').filter(planned)]);
}

function configFile(tier: LocalTier, letter: string, role: Role): { path: string; seed: string; text: string } {
  const placement = placementIn(tier, letter);
  const path = `${placement.folders.config}/${role}.conf`;
  const rendered = renderConfigFiles(tier.plan, letter, placement, tier.secrets).find((file) => file.path === path);
  return { path, seed: rendered?.content ?? '', text: readText(path) ?? '' };
}

function rewrite(path: string, text: string, lines: readonly string[]): void {
  const next = `${lines.join('\n')}\n`;
  if (next !== text) writePrivately(path, next);
}
