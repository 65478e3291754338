import type { Finding } from '../../core/finding.ts';
import type { ParameterSet, QueryGroup, RequestRecord } from '../../core/types.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, repeatModeOf, warningOrCritical } from '../finding-parts.ts';

/**
 * One and the same read, values included, several times in one request.
 *
 *     GET /usage
 *       SELECT * FROM settings WHERE user_id = 7     loaded here,
 *       SELECT * FROM settings WHERE user_id = 7     and again by a helper,
 *       SELECT * FROM settings WHERE user_id = 7     and again
 *
 * Not detected: repeats whose parameters are not known (a driver without a hook); writes; statements that failed and were
 * tried again. Repeats inside an N+1 go away with it and are left out where the findings of a request are put together.
 */
export const duplicateQuery = defineRequestDetector({
  kind: 'duplicate-query',
  description: 'The same statement runs again with the same values.',
  defaults: { minQueries: 3 },

  detect(request, { minQueries }) {
    return request.groups.flatMap((group) => {
      // A cursor's FETCH and a retry ask for the same again on purpose.
      if (group.kind === 'write' || group.errorCount > 0 || group.text.startsWith('FETCH ')) return [];
      const repeated = group.parameterSets.filter((set) => set.count >= minQueries);
      return repeated.length === 0 ? [] : [toFinding(request, group, repeated)];
    });
  },
});

function toFinding(request: RequestRecord, group: QueryGroup, repeated: readonly ParameterSet[]): Finding {
  const count = repeated.reduce((sum, set) => sum + set.count, 0);
  const totalMs = repeated.reduce((sum, set) => sum + set.totalMs, 0);
  const repeatMs = repeated.reduce((sum, set) => sum + set.totalMs - set.totalMs / set.count, 0);
  return {
    kind: 'duplicate-query',
    severity: warningOrCritical(count, repeatMs, request),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('duplicate-query', request.endpoint, group.fingerprint),
    summary: `${group.summary} ran ${count}× with the same values (${formatMs(totalMs)}, request ${formatMs(request.durationMs)})`,
    recommendation: 'Load it once per request and pass it down, or cache it.',
    evidence: {
      count,
      totalMs,
      repeatMs,
      spanIds: group.spanIds,
      exampleText: group.text,
      queryFingerprint: group.fingerprint,
      mode: repeatModeOf(group),
      operation: 'read',
      distinctParameters: repeated.length,
    },
  };
}
