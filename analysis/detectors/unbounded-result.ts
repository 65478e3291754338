import type { Finding } from '../../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { adviseUnbounded } from '../advice.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, statementEvidence, warningOrCritical } from '../finding-parts.ts';
import { isCursor, isExactText, takesLists } from '../group-nature.ts';

/** A WHERE may bound the rows by what it means; without one the result is as large as the table. */
const WITH_WHERE = 0.6;
const WITHOUT_WHERE = 0.8;

/**
 * A read without LIMIT that returned at least `minRows` rows to one request.
 *
 *     GET /customers
 *       SELECT * FROM customers        12 480 rows
 *
 * Not detected: reads of drivers that do not tell the number of rows; jobs and messages, which are there to read everything;
 * cursors; one query for a list of keys; statements whose text was cut, for the LIMIT may be in the rest; document stores.
 */
export const unboundedResult = defineRequestDetector({
  kind: 'unbounded-result',
  description: 'A read without a LIMIT returns a large number of rows.',
  defaults: { minRows: 1000 },

  detect(request, { minRows }) {
    if (request.kind !== 'http') return [];
    return request.groups
      .filter((group) => group.rowCountMax >= minRows && isUnbounded(group))
      .map((group) => toFinding(request, group, minRows));
  },
});

function isUnbounded(group: QueryGroup): boolean {
  const { limited, aggregated } = group.traits;
  if (group.kind === 'write' || limited || aggregated) return false;
  return !group.takesList && !takesLists(group) && !isCursor(group) && isExactText(group);
}

function toFinding(request: RequestRecord, group: QueryGroup, minRows: number): Finding {
  const { rowCountMax } = group;
  const ms = Math.min(group.durationMsOfMostRows, request.durationMs);
  const keptMs = ms * (minRows / rowCountMax);
  return {
    kind: 'unbounded-result',
    severity: warningOrCritical(1, ms, request),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('unbounded-result', request.endpoint, group.fingerprint),
    summary: `${group.summary} returned ${rowCountMax} rows without a LIMIT (${formatMs(ms)}, threshold ${minRows} rows)`,
    recommendation: adviseUnbounded(group),
    confidence: group.traits.hasWhere ? WITH_WHERE : WITHOUT_WHERE,
    savedMs: [0, Math.max(0, ms - keptMs)],
    estimate: `${ms.toFixed(1)} ms now, ${keptMs.toFixed(1)} ms for ${minRows} of ${rowCountMax} rows`,
    evidence: { count: 1, totalMs: ms, repeatMs: ms, spanIds: group.spanIds, ...statementEvidence(group) },
  };
}
