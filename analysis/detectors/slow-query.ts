import type { Finding } from '../../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { adviseSlow } from '../advice.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, statementEvidence, wallMsOf, warningOrCritical } from '../finding-parts.ts';

const CONFIDENCE = 0.8;

/**
 * A statement that took at least `minMs`, one finding per shape.
 *
 *     GET /usage
 *       SELECT count(*) FROM events WHERE user_id = $1      412 ms
 *
 * Not detected: time spent waiting for a free connection (the pool's, not the statement's).
 */
export const slowQuery = defineRequestDetector({
  kind: 'slow-query',
  description: 'One statement takes at least the threshold.',
  defaults: { minMs: 200 },

  // The record counted its slow queries as they ended, by the same threshold: see `slowQueryMinMs`.
  detect: (request) => request.groups.filter((group) => group.slowCount > 0).map((group) => toFinding(request, group)),
});

function toFinding(request: RequestRecord, group: QueryGroup): Finding {
  const minMs = request.slowQueryMinMs;
  // Those that ran at the same time held the request only once.
  const nowMs = Math.min(group.slowTotalMs, wallMsOf(group, request));
  const aboveMs = Math.max(0, nowMs - group.slowCount * minMs);
  const times = group.slowCount > 1 ? `, ${group.slowCount}× over ${formatMs(minMs)}` : '';
  return {
    kind: 'slow-query',
    severity: warningOrCritical(group.slowCount, group.durationMsMax, request),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('slow-query', request.endpoint, group.fingerprint),
    summary: `${group.summary} took ${formatMs(group.durationMsMax)}${times} (threshold ${formatMs(minMs)})`,
    recommendation: adviseSlow(group),
    confidence: CONFIDENCE,
    savedMs: [aboveMs, nowMs],
    estimate: `${nowMs.toFixed(1)} ms now, ${(nowMs - aboveMs).toFixed(1)} ms at the threshold, 0 ms without it`,
    evidence: {
      count: group.slowCount,
      totalMs: group.slowTotalMs,
      repeatMs: group.slowTotalMs,
      spanIds: [group.slowestSpanId],
      ...statementEvidence(group),
    },
  };
}
