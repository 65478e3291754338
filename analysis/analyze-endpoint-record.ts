import { combineHashes, hashValues } from '../core/keyed-hash.ts';
import { longestList } from '../core/longest-list.ts';
import type { CallSite, Endpoint, QueryEvent, QueryGroup, RequestRecord, SpanId, TraceId } from '../core/types.ts';
import { describeQuery, type QueryShape } from '../sql/index.ts';
import type { CheckedQuery } from './analyze-endpoint-input.ts';
import type { CheckedOptions } from './analyze-endpoint-options.ts';
import { isRollback } from './is-rollback.ts';
import { QueryGroups } from './query-groups.ts';
import { recordLimits } from './record-limits.ts';

/** The record of a request that sent these queries, built by the code that serves live spans. */
export function recordOfQueries(
  endpoint: Endpoint,
  queries: readonly CheckedQuery[],
  options: CheckedOptions,
): RequestRecord {
  const originMs = queries.reduce((least, { startMs }) => Math.min(least, startMs ?? Infinity), Infinity);
  const limits = recordLimits(options.thresholds);
  const slowQueryMinMs = options.slowQueryMinMs ?? limits.slowQueryMinMs;
  const groups = new QueryGroups({ ...limits, slowQueryMinMs });
  const callSites = new Map<string, CallSite>();
  let transactionCount = 0;
  let rollbackCount = 0;
  let isInTransaction = false;
  for (const { query, place } of inOrderOfEnds(queries)) {
    const system = query.system ?? options.system;
    const shape = describeQuery(query.text, system);
    if (shape.kind === 'control') {
      // A BEGIN that failed has opened nothing.
      const began = shape.startsTransaction && !query.failed;
      if (began) transactionCount++;
      if (isInTransaction && shape.endsTransaction && (query.failed || isRollback(shape.text))) rollbackCount++;
      isInTransaction = began || (isInTransaction && !shape.endsTransaction);
      continue;
    }
    const event = toEvent(query, place, system, shape, originMs);
    groups.add(event, isInTransaction ? transactionCount : 0);
    if (query.callSite !== undefined && !callSites.has(keyOf(event))) callSites.set(keyOf(event), query.callSite);
  }
  return {
    traceId: '0'.repeat(32) as TraceId,
    rootSpanId: '0'.repeat(16) as SpanId,
    kind: endpoint.startsWith('job ') ? 'job' : endpoint.startsWith('consume ') ? 'message' : 'http',
    endpoint,
    statusCode: 0,
    failed: false,
    aborted: false,
    connection: 'request',
    sampled: false,
    durationMs: options.durationMs ?? durationOf(queries, originMs),
    ...(options.durationMs === undefined && { isDurationDerived: true as const }),
    queryCount: groups.queryCount,
    queryTotalMs: groups.queryTotalMs,
    queryUnionMs: groups.queryUnionMs,
    transactionCount,
    rollbackCount,
    queriesObserved: true,
    slowQueryMinMs,
    groups: groups.toGroups().map((group) => withCallSite(group, callSites.get(keyOf(group)))),
    longQueries: groups.longQueries,
    calls: [],
    longCalls: [],
    heldTransactions: undefined,
    callsNotGrouped: 0,
    queriesNotGrouped: groups.notGrouped,
  };
}

/** Live queries come in the order of their ends. One without a start stays behind those that it stood behind in the list. */
function inOrderOfEnds(queries: readonly CheckedQuery[]): readonly { query: CheckedQuery; place: number }[] {
  let latestMs = -Infinity;
  const keyed = queries.map((query, place) => {
    const endMs = query.startMs === undefined ? latestMs : query.startMs + query.durationMs;
    latestMs = Math.max(latestMs, endMs);
    return { query, place, endMs };
  });
  return keyed.sort((a, b) => (a.endMs === b.endMs ? a.place - b.place : a.endMs - b.endMs));
}

function toEvent(query: CheckedQuery, place: number, system: string, shape: QueryShape, originMs: number): QueryEvent {
  return {
    spanId: (query.spanId ?? (place + 1).toString(16).padStart(16, '0')) as SpanId,
    system,
    namespace: query.namespace,
    fingerprint: shape.fingerprint,
    text: shape.text,
    summary: shape.summary,
    kind: shape.kind,
    takesList: shape.takesList,
    listSize: Math.max(shape.listSize, longestList(query.values)),
    traits: shape.traits,
    client: undefined,
    startMs: query.startMs === undefined ? undefined : query.startMs - originMs,
    durationMs: query.durationMs,
    failed: query.failed,
    parametersHash: parametersHash(query.values, shape),
    rowCount: query.rowCount,
  };
}

/** Known when the bind values are, or when the statement has no placeholder and so its literals are all there is. */
function parametersHash(values: unknown, shape: QueryShape): number | undefined {
  const binds = hashValues(values);
  if (binds === 0) return shape.parameterCount === 0 && shape.exact ? shape.literalsHash : undefined;
  return binds === undefined ? undefined : combineHashes(binds, shape.literalsHash);
}

function durationOf(queries: readonly CheckedQuery[], originMs: number): number {
  const totalMs = queries.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const isTimed = queries.length > 0 && queries.every(({ startMs }) => startMs !== undefined);
  if (!isTimed) return totalMs;
  return (
    queries.reduce((last, { startMs = 0, durationMs }) => Math.max(last, startMs + durationMs), originMs) - originMs
  );
}

function withCallSite(group: QueryGroup, callSite: CallSite | undefined): QueryGroup {
  return callSite === undefined ? group : { ...group, callSite };
}

function keyOf({ fingerprint, system, namespace }: QueryEvent | QueryGroup): string {
  return `${fingerprint}\n${system}\n${namespace}`;
}
