import type { Finding, Severity } from '../../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, repeatModeOf, wallMsOf, warningOrCritical } from '../finding-parts.ts';

/**
 * A query that runs once for each row of something else.
 *
 *     GET /orders
 *       SELECT * FROM orders LIMIT 10
 *       SELECT * FROM users WHERE id = $1        once per order: one after the other, at the same time,
 *       SELECT * FROM users WHERE id = $1        or with other queries in between
 *       …
 *
 * Queries are grouped by request, database and shape, wherever they stand among other spans: order is never needed.
 * A read whose every repeat had the same parameters is a duplicate, not an N+1. Parameters that are not known count as differing.
 *
 * Not detected: loops of less than `minQueries`; a loop whose statements differ in more than their values; loops spread over
 * several requests; batches in chunks (`= ANY($1)`, `unnest($1)`), cursors, and a statement that is tried again because it fails.
 */
export const nPlusOne = defineRequestDetector({
  kind: 'n-plus-one',
  description: 'The same statement runs once per row, with other values each time.',
  defaults: { minQueries: 5, minTotalMs: 0, warningTotalMs: 50 },

  detect(request, { minQueries, minTotalMs, warningTotalMs }) {
    return request.groups
      .filter((group) => group.count >= minQueries && group.totalMs >= minTotalMs && isLoopOverRows(group))
      .map((group) => toFinding(request, group, warningTotalMs));
  },
});

/** True when the repeats differ in their values, or may. The duplicate detector takes the other groups. */
function isLoopOverRows(group: QueryGroup): boolean {
  if (isBatchOrCursor(group) || isRetry(group)) return false;
  return group.kind === 'write' || group.parameterSets.length > 1 || group.parametersUnknownCount > 0;
}

/** Chunks of a batch repeat, and are what we would advise; a list of one that comes back with one row at the most is a loop. */
function isBatchOrCursor(group: QueryGroup): boolean {
  if (group.text.startsWith('FETCH ')) return true;
  const isOneRowEach = group.rowCountKnown > 0 && group.rowCount <= group.rowCountKnown;
  return group.takesList && !(group.kind === 'read' && isOneRowEach);
}

/** One statement, values included as far as they are known, that fails and is tried again until it goes through or is given up. */
function isRetry(group: QueryGroup): boolean {
  return group.errorCount > 0 && group.parameterSets.length <= 1 && group.errorCount >= group.count - 1;
}

function toFinding(request: RequestRecord, group: QueryGroup, warningTotalMs: number): Finding {
  const mode = repeatModeOf(group);
  const noun = group.kind === 'write' ? 'writes' : 'queries';
  return {
    kind: 'n-plus-one',
    severity: severityOf(request, group, warningTotalMs),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('n-plus-one', request.endpoint, group.fingerprint),
    summary:
      `${group.summary} ran ${group.count}×${mode === 'parallel' ? ' at the same time' : ''}${valuesSeen(group)} ` +
      `(${formatMs(group.totalMs)} in ${noun}, request ${formatMs(request.durationMs)})`,
    recommendation: recommend(group, mode === 'parallel'),
    evidence: {
      count: group.count,
      totalMs: group.totalMs,
      repeatMs: group.totalMs - group.totalMs / group.count,
      spanIds: group.spanIds,
      exampleText: group.text,
      queryFingerprint: group.fingerprint,
      mode,
      operation: group.kind,
      ...(group.parametersUnknownCount < group.count && { distinctParameters: group.parameterSets.length }),
    },
  };
}

/** Says of the values only what was seen of them. */
function valuesSeen(group: QueryGroup): string {
  if (group.parameterSets.length > 1) return ' with other values';
  return group.parametersUnknownCount > 0 ? '' : ' with the same values';
}

/** A write loop is one step milder: often it is an import that somebody chose to write so. */
function severityOf(request: RequestRecord, group: QueryGroup, warningTotalMs: number): Severity {
  if (group.totalMs < warningTotalMs) return 'info';
  const severity = warningOrCritical(group.count, wallMsOf(group), request);
  if (group.kind === 'read') return severity;
  return severity === 'critical' ? 'warning' : 'info';
}

function recommend(group: QueryGroup, parallel: boolean): string {
  if (group.kind === 'write')
    return 'Write the rows in one statement (multi-row INSERT, or UPDATE … FROM unnest($1)), in one transaction.';
  const pool = parallel ? ' Running them at the same time hides the wait but takes a connection for each.' : '';
  return `Load all rows in one query (a JOIN, or WHERE … = ANY($1)) and look them up in a Map.${pool}`;
}
