import type { AcceptedGap, GapName } from './config';
import type { Issue } from './issue';
import type { Gap } from './plan';
import type { GapFinding, ResolvedTier } from './resolved';

/** The gaps that the config accepts, with its reasons. */
export function gapsOf(findings: readonly GapFinding[], accept: readonly AcceptedGap[]): readonly Gap[] {
  return findings.flatMap((finding) => {
    const because = acceptance(accept, finding.gap);
    return because === undefined ? [] : [{ ...finding, accepted: because }];
  });
}

/** A gap that the config does not accept refuses it; one that it accepts for nothing is worth a word. */
export function gapIssues(findings: readonly GapFinding[], tier: ResolvedTier): readonly Issue[] {
  const refused = findings
    .filter((finding) => acceptance(tier.accept, finding.gap) === undefined)
    .map((finding): Issue => ({
      code: `Gap${pascal(finding.gap)}`,
      path: finding.path,
      severity: 'error',
      message:
        `asked for ${finding.asked}, ${tier.chosen.kind} gives ${finding.given}: ${finding.reason}; ` +
        `choose another target, or add accept: [{ gap: "${finding.gap}", because: "…" }]`,
    }));
  // The same file serves other targets too, where the gap may well be there: `--target` must not warn of it.
  const idle = tier.targetPath !== 'target' || Object.keys(tier.config.targets ?? {}).length > 0;
  const needless = idle
    ? []
    : tier.accept.flatMap((accepted, index): Issue[] =>
        findings.some((finding) => finding.gap === accepted.gap)
          ? []
          : [
              {
                code: 'NoSuchGap',
                path: `accept[${index}].gap`,
                severity: 'warning',
                message: `${tier.chosen.kind} has no gap "${accepted.gap}" with this config; remove the line`,
              },
            ],
      );
  return [...refused, ...needless];
}

function acceptance(accept: readonly AcceptedGap[], gap: GapName): string | undefined {
  return accept.find((accepted) => accepted.gap === gap)?.because;
}

function pascal(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
}
