import { describe, expect, it } from 'vitest';
import { requestDetectors } from '../../analysis/detectors/index.ts';
import type { Endpoint } from '../../core/types.ts';
import { closeRequest, openRequest, queryEvent } from '../analysis/query-event.ts';

describe('a request in flight', () => {
  it('counts its queries while they end', () => {
    const request = openRequest();
    expect(request).toMatchObject({ closed: false, queryCount: 0, queryTotalMs: 0 });
    expect(request.addQuery(queryEvent({ durationMs: 2 }))).toBe(true);
    expect(request.addQuery(queryEvent({ durationMs: 3 }))).toBe(true);
    expect(request).toMatchObject({ closed: false, queryCount: 2, queryTotalMs: 5 });
  });

  it('closes into a record of what it was, with what the detectors found', () => {
    const request = openRequest(50);
    for (let n = 1; n <= 5; n++)
      request.addQuery(queryEvent({ id: n, startMs: 2 * n, durationMs: 2, parametersHash: n }));
    request.beginTransaction();
    const record = closeRequest(request, 80);
    expect(record).toMatchObject({
      traceId: '1'.repeat(32),
      rootSpanId: '0000000000000fff',
      kind: 'http',
      endpoint: 'GET /orders',
      statusCode: 200,
      failed: false,
      aborted: false,
      sampled: true,
      durationMs: 80,
      queryCount: 5,
      queryTotalMs: 10,
      transactionCount: 1,
      queriesObserved: true,
      slowQueryMinMs: 50,
      queriesNotGrouped: 0,
      groups: [{ count: 5, totalMs: 10 }],
      findings: [{ kind: 'n-plus-one', evidence: { count: 5 } }],
    });
    expect(request.closed).toBe(true);
  });

  it('calls a query slow by its own threshold', () => {
    const request = openRequest(50);
    request.addQuery(queryEvent({ durationMs: 49 }));
    request.addQuery(queryEvent({ durationMs: 50 }));
    expect(closeRequest(request).groups).toMatchObject([{ slowCount: 1, slowTotalMs: 50 }]);
  });

  it('refuses queries and transactions that come late: the record stays as it was told', () => {
    const request = openRequest();
    request.addQuery(queryEvent({ parametersHash: 1 }));
    const record = closeRequest(request);
    const told = structuredClone(record);
    expect(request.addQuery(queryEvent({ parametersHash: 1 }))).toBe(false);
    expect(request.addQuery(queryEvent({ shape: 'another' }))).toBe(false);
    request.beginTransaction();
    expect(request.queryCount).toBe(1);
    expect(record).toEqual(told);
  });

  it('tells a fault of a detector and closes all the same', () => {
    const request = openRequest();
    const faults: string[] = [];
    const thresholds = new Proxy(
      {},
      {
        get: (_target, kind) => ({
          get minMs() {
            throw new Error(String(kind));
          },
        }),
      },
    );
    const end = {
      endpoint: 'GET /orders' as Endpoint,
      statusCode: 200,
      failed: false,
      aborted: false,
      connection: 'request' as const,
      durationMs: 1,
      queriesObserved: true,
    };
    const record = request.close(end, { thresholds, onFault: (code) => void faults.push(code) });
    expect(record.findings).toEqual([]);
    expect(faults).toEqual(requestDetectors.map(({ kind }) => `detector ${kind}`));
    expect(request.closed).toBe(true);
  });
});
