import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs } from '../finding-parts.ts';
import { plannedCount } from '../repeats-on-purpose.ts';

const CONFIDENCE = 0.7;
const SHAPES_NAMED = 3;

/**
 * More queries than one request should need, of many shapes.
 *
 *     GET /dashboard        62 queries
 *       SELECT … FROM users …
 *       SELECT … FROM teams …
 *       …
 *
 * What repeats on purpose counts once: the rest of a cursor belongs to its first FETCH, and so it is with pages, batches and
 * polls; retries do not count. Where loops or duplicates explain the number, those are the findings: see `withoutCovered`. Not detected: jobs, which may take as many as they need.
 */
export const queryBudget = defineRequestDetector({
  kind: 'query-budget',
  description: 'The request sends more queries than its budget.',
  defaults: { maxQueries: 50 },

  detect(request, { maxQueries }) {
    const count = queryCountOf(request);
    if (request.kind === 'job' || count <= maxQueries) return [];
    return [
      {
        kind: 'query-budget' as const,
        severity: 'warning' as const,
        endpoint: request.endpoint,
        fingerprint: findingFingerprint('query-budget', request.endpoint),
        summary:
          `the request sent ${count} queries (budget ${maxQueries}; ${formatMs(request.queryTotalMs)} of ` +
          `${formatMs(request.durationMs)}), most often ${mostOften(request.groups)}`,
        recommendation:
          'Load what belongs together in one query, with a JOIN or by a list of keys; keep what rarely changes in a cache; ' +
          'leave what this answer does not show to a request of its own.',
        confidence: CONFIDENCE,
        savedMs: [0, 0] as const,
        evidence: { count, totalMs: request.queryTotalMs, repeatMs: 0, spanIds: [request.rootSpanId] },
      },
    ];
  },
});

function queryCountOf(request: RequestRecord): number {
  const { groups, queryCount } = request;
  return groups.reduce((count, group) => count - group.count + plannedCount(group, request), queryCount);
}

/** `SELECT users 4×, SELECT teams 3×`. */
function mostOften(groups: readonly QueryGroup[]): string {
  const first = groups.toSorted((a, b) => b.count - a.count).slice(0, SHAPES_NAMED);
  return first.map(({ summary, count }) => `${summary} ${count}×`).join(', ');
}
