import type { FindingKind, Severity } from '../core/finding.ts';
import type { CallGroup, Endpoint, FindingFingerprint, QueryFingerprint, RequestRecord } from '../core/types.ts';
import { findingFingerprint, warningOrCritical } from './finding-parts.ts';

/** From this share of calls with a target of their own on, repeats are a loop; below it, polling or retries. */
const DISTINCT_SHARE_MIN = 0.6;
/** A loop that takes less than this share of the request costs little. */
const SMALL_SHARE = 0.05;

/** Names a finding by its kind, its endpoint and the shape of its calls. */
export function callFingerprint(kind: FindingKind, endpoint: Endpoint, shape: string): FindingFingerprint {
  return findingFingerprint(kind, endpoint, shape as QueryFingerprint);
}

/** True when most calls asked for something else each. Targets that nobody knows count as differing. */
export function hasDistinctTargets({ count, distinctTargets, targetsDropped }: CallGroup): boolean {
  return distinctTargets + targetsDropped >= DISTINCT_SHARE_MIN * count;
}

/** `info` for what costs the request less than 5 %; a loop of writes is one step milder than one of reads. */
export function callSeverity(group: CallGroup, operation: 'read' | 'write', request: RequestRecord): Severity {
  if (group.unionMs < SMALL_SHARE * request.durationMs) return 'info';
  const severity = warningOrCritical(group.count, group.unionMs, request);
  if (operation === 'read') return severity;
  return severity === 'critical' ? 'warning' : 'info';
}
