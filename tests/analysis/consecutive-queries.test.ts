import { describe, expect, it } from 'vitest';
import { consecutiveQueries } from '../../analysis/detectors/consecutive-queries.ts';
import { MAX_LONG_QUERIES } from '../../analysis/query-groups.ts';
import type { Finding } from '../../core/finding.ts';
import type { RequestRecord } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: RequestRecord): readonly Finding[] =>
  consecutiveQueries.detect(request, consecutiveQueries.defaults);

describe('consecutive-queries reports', () => {
  it('one finding for reads that need nothing of each other', () => {
    const request = requestFromTrace`
      GET /dashboard                                     900ms
        pg: SELECT count(*) FROM orders                   80ms
        pg: SELECT count(*) FROM tickets                  90ms
        pg: SELECT count(*) FROM visits                  120ms`;

    expect(findingsIn(request)).toEqual([
      {
        kind: 'consecutive-queries',
        severity: 'warning',
        endpoint: 'GET /dashboard',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary:
          '3 reads ran one after the other (290 ms, request 900 ms), 2 of them could run beside the others: SELECT visits 120 ms',
        recommendation: expect.stringContaining('Promise.all'),
        confidence: 0.6,
        // 290 - max(120, 80): at the most, and half of it where they slow each other.
        savedMs: [85, 170],
        estimate: '290.0 ms now, 120.0 ms at the same time, half of the difference if they slow each other',
        evidence: {
          count: 3,
          totalMs: 290,
          repeatMs: 170,
          spanIds: ['0000000000000002', '0000000000000003', '0000000000000004'],
          exampleText: 'SELECT count(*) FROM visits',
          queryFingerprint: request.groups[2]?.fingerprint,
          operation: 'read',
          tables: ['orders', 'tickets', 'visits'],
          mode: 'sequential',
        },
      },
    ]);
  });

  it('reads that share the values of the first, and counts those that do not as waiting', () => {
    const request = requestFromTrace`
      GET /usage                                                      900ms
        pg: SELECT * FROM users WHERE id = $1 with (7)                 60ms
        pg: SELECT * FROM teams WHERE id = $1 with (9)                 50ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)        150ms`;
    // 260 - max(150, 60 + 50)
    expect(findingsIn(request)).toMatchObject([{ savedMs: [55, 110], evidence: { count: 3, totalMs: 260 } }]);
  });

  it('the part of a run that saves most: reads whose values the first did not have', () => {
    const request = requestFromTrace`
      GET /usage                                                      900ms
        pg: SELECT * FROM sessions WHERE token = $1 with (abc)         90ms
        pg: SELECT * FROM users WHERE id = $1 with (7)                110ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)        150ms`;
    expect(findingsIn(request)).toMatchObject([
      { savedMs: [55, 110], evidence: { count: 2, totalMs: 260, tables: ['users', 'settings'] } },
    ]);
  });

  it('reads beside which short ones run, and reads on two databases', () => {
    const request = requestFromTrace`
      GET /usage                                       900ms
        pg: SELECT count(*) FROM orders                150ms on shard1
        pg: SELECT a FROM b                              2ms
        pg: SELECT count(*) FROM orders                150ms on shard2`;
    expect(findingsIn(request)).toMatchObject([{ savedMs: [75, 150] }]);
  });

  it('each run for itself', () => {
    const request = requestFromTrace`
      GET /usage                                       900ms
        pg: SELECT count(*) FROM a                     150ms
        pg: SELECT count(*) FROM b                     150ms
        pg: UPDATE totals SET n = 1                      2ms
        pg: SELECT count(*) FROM c                     150ms
        pg: SELECT count(*) FROM d                     150ms`;
    expect(findingsIn(request).map(({ evidence }) => evidence.tables)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('the same reads after a write once, with what saves most', () => {
    const request = requestFromTrace`
      POST /usage                                      900ms
        pg: SELECT count(*) FROM a                     110ms
        pg: SELECT count(*) FROM b                     150ms
        pg: INSERT INTO v (p) VALUES ($1) with (1)       3ms
        pg: SELECT count(*) FROM a                     120ms
        pg: SELECT count(*) FROM b                     150ms`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { totalMs: 270, count: 2 } }]);
  });

  it('under one fingerprint, whichever of them took longest', () => {
    const of = (...ms: readonly number[]) =>
      findingsIn(
        drawnRequest(`GET /x 900ms\n${ms.map((n, i) => `  pg: SELECT count(*) FROM ${'abc'[i]} ${n}ms`).join('\n')}`),
      ).map(({ fingerprint }) => fingerprint);
    const [name] = of(80, 90, 120);
    expect(name).toBeDefined();
    for (const durations of [
      [80, 125, 120],
      [200, 90, 100],
    ])
      expect(of(...durations)).toEqual([name]);
    expect(of(80, 120)).not.toEqual([name]);
    const inTurn = (...tables: readonly string[]) =>
      findingsIn(
        drawnRequest(`GET /x 900ms\n${tables.map((t) => `  pg: SELECT count(*) FROM ${t} 120ms`).join('\n')}`),
      );
    expect(inTurn('c', 'a', 'b')).toMatchObject([{ fingerprint: name }]);
  });

  it('as critical what takes 30 % of the request', () => {
    const picture = (ms: number) =>
      drawnRequest(`GET /x ${ms}ms\n  pg: SELECT count(*) FROM a 150ms\n  pg: SELECT count(*) FROM b 150ms`);
    expect(findingsIn(picture(500))).toMatchObject([{ severity: 'critical' }]);
    expect(findingsIn(picture(501))).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('consecutive-queries stays silent when', () => {
  it.each([
    [
      'the second needs what the first returned, as far as anybody can tell',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT * FROM users WHERE id = $1 with (7)          150ms
          pg: SELECT * FROM teams WHERE id = $1 with (9)          150ms`,
    ],
    [
      'nobody saw the values',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT * FROM users WHERE id = $1                   150ms
          pg: SELECT * FROM teams WHERE id = $1                   150ms`,
    ],
    [
      'they run at the same time already',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT count(*) FROM a                              150ms
          pg: SELECT count(*) FROM b                              150ms beside`,
    ],
    [
      'they run in a transaction, on one connection',
      requestFromTrace`
        GET /usage                                               900ms
          pg: BEGIN                                                 1ms
          pg: SELECT count(*) FROM a                              150ms
          pg: SELECT count(*) FROM b                              150ms
          pg: COMMIT                                                1ms`,
    ],
    [
      'one of them runs in a transaction',
      requestFromTrace`
        GET /usage                                               900ms
          pg: BEGIN                                                 1ms
          pg: SELECT count(*) FROM a                              150ms
          pg: COMMIT                                                1ms
          pg: SELECT count(*) FROM b                              150ms`,
    ],
    [
      'a longer one runs beside them: the request waits for that',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT count(*) FROM a                              400ms
          pg: SELECT count(*) FROM b#                             130ms x3 beside`,
    ],
    [
      'a write stands between them',
      requestFromTrace`
        POST /usage                                              900ms
          pg: SELECT count(*) FROM a                              150ms
          pg: INSERT INTO log (a) VALUES (1)                        2ms
          pg: SELECT count(*) FROM b                              150ms`,
    ],
    [
      'a long write stands between them',
      requestFromTrace`
        POST /usage                                              900ms
          pg: SELECT count(*) FROM a                              150ms
          pg: UPDATE log SET a = 1                                150ms
          pg: SELECT count(*) FROM b                              150ms`,
    ],
    [
      'they are one shape: a loop or a duplicate',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT count(*) FROM a                              150ms x4`,
    ],
    [
      'they are rows locked in turn',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT * FROM a FOR UPDATE                          150ms
          pg: SELECT * FROM b FOR UPDATE                          150ms`,
    ],
    [
      'the queries are short',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT count(*) FROM a                               29ms
          pg: SELECT count(*) FROM b                               29ms
          pg: SELECT count(*) FROM c                               29ms
          pg: SELECT count(*) FROM d                               29ms
          pg: SELECT count(*) FROM e                               29ms`,
    ],
    [
      'it would save less than 100 ms',
      requestFromTrace`
        GET /usage                                               900ms
          pg: SELECT count(*) FROM a                               99ms
          pg: SELECT count(*) FROM b                               99ms`,
    ],
    [
      'nobody waits: a job',
      requestFromTrace`
        job nightly                                              900ms
          pg: SELECT count(*) FROM a                              150ms
          pg: SELECT count(*) FROM b                              150ms`,
    ],
  ])('%s', (_reason, request) => {
    expect(findingsIn(request)).toEqual([]);
  });

  it('what it would save is a small share of a long run', () => {
    const request = requestFromTrace`
      GET /usage                                               4000ms
        pg: SELECT * FROM a WHERE id = $1 with (1)             1900ms
        pg: SELECT count(*) FROM b                              150ms`;
    expect(findingsIn(request)).toEqual([]);
    expect(consecutiveQueries.detect(request, { ...consecutiveQueries.defaults, minSavedRatio: 0.05 })).toHaveLength(1);
  });
});

describe('the thresholds of consecutive-queries', () => {
  it('have the documented defaults', () => {
    expect(consecutiveQueries.defaults).toEqual({ minQueryMs: 30, minSavedMs: 100, minSavedRatio: 0.1 });
  });

  it.each([
    ['minQueryMs', 10, 1],
    ['minQueryMs', 61, 0],
    ['minSavedMs', 60, 1],
    ['minSavedMs', 61, 0],
    ['minSavedRatio', 0.5, 1],
    ['minSavedRatio', 0.51, 0],
  ])('can be set: %s %f gives %i', (name, value, count) => {
    const thresholds = { minQueryMs: 30, minSavedMs: 50, minSavedRatio: 0.1, [name]: value };
    const request = drawnRequest('GET /x 900ms\n  pg: SELECT count(*) FROM a 60ms\n  pg: SELECT count(*) FROM b 60ms', {
      thresholds: { 'consecutive-queries': thresholds },
    });
    expect(request.findings.filter(({ kind }) => kind === 'consecutive-queries')).toHaveLength(count);
  });
});

describe('what consecutive-queries keeps', () => {
  it('is bounded: of more long queries it judges the first 64', () => {
    const lines = Array.from({ length: 100 }, (_, n) => `  pg: SELECT count(*) FROM t${n} 40ms`).join('\n');
    const request = drawnRequest(`GET /x 9000ms\n${lines}`);
    expect(request.longQueries).toHaveLength(MAX_LONG_QUERIES);
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 64, totalMs: 64 * 40 } }]);
    expect(findingsIn(request)[0]?.evidence.spanIds).toHaveLength(4);
  });

  it('is never a value', () => {
    const request = requestFromTrace`
      GET /usage                                                              900ms
        pg: SELECT * FROM a WHERE mail = $1 with (jane@example.org)            150ms
        pg: SELECT * FROM b WHERE mail = $1 with (jane@example.org)            150ms`;
    expect(findingsIn(request)).toHaveLength(1);
    expect(JSON.stringify(findingsIn(request))).not.toMatch(/jane|example\.org/);
  });
});
