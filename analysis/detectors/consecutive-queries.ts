import type { Finding } from '../../core/finding.ts';
import type { LongQuery, QueryFingerprint, QueryGroup, RequestRecord } from '../../core/types.ts';
import { adviseConsecutive } from '../advice.ts';
import { defineRequestDetector } from '../detector.ts';
import { findingFingerprint, formatMs, statementEvidence, warningOrCritical } from '../finding-parts.ts';
import { bestRun, type SequentialRun, type TimedRead } from '../sequential-run.ts';

/** That two reads share no data does not show that no code stands between them that decides whether the second runs. */
const CONFIDENCE = 0.6;
/** Queries at the same time share the database: half of the wait is certain to be overlapped. */
const SAVED_SHARE_MIN = 0.5;
const MAX_SPAN_IDS = 4;

/**
 * Reads that wait for each other although none needs what another returned.
 *
 *     GET /dashboard
 *       SELECT count(*) FROM orders        80 ms
 *       SELECT count(*) FROM tickets                90 ms
 *       SELECT count(*) FROM visits                          120 ms
 *
 * A read needs nothing of those before it when it takes no values, or the same values as the first of them: then they were
 * known before it. Saved is what the others could run beside: the sum, less the longer of the longest independent one and
 * all dependent ones together.
 *
 * Not detected: reads in a transaction, which has one connection; reads with a write between them; a shape that comes
 * several times, which is a loop's or a duplicate's; reads of less than `minQueryMs`, and those beyond the first 64 that
 * are longer; values that come from code in between; jobs and messages, for which nobody waits.
 */
export const consecutiveQueries = defineRequestDetector({
  kind: 'consecutive-queries',
  description: 'Reads that do not need each other run one after the other.',
  defaults: { minQueryMs: 30, minSavedMs: 100, minSavedRatio: 0.1 },

  detect(request, { minQueryMs, minSavedMs, minSavedRatio }) {
    if (request.kind !== 'http' || request.longQueries.length < 2) return [];
    const found = new Map<QueryFingerprint, SequentialRun>();
    for (const reads of runsOf(request, minQueryMs)) {
      const run = bestRun(reads);
      if (run === undefined || run.savedMs < minSavedMs || run.savedMs < minSavedRatio * run.totalMs) continue;
      const name = nameOfRun(reads);
      // The same reads again, after a write: one finding, which tells of the run that saves most.
      if (run.savedMs > (found.get(name)?.savedMs ?? 0)) found.set(name, run);
    }
    return Array.from(found, ([name, run]) => toFinding(request, run, name));
  },
});

/** The longest runs of reads that follow each other without overlap, transaction or write; shapes that repeat are left out. */
function runsOf(request: RequestRecord, minQueryMs: number): readonly (readonly TimedRead[])[] {
  const queries = request.longQueries
    .filter(({ durationMs }) => durationMs >= minQueryMs)
    .toSorted((a, b) => a.startMs - b.startMs || a.durationMs - b.durationMs);
  const runs: TimedRead[][] = [];
  let run: TimedRead[] = [];
  let last: LongQuery | undefined;
  for (const query of queries) {
    const group = request.groups[query.group];
    const follows =
      last !== undefined && query.startMs >= last.startMs + last.durationMs && query.writesBefore === last.writesBefore;
    const isRead = group !== undefined && group.kind === 'read' && !group.traits.locks;
    if (run.length > 0 && (!follows || !isRead || query.inTransaction)) {
      runs.push(run);
      run = [];
    }
    if (isRead && !query.inTransaction) run.push({ query, group });
    last = last !== undefined && endOf(last) > endOf(query) ? last : query;
  }
  runs.push(run);
  return runs.map(withoutRepeatedShapes);
}

function endOf({ startMs, durationMs }: LongQuery): number {
  return startMs + durationMs;
}

function withoutRepeatedShapes(run: readonly TimedRead[]): readonly TimedRead[] {
  const counts = new Map<QueryGroup, number>();
  for (const { group } of run) counts.set(group, (counts.get(group) ?? 0) + 1);
  return run.filter(({ group }) => counts.get(group) === 1);
}

/** Of all shapes of the run, in an order of their own: which of them took longest today must not rename it. */
function nameOfRun(reads: readonly TimedRead[]): QueryFingerprint {
  const shapes = new Set(reads.map(({ group }) => group.fingerprint));
  return [...shapes].toSorted().join(' ') as QueryFingerprint;
}

function toFinding(request: RequestRecord, run: SequentialRun, name: QueryFingerprint): Finding {
  const { reads, costliest, totalMs } = run;
  const savedMs = Math.min(run.savedMs, request.durationMs);
  const groups = reads.map(({ group }) => group);
  const lowMs = SAVED_SHARE_MIN * savedMs;
  const spanIds = reads.map(({ query }) => query.spanId);
  return {
    kind: 'consecutive-queries',
    severity: warningOrCritical(reads.length, savedMs, request),
    endpoint: request.endpoint,
    fingerprint: findingFingerprint('consecutive-queries', request.endpoint, name),
    summary:
      `${reads.length} reads ran one after the other (${formatMs(totalMs)}, request ${formatMs(request.durationMs)}), ` +
      `${run.independentCount} of them could run beside the others: ${costliest.group.summary} ${formatMs(costliest.query.durationMs)}`,
    recommendation: adviseConsecutive(groups),
    confidence: CONFIDENCE,
    savedMs: [lowMs, savedMs],
    estimate: `${totalMs.toFixed(1)} ms now, ${(totalMs - savedMs).toFixed(1)} ms at the same time, half of the difference if they slow each other`,
    evidence: {
      count: reads.length,
      totalMs,
      repeatMs: savedMs,
      spanIds: spanIds.length > MAX_SPAN_IDS ? [...spanIds.slice(0, MAX_SPAN_IDS - 1), ...spanIds.slice(-1)] : spanIds,
      ...statementEvidence(costliest.group),
      tables: [...new Set(groups.flatMap(({ traits }) => traits.tables))],
      mode: 'sequential',
    },
  };
}
