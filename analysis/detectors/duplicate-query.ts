import type { Finding } from '../../core/finding.ts';
import type { ParameterSet, QueryGroup, RequestRecord } from '../../core/types.ts';
import { adviseDuplicate } from '../advice.ts';
import { defineRequestDetector } from '../detector.ts';
import {
  findingFingerprint,
  formatMs,
  repeatModeOf,
  SURE_MIN,
  statementEvidence,
  warningOrCritical,
} from '../finding-parts.ts';
import { callsFunction, isCursor } from '../group-nature.ts';
import { savedByAskingOnce, wallShareMs } from '../saved-time.ts';

const SAME_ANSWER = 0.9;
const MAYBE_ANOTHER_ANSWER = 0.4;
/** What ran once repeats nothing. */
const LEAST_REPEATS = 2;

/**
 * One and the same read, values included, several times in one request.
 *
 *     GET /usage
 *       SELECT * FROM settings WHERE user_id = 7     loaded here,
 *       SELECT * FROM settings WHERE user_id = 7     and again by a helper,
 *       SELECT * FROM settings WHERE user_id = 7     and again
 *
 * Not detected: repeats whose parameters are not known (a driver without a hook); writes; statements that were tried again
 * because they, or their transaction, had failed; locks, cursors and polls, which ask for the same again on purpose; functions
 * that read no table. A read whose table the request also writes to may bring another answer each time: it is an `info`. So
 * is a job's that never found a row: it looks for work. Repeats inside an N+1 go away with it and are left out where the
 * findings of a request are put together.
 */
export const duplicateQuery = defineRequestDetector({
  kind: 'duplicate-query',
  description: 'The same statement runs again with the same values.',
  defaults: { minQueries: 3 },

  detect(request, { minQueries }) {
    return request.groups.flatMap((group) => {
      if (group.kind === 'write' || asksAgainOnPurpose(group)) return [];
      // Nobody kept which of them failed: as many of each set may have been tried again.
      const triedAgain = Math.max(group.errorCount, request.rollbackCount);
      const leastCount = Math.max(LEAST_REPEATS, minQueries) + triedAgain;
      const repeated = group.parameterSets.filter((set) => set.count >= leastCount);
      return repeated.length === 0 ? [] : [toFinding(request, group, repeated)];
    });
  },
});

function asksAgainOnPurpose(group: QueryGroup): boolean {
  return isCursor(group) || group.traits.polls || group.traits.locks || callsFunction(group);
}

function toFinding(request: RequestRecord, group: QueryGroup, repeated: readonly ParameterSet[]): Finding {
  const count = repeated.reduce((sum, set) => sum + set.count, 0);
  const totalMs = repeated.reduce((sum, set) => sum + set.totalMs, 0);
  const repeatMs = repeated.reduce((sum, set) => sum + set.totalMs - set.totalMs / set.count, 0);
  const confidence = isAnswerTheSame(group, request) ? SAME_ANSWER : MAYBE_ANOTHER_ANSWER;
  return {
    kind: 'duplicate-query',
    severity:
      confidence < SURE_MIN || looksForWork(group, request)
        ? 'info'
        : warningOrCritical(count, wallShareMs(group, repeatMs, request), request),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('duplicate-query', request.endpoint, group.fingerprint),
    summary: `${group.summary} ran ${count}× with the same values (${formatMs(totalMs)}, request ${formatMs(request.durationMs)})`,
    recommendation: adviseDuplicate(group),
    confidence,
    ...savedByAskingOnce({ group, count, setCount: repeated.length, totalMs, repeatMs }, request),
    evidence: {
      count,
      totalMs,
      repeatMs,
      spanIds: group.spanIds,
      ...statementEvidence(group),
      mode: repeatModeOf(group),
      distinctParameters: repeated.length,
    },
  };
}

/** The request writes to none of its tables; and they are known. */
function isAnswerTheSame({ traits }: QueryGroup, { groups }: RequestRecord): boolean {
  const written = new Set(groups.flatMap((other) => (other.kind === 'write' ? other.traits.tables.map(bareName) : [])));
  return traits.tables.length > 0 && !traits.tables.some((table) => written.has(bareName(table)));
}

/** `stock` of `public.stock` and of `"Stock"`: a table may be written with its schema here and without it there. */
function bareName(table: string): string {
  return table
    .slice(table.lastIndexOf('.') + 1)
    .replaceAll(/["`[\]]/g, '')
    .toLowerCase();
}

function looksForWork({ rowCount, rowCountKnown }: QueryGroup, { kind }: RequestRecord): boolean {
  return kind === 'job' && rowCountKnown > 0 && rowCount === 0;
}
