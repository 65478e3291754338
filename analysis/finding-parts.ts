import type { FindingKind, RepeatMode, Severity } from '../core/finding.ts';
import { stableHash } from '../core/stable-hash.ts';
import type { Endpoint, FindingFingerprint, QueryFingerprint, QueryGroup, RequestRecord } from '../core/types.ts';

const CRITICAL_COUNT = 50;
const CRITICAL_SHARE = 0.3;
/** Up to this share of overlapping repeats a loop is called sequential; from the other on, parallel. */
const SEQUENTIAL_OVERLAP_MAX = 0.1;
const PARALLEL_OVERLAP_MIN = 0.6;

/** Names a finding by its kind, its endpoint and the shape of its query, so that it is the same one tomorrow and elsewhere. */
export function findingFingerprint(
  kind: FindingKind,
  endpoint: Endpoint,
  query?: QueryFingerprint,
): FindingFingerprint {
  return stableHash(`${kind}\n${endpoint}\n${query ?? ''}`) as FindingFingerprint;
}

/** A warning becomes critical with 50 repeats or 30 % of the request's time. */
export function warningOrCritical(count: number, wallMs: number, request: RequestRecord): Severity {
  return count >= CRITICAL_COUNT || wallMs >= CRITICAL_SHARE * request.durationMs ? 'critical' : 'warning';
}

/** The time that the group held the request: parallel queries count once. An upper bound when other work ran in between. */
export function wallMsOf(group: QueryGroup): number {
  return Math.min(group.totalMs, group.lastEndMs - group.firstStartMs);
}

/** Tells a loop with `await` from a `Promise.all`. */
export function repeatModeOf(group: QueryGroup): RepeatMode {
  const share = group.overlapCount / Math.max(1, group.count - 1);
  if (share <= SEQUENTIAL_OVERLAP_MAX) return 'sequential';
  return share >= PARALLEL_OVERLAP_MIN ? 'parallel' : 'mixed';
}

/** `12.3 ms`, or `1.24 s` from a second on. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}
