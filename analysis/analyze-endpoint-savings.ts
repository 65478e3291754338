import type { Finding, SavedMs } from '../core/finding.ts';

/** A finding, and what its fix takes off the request beyond the fixes before it. */
export interface SavingStep {
  readonly finding: Finding;
  readonly savedMs: SavedMs;
}

/** The middle of a range: one number to rank by. */
export function middleOf([lowMs, highMs]: SavedMs): number {
  return (lowMs + highMs) / 2;
}

/**
 * The findings of one request in the order in which fixing them pays, most saved time first. The steps add up, and never to
 * more than `durationMs`: findings on one query share its time, so only the one that saves most counts, and what the fixes
 * before have taken off is not there to be taken off again.
 */
export function rankSavings(findings: readonly Finding[], durationMs: number): readonly SavingStep[] {
  const queries = new Set<string>();
  let leftMs = durationMs;
  return findings
    .toSorted((a, b) => middleOf(b.savedMs) - middleOf(a.savedMs) || b.evidence.repeatMs - a.evidence.repeatMs)
    .map((finding): SavingStep => {
      const { queryFingerprint } = finding.evidence;
      const isShared = queryFingerprint !== undefined && queries.has(queryFingerprint);
      if (queryFingerprint !== undefined) queries.add(queryFingerprint);
      const highMs = isShared ? 0 : Math.min(finding.savedMs[1], leftMs);
      leftMs -= highMs;
      return { finding, savedMs: [Math.min(finding.savedMs[0], highMs), highMs] };
    })
    .toSorted((a, b) => middleOf(b.savedMs) - middleOf(a.savedMs));
}

/** What fixing all findings of one request takes off it: the sum of the steps. */
export function combinedSavedMs(findings: readonly Finding[], durationMs: number): SavedMs {
  let [lowMs, highMs] = [0, 0];
  for (const { savedMs } of rankSavings(findings, durationMs)) {
    lowMs += savedMs[0];
    highMs += savedMs[1];
  }
  return [lowMs, highMs];
}
