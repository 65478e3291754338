import { describe, expect, it } from 'vitest';
import { slowEndpoint } from '../../analysis/detectors/slow-endpoint.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] =>
  slowEndpoint.detect(request, slowEndpoint.defaults);

describe('slow-endpoint reports', () => {
  it('a request that took long, and where its time went', () => {
    const request = requestFromTrace`
      GET /report                                  1840ms
        pg: SELECT count(*) FROM events             920ms`;

    expect(findingsIn(request)).toMatchObject([
      {
        kind: 'slow-endpoint',
        severity: 'warning',
        endpoint: 'GET /report',
        summary: 'the request took 1.84 s (threshold 1.00 s), 50 % of it in 1 queries',
        recommendation: expect.stringContaining('Most of the time is in its queries'),
        evidence: { count: 1, totalMs: 1840, spanIds: ['0000000000000001'] },
      },
    ]);
  });

  it('a request whose time is outside the database, and says so', () => {
    const request = requestFromTrace`
      GET /report                                  2000ms
        pg: SELECT count(*) FROM events             998ms
        fn: render                                 1000ms`;
    expect(findingsIn(request)).toMatchObject([
      { recommendation: expect.stringContaining('outside its queries'), evidence: { totalMs: 2000 } },
    ]);
  });

  it('the time of queries that ran at the same time once, whatever their shapes', () => {
    const request = requestFromTrace`
      GET /report                                  2000ms
        pg: SELECT a FROM t#                         90ms x20 at once`;
    expect(findingsIn(request)[0]?.summary).toContain(', 4.5 % of it in 20 queries');
    const twice = requestFromTrace`
      GET /report                                  1000ms
        pg: SELECT count(*) FROM events             300ms x20 at once
        pg: SELECT count(*) FROM visits             300ms`;
    expect(findingsIn(twice)[0]?.summary).toContain(', 60 % of it in 21 queries');
  });

  it('a share of at most 100 %', () => {
    const request = { ...requestFromTrace`GET /report 1000ms`, queryUnionMs: 1300, queryCount: 2 };
    expect(findingsIn(request)[0]?.summary).toContain('100 % of it in 2 queries');
  });

  it.each([
    [999, 0],
    [999.9, 0],
    [1000, 1],
    [1001, 1],
  ])('a request of %f ms in %i findings, at the threshold of 1000 ms', (ms, count) => {
    expect(findingsIn(drawnRequest(`GET /x ${ms}ms`))).toHaveLength(count);
  });

  it('a request that failed slowly', () => {
    expect(findingsIn(requestFromTrace`GET /report 30000ms -> 504`)).toHaveLength(1);
  });
});

describe('slow-endpoint stays silent when', () => {
  it.each([
    ['the request was fast', requestFromTrace`GET /report 20ms`],
    ['a job took long: nobody waits', requestFromTrace`job nightly 600000ms`],
    ['a message took long', requestFromTrace`consume orders 600000ms`],
    ['the client went away', { ...requestFromTrace`GET /report 30000ms`, aborted: true }],
    ['it was a stream of events', { ...requestFromTrace`GET /events 30000ms`, connection: 'stream' as const }],
    ['nobody told how long it took', { ...requestFromTrace`GET /report 30000ms`, isDurationDerived: true as const }],
    ['the connection became another one', { ...requestFromTrace`GET /socket 30000ms`, connection: 'upgrade' as const }],
  ])('%s', (_reason, request) => {
    expect(findingsIn(request)).toEqual([]);
  });
});

describe('what slow-endpoint writes', () => {
  it('has the documented default, and obeys another', () => {
    expect(slowEndpoint.defaults).toEqual({ minMs: 1000 });
    const request = requestFromTrace`GET /report 300ms`;
    expect(slowEndpoint.detect(request, { minMs: 300 })).toHaveLength(1);
    expect(slowEndpoint.detect(request, { minMs: 301 })).toEqual([]);
  });

  it('has one fingerprint per endpoint', () => {
    const of = (line: string) => findingsIn(drawnRequest(line))[0]?.fingerprint;
    expect(of('GET /report 1000ms')).toBe(of('GET /report 9000ms\n  pg: SELECT count(*) FROM t 5ms'));
    expect(of('GET /report 1000ms')).not.toBe(of('POST /report 1000ms'));
  });
});
