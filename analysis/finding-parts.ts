import type { Finding, FindingKind, RepeatMode, Severity } from '../core/finding.ts';
import { stableHash } from '../core/stable-hash.ts';
import type { Endpoint, FindingFingerprint, QueryFingerprint, QueryGroup, RequestRecord } from '../core/types.ts';

const CRITICAL_COUNT = 50;
const CRITICAL_SHARE = 0.3;
/** Up to this share of overlapping repeats a loop is called sequential; from the other on, parallel. */
const SEQUENTIAL_OVERLAP_MAX = 0.1;
const PARALLEL_OVERLAP_MIN = 0.6;

/** Findings that are less sure than this are an `info`. */
export const SURE_MIN = 0.5;

/** Names a finding by its kind, its endpoint and the shape of its query, so that it is the same one tomorrow and elsewhere. */
export function findingFingerprint(
  kind: FindingKind,
  endpoint: Endpoint,
  query?: QueryFingerprint,
): FindingFingerprint {
  return stableHash(`${kind}\n${endpoint}\n${query ?? ''}`) as FindingFingerprint;
}

/** A warning becomes critical with 50 repeats or 30 % of the request's time, where that is known. */
export function warningOrCritical(count: number, wallMs: number, request: RequestRecord): Severity {
  const { durationMs, isDurationDerived } = request;
  const isLargeShare = durationMs > 0 && isDurationDerived !== true && wallMs >= CRITICAL_SHARE * durationMs;
  return count >= CRITICAL_COUNT || isLargeShare ? 'critical' : 'warning';
}

/**
 * The time that the group held the request, which is never more than the request took: parallel queries count once. An
 * upper bound when nobody told when they started.
 */
export function wallMsOf(group: QueryGroup, request: Pick<RequestRecord, 'durationMs'>): number {
  return Math.min(group.startsKnown ? group.unionMs : group.totalMs, request.durationMs);
}

/** Tells a loop with `await` from a `Promise.all`; `unknown` for queries of which nobody told when they started. */
export function repeatModeOf(
  group: Pick<QueryGroup, 'overlapCount' | 'count'> & { readonly startsKnown?: boolean },
): RepeatMode {
  if (group.startsKnown === false) return 'unknown';
  const share = group.overlapCount / Math.max(1, group.count - 1);
  if (share <= SEQUENTIAL_OVERLAP_MAX) return 'sequential';
  return share >= PARALLEL_OVERLAP_MIN ? 'parallel' : 'mixed';
}

/** `12.3 ms`, or `1.24 s` from a second on. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/** What the evidence of a finding says of the statement and of who sent it. */
export function statementEvidence(
  group: QueryGroup,
): Pick<Finding['evidence'], 'exampleText' | 'queryFingerprint' | 'operation' | 'tables' | 'callSite' | 'client'> {
  return {
    exampleText: group.text,
    queryFingerprint: group.fingerprint,
    operation: group.kind,
    ...(group.traits.tables.length > 0 && { tables: group.traits.tables }),
    ...(group.callSite !== undefined && { callSite: group.callSite }),
    ...(group.client !== undefined && { client: group.client }),
  };
}
