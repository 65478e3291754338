import { recordLimits } from '../../analysis/record-limits.ts';
import type { Endpoint, QueryEvent, SpanId, TraceId } from '../../core/types.ts';
import type { CallSites } from '../../request/call-sites.ts';
import { LiveRequest } from '../../request/live-request.ts';
import { describeQuery } from '../../sql/index.ts';

const LIMITS = recordLimits({});

/** How a request of the benches ends. */
export const END = {
  endpoint: 'GET /orders' as Endpoint,
  statusCode: 200,
  failed: false,
  aborted: false,
  connection: 'request',
  durationMs: 900,
  queriesObserved: true,
} as const;

/** The default thresholds; a detector that throws ends the bench. */
export const ANALYSIS = {
  thresholds: {},
  onFault(code: string, thrown: unknown): void {
    throw new Error(code, { cause: thrown });
  },
};

/** An open request. */
export function openRequest(callSites?: CallSites): LiveRequest {
  return new LiveRequest({
    traceId: '1'.repeat(32) as TraceId,
    rootSpanId: '1'.repeat(16) as SpanId,
    kind: 'http',
    sampled: true,
    startTime: [0, 0],
    startedAtMs: 0,
    limits: LIMITS,
    ...(callSites !== undefined && { callSites }),
  });
}

/** The `n`-th query of a request: 1.5 ms, one after the other, one row each. */
export function queryOf(text: string, n: number): QueryEvent {
  const { fingerprint, text: sanitised, summary, takesList, listSize, traits } = describeQuery(text, 'postgresql');
  return {
    fingerprint,
    text: sanitised,
    summary,
    takesList,
    listSize,
    traits,
    spanId: String(n).padStart(16, '0') as SpanId,
    system: 'postgresql',
    namespace: 'shop',
    kind: 'read',
    client: 'pg',
    startMs: n * 2,
    durationMs: 1.5,
    failed: false,
    parametersHash: n + 1,
    rowCount: 1,
  };
}
