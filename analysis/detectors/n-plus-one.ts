import type { Finding, Severity } from '../../core/finding.ts';
import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { adviseLoop } from '../advice.ts';
import { defineRequestDetector } from '../detector.ts';
import {
  findingFingerprint,
  formatMs,
  repeatModeOf,
  SURE_MIN,
  statementEvidence,
  wallMsOf,
  warningOrCritical,
} from '../finding-parts.ts';
import {
  callsFunction,
  callsProcedure,
  hasManyRowsEach,
  hasOneParameterSet,
  isPages,
  retryCount,
  takesLists,
} from '../group-nature.ts';
import { loopConfidence } from '../loop-confidence.ts';
import { loopLevels, loopSource, toStatementSource, type LoopSource } from '../loop-source.ts';
import { repeatsOnPurpose } from '../repeats-on-purpose.ts';
import { savedByBatching } from '../saved-time.ts';

/** From this many transactions per write on, each has one of its own. */
const TRANSACTION_EACH_MIN = 0.8;

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
 * Not detected: loops of less than `minQueries`, retries not counted; a loop whose statements differ in more than their values;
 * loops spread over several requests; batches in chunks (`= ANY($1)`, `unnest($1)`, lists of ten and more), long writes that
 * were cut into ranges, cursors, pages, polls of a queue; and functions that read no table.
 */
export const nPlusOne = defineRequestDetector({
  kind: 'n-plus-one',
  description: 'The same statement runs once per row, with other values each time.',
  defaults: { minQueries: 5, minTotalMs: 0, warningTotalMs: 50 },

  detect(request, { minQueries, minTotalMs, warningTotalMs }) {
    return request.groups
      .filter(
        (group) =>
          group.count >= minQueries && group.totalMs >= minTotalMs && isLoopOverRows(request, group, minQueries),
      )
      .map((group) => toFinding(request, group, warningTotalMs));
  },
});

/** True when the repeats differ in their values, or may. The duplicate detector takes the other groups. */
function isLoopOverRows(request: RequestRecord, group: QueryGroup, minQueries: number): boolean {
  if (callsFunction(group) || group.count - retryCount(group, request.rollbackCount) < minQueries) return false;
  if (repeatsOnPurpose(group, request)) return false;
  return group.kind === 'write' || group.parameterSets.length > 1 || group.parametersUnknownCount > 0;
}

function toFinding(request: RequestRecord, group: QueryGroup, warningTotalMs: number): Finding {
  const mode = repeatModeOf(group);
  const source = loopSource(group, request.groups);
  const levels = loopLevels(group, request.groups);
  const statementSource = source === undefined ? undefined : toStatementSource(source);
  const confidence = loopConfidence(group, source?.proof);
  const outer = levels.length > 1 ? levels[0] : undefined;
  const noun = group.kind === 'write' ? 'writes' : 'queries';
  return {
    kind: 'n-plus-one',
    severity: severityOf(request, group, confidence, warningTotalMs),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('n-plus-one', request.endpoint, group.fingerprint),
    summary:
      `${group.summary} ran ${group.count}×${mode === 'parallel' ? ' at the same time' : ''}${valuesSeen(group)}` +
      `${sourceSeen(source)}${chain(levels)}${transactionsSeen(group)} ` +
      `(${formatMs(group.totalMs)} in ${noun}, request ${formatMs(request.durationMs)})`,
    recommendation:
      (outer === undefined ? '' : `Fix the outer level first (${outer.summary}). `) +
      (writesOneRow(group)
        ? adviseOneRow(group)
        : adviseLoop({ group, parallel: mode === 'parallel', source: statementSource })),
    confidence,
    ...savedByBatching(group, request),
    evidence: {
      count: group.count,
      totalMs: group.totalMs,
      repeatMs: group.totalMs - group.totalMs / group.count,
      spanIds: group.spanIds,
      ...statementEvidence(group),
      mode,
      ...(group.parametersUnknownCount < group.count && { distinctParameters: group.parameterSets.length }),
      ...(levels.length > 1 && { nested: levels.length }),
      ...(statementSource !== undefined && { source: statementSource }),
    },
  };
}

/** Says of the values only what was seen of them. */
function valuesSeen(group: QueryGroup): string {
  if (group.parameterSets.length > 1) return ' with other values';
  return group.parametersUnknownCount > 0 ? '' : ' with the same values';
}

function sourceSeen(source: LoopSource | undefined): string {
  if (source === undefined) return '';
  return source.proof === 'order' ? `, after ${source.group.summary}` : `, once per row of ${source.group.summary}`;
}

/** `, nested: posts 5 → comments 15`. */
function chain(levels: readonly QueryGroup[]): string {
  if (levels.length < 2) return '';
  return `, nested: ${levels.map((level) => `${level.traits.tables[0] ?? level.summary} ${level.count}`).join(' → ')}`;
}

function transactionsSeen({ kind, count, transactionCount }: QueryGroup): string {
  return kind === 'write' && transactionCount >= TRANSACTION_EACH_MIN * count
    ? ', each in a transaction of its own'
    : '';
}

/** Each repeat wrote the same values to the same place: as far as anybody can tell no loop over rows, and a waste all the same. */
function writesOneRow(group: QueryGroup): boolean {
  return group.kind === 'write' && hasOneParameterSet(group);
}

function adviseOneRow({ count, summary }: QueryGroup): string {
  return summary.startsWith('INSERT')
    ? `It inserts the same values ${count} times: insert them once, or all rows with one statement.`
    : `It writes the same rows ${count} times with the same values: add up what the repeats change, and write once.`;
}

/** A write loop is one step milder: often it is an import that somebody chose to write so. */
function severityOf(request: RequestRecord, group: QueryGroup, confidence: number, warningTotalMs: number): Severity {
  // Short lists, and lists for rows: whoever wrote it has batched some of it, or may need a query for each.
  if (confidence < SURE_MIN || takesLists(group) || hasManyRowsEach(group) || isPages(group)) return 'info';
  if (group.totalMs < warningTotalMs || callsProcedure(group) || writesOneRow(group)) return 'info';
  const severity = warningOrCritical(group.count, wallMsOf(group, request), request);
  if (group.kind === 'read') return severity;
  return severity === 'critical' ? 'warning' : 'info';
}
