import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs } from '../finding-parts.ts';

/**
 * A request that took at least `minMs`.
 *
 *     GET /report      1840 ms
 *       …
 *
 * It names the symptom: what caused it stands in the other findings of the request, or outside the database.
 * Not detected: jobs and messages, whose length is nobody's wait; requests whose client went away.
 */
export const slowEndpoint = defineRequestDetector({
  kind: 'slow-endpoint',
  description: 'The request takes at least the threshold.',
  defaults: { minMs: 1000 },

  detect(request, { minMs }) {
    if (request.kind !== 'http' || request.aborted || request.durationMs < minMs) return [];
    const inQueries = Math.min(1, request.queryTotalMs / request.durationMs);
    return [
      {
        kind: 'slow-endpoint',
        severity: 'warning',
        endpoint: request.endpoint,
        fingerprint: findingFingerprint('slow-endpoint', request.endpoint),
        summary: `the request took ${formatMs(request.durationMs)} (threshold ${formatMs(minMs)}), ${Math.round(100 * inQueries)} % of it in ${request.queryCount} queries`,
        recommendation:
          inQueries >= 0.5
            ? 'Most of the time is in its queries: start with the findings on them.'
            : 'Most of the time is outside its queries: look at the trace for calls to other services and for CPU work.',
        evidence: { count: 1, totalMs: request.durationMs, repeatMs: 0, spanIds: [request.rootSpanId] },
      },
    ];
  },
});
