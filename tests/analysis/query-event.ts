import type { AnalyzedRequest, Endpoint, QueryEvent, QueryFingerprint, SpanId, TraceId } from '../../core/types.ts';
import { recordLimits } from '../../analysis/record-limits.ts';
import { LiveRequest } from '../../request/live-request.ts';
import { NO_TRAITS } from '../../sql/index.ts';

/** A span id from a number. */
export function spanIdOf(n: number): SpanId {
  return n.toString(16).padStart(16, '0') as SpanId;
}

/** A query whose start somebody told. */
export type TimedQuery = QueryEvent & { readonly startMs: number };

/** An ended read of 1 ms with the given parts; the shape is named by a word. */
export function queryEvent(
  parts: Partial<Omit<TimedQuery, 'fingerprint' | 'spanId'>> & { readonly shape?: string; readonly id?: number } = {},
): TimedQuery {
  const { shape = 'users', id = 1, ...rest } = parts;
  return {
    spanId: spanIdOf(id),
    system: 'postgresql',
    namespace: '',
    fingerprint: `fingerprint of ${shape}` as QueryFingerprint,
    text: `SELECT * FROM ${shape} WHERE id = $1`,
    summary: `SELECT ${shape}`,
    kind: 'read',
    startMs: 0,
    durationMs: 1,
    failed: false,
    parametersHash: undefined,
    takesList: false,
    listSize: 0,
    traits: { ...NO_TRAITS, tables: [shape] },
    client: undefined,
    rowCount: undefined,
    ...rest,
  };
}

/** A request that is open at 0 ms. */
export function openRequest(slowQueryMinMs = 200): LiveRequest {
  return new LiveRequest({
    traceId: '1'.repeat(32) as TraceId,
    rootSpanId: spanIdOf(0xfff),
    kind: 'http',
    sampled: true,
    startTime: [0, 0],
    startedAtMs: 0,
    limits: { ...recordLimits({}), slowQueryMinMs },
  });
}

/** Ends a request after `durationMs`; a detector that throws fails the test. */
export function closeRequest(request: LiveRequest, durationMs = 1000): AnalyzedRequest {
  return request.close(
    {
      endpoint: 'GET /orders' as Endpoint,
      statusCode: 200,
      failed: false,
      aborted: false,
      connection: 'request',
      durationMs,
      queriesObserved: true,
    },
    {
      thresholds: {},
      onFault(code, thrown) {
        throw new Error(`${code} threw`, { cause: thrown });
      },
    },
  );
}

/** The request in which these queries ended, in this order. */
export function requestWith(queries: readonly QueryEvent[], durationMs = 1000): AnalyzedRequest {
  const request = openRequest();
  for (const query of queries) request.addQuery(query);
  return closeRequest(request, durationMs);
}
