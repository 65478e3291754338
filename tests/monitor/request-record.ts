import type { Endpoint, QueryGroup, RequestRecord, SpanId, TraceId } from '../../core/types.ts';

/** A finished request with the given parts; an answered `GET /orders` of 10 ms without queries otherwise. */
export function requestRecord(
  parts: Partial<Omit<RequestRecord, 'endpoint' | 'groups'>> & {
    endpoint?: string;
    slowCounts?: readonly number[];
  } = {},
): RequestRecord {
  const { endpoint = 'GET /orders', slowCounts = [], ...rest } = parts;
  return {
    traceId: '0'.repeat(31).concat('1') as TraceId,
    rootSpanId: '0'.repeat(15).concat('1') as SpanId,
    kind: 'http',
    endpoint: endpoint as Endpoint,
    statusCode: 200,
    failed: false,
    aborted: false,
    sampled: true,
    durationMs: 10,
    queryCount: 0,
    queryTotalMs: 0,
    transactionCount: 0,
    queriesObserved: true,
    slowQueryMinMs: 200,
    groups: slowCounts.map((slowCount) => ({ slowCount }) as QueryGroup),
    queriesNotGrouped: 0,
    ...rest,
  };
}
