import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, warningOrCritical } from '../finding-parts.ts';

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
  detect: (request) =>
    request.groups
      .filter((group) => group.slowCount > 0)
      .map((group) => ({
        kind: 'slow-query' as const,
        severity: warningOrCritical(group.slowCount, group.durationMsMax, request),
        endpoint: request.endpoint,
        fingerprint: findingFingerprint('slow-query', request.endpoint, group.fingerprint),
        summary:
          `${group.summary} took ${formatMs(group.durationMsMax)}` +
          `${group.slowCount > 1 ? `, ${group.slowCount}× over ${formatMs(request.slowQueryMinMs)}` : ''} (threshold ${formatMs(request.slowQueryMinMs)})`,
        recommendation:
          'Run EXPLAIN (ANALYZE, BUFFERS) on it; a sequential scan over a large table asks for an index on its WHERE columns.',
        evidence: {
          count: group.slowCount,
          totalMs: group.slowTotalMs,
          repeatMs: group.slowTotalMs,
          spanIds: [group.slowestSpanId],
          exampleText: group.text,
          queryFingerprint: group.fingerprint,
          operation: group.kind,
        },
      })),
});
