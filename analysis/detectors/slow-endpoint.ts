import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs } from '../finding-parts.ts';

/**
 * A request that took at least `minMs`.
 *
 *     GET /report      1840 ms
 *       …
 *
 * It names the symptom: what caused it stands in the other findings of the request, or outside the database.
 * The share of its queries is the time in which at least one of them ran.
 * Not detected: jobs and messages, whose length is nobody's wait; requests whose client went away; streams of events and
 * upgraded connections, which last as long as their client likes.
 */
export const slowEndpoint = defineRequestDetector({
  kind: 'slow-endpoint',
  description: 'The request takes at least the threshold.',
  defaults: { minMs: 1000 },

  detect(request, { minMs }) {
    if (request.kind !== 'http' || request.connection !== 'request') return [];
    if (request.aborted || request.isDurationDerived === true || request.durationMs < minMs) return [];
    const inQueries = Math.min(1, request.queryUnionMs / request.durationMs);
    return [
      {
        kind: 'slow-endpoint' as const,
        severity: 'warning' as const,
        endpoint: request.endpoint,
        fingerprint: findingFingerprint('slow-endpoint', request.endpoint),
        summary: `the request took ${formatMs(request.durationMs)} (threshold ${formatMs(minMs)}), ${percentOf(inQueries)} % of it in ${request.queryCount} queries`,
        recommendation:
          inQueries >= 0.5
            ? 'Most of the time is in its queries: start with the findings on them.'
            : 'Most of the time is outside its queries: look at the trace for calls to other services and for CPU work.',
        confidence: 1,
        savedMs: [0, 0] as const,
        evidence: { count: 1, totalMs: request.durationMs, repeatMs: 0, spanIds: [request.rootSpanId] },
      },
    ];
  },
});

/** `50`, and `4.5` below ten. */
function percentOf(share: number): string {
  const percent = 100 * share;
  return String(percent < 10 ? Math.round(10 * percent) / 10 : Math.round(percent));
}
