import type {
  CacheCounts,
  Endpoint,
  QueryFingerprint,
  QueryGroup,
  RequestRecord,
  SpanId,
  TraceId,
} from '../../core/types.ts';
import { NO_TRAITS } from '../../sql/index.ts';

const NO_CACHE_USE: CacheCounts = {
  lookups: 0,
  hits: 0,
  staleHits: 0,
  misses: 0,
  coalesced: 0,
  bypassed: 0,
  errors: 0,
  computeMs: 0,
  savedMs: 0,
};

/** A finished request with the given parts; an answered `GET /orders` of 10 ms without queries otherwise. */
export function requestRecord(
  parts: Partial<Omit<RequestRecord, 'endpoint' | 'groups' | 'cache'>> & {
    cache?: Pick<CacheCounts, 'lookups' | 'hits'> & Partial<CacheCounts>;
    endpoint?: string;
    slowCounts?: readonly number[];
    groups?: readonly QueryGroup[];
  } = {},
): RequestRecord {
  const { endpoint = 'GET /orders', slowCounts = [], groups, cache, ...rest } = parts;
  return {
    traceId: '0'.repeat(31).concat('1') as TraceId,
    rootSpanId: '0'.repeat(15).concat('1') as SpanId,
    kind: 'http',
    endpoint: endpoint as Endpoint,
    statusCode: 200,
    failed: false,
    aborted: false,
    connection: 'request',
    sampled: true,
    durationMs: 10,
    queryCount: 0,
    queryTotalMs: 0,
    queryUnionMs: 0,
    transactionCount: 0,
    rollbackCount: 0,
    queriesObserved: true,
    slowQueryMinMs: 200,
    groups: groups ?? slowCounts.map((slowCount, n) => queryGroup(`q${n}`, [300], { slowCount })),
    longQueries: [],
    calls: [],
    longCalls: [],
    heldTransactions: undefined,
    queriesNotGrouped: 0,
    callsNotGrouped: 0,
    ...(cache !== undefined && { cache: { ...NO_CACHE_USE, ...cache } }),
    ...rest,
  };
}

/** The queries of one shape, with these durations, one after the other. */
export function queryGroup(
  fingerprint: string,
  durationsMs: readonly number[],
  parts: Partial<QueryGroup> = {},
): QueryGroup {
  const totalMs = durationsMs.reduce((sum, durationMs) => sum + durationMs, 0);
  const spanId = '0'.repeat(15).concat('2') as SpanId;
  return {
    system: 'postgresql',
    namespace: '',
    fingerprint: fingerprint as QueryFingerprint,
    text: `SELECT * FROM ${fingerprint}`,
    summary: `SELECT ${fingerprint}`,
    kind: 'read',
    takesList: false,
    traits: NO_TRAITS,
    client: undefined,
    callSite: undefined,
    count: durationsMs.length,
    errorCount: 0,
    totalMs,
    durationsMs: durationsMs.slice(0, 100),
    durationMsMin: Math.min(...durationsMs),
    durationMsMax: Math.max(...durationsMs),
    slowCount: 0,
    slowTotalMs: 0,
    firstStartMs: 0,
    firstEndMs: durationsMs[0] ?? 0,
    lastEndMs: totalMs,
    startsKnown: true,
    unionMs: totalMs,
    overlapCount: 0,
    parameterSets: [],
    parameterSetsDropped: 0,
    parametersUnknownCount: 0,
    rowCount: 0,
    rowCountKnown: 0,
    rowCountMax: 0,
    durationMsOfMostRows: 0,
    transactionCount: 0,
    listSizeTotal: 0,
    batchCount: 0,
    precedingGroup: -1,
    spanIds: [spanId],
    slowestSpanId: spanId,
    ...parts,
  };
}
