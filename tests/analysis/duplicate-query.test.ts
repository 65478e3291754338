import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateQuery } from '../../analysis/detectors/duplicate-query.ts';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

/** Of the request's findings, for a duplicate within a loop is left out where they are put together. */
const findingsIn = (request: AnalyzedRequest): readonly Finding[] =>
  request.findings.filter(({ kind }) => kind === duplicateQuery.kind);

describe('duplicate-query reports', () => {
  it('one finding for a row that three helpers load again', () => {
    const request = requestFromTrace`
      GET /usage                                               100ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   2ms
        pg: SELECT count(*) FROM events                          9ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   3ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   4ms`;

    expect(findingsIn(request)).toEqual([
      {
        kind: 'duplicate-query',
        severity: 'warning',
        endpoint: 'GET /usage',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary: 'SELECT settings ran 3× with the same values (9.0 ms, request 100 ms)',
        recommendation: expect.stringContaining('once per request'),
        confidence: 0.9,
        savedMs: [4, 6],
        estimate: '9.0 ms now, 3.0 ms asked for once',
        evidence: {
          count: 3,
          totalMs: 9,
          repeatMs: 6,
          spanIds: ['0000000000000002', '0000000000000004', '0000000000000005'],
          exampleText: 'SELECT * FROM settings WHERE user_id = $1',
          queryFingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
          mode: 'sequential',
          operation: 'read',
          tables: ['settings'],
          distinctParameters: 1,
        },
      },
    ]);
  });

  it.each([
    [2, 0],
    [3, 1],
    [4, 1],
    [5, 1],
    [40, 1],
  ])('%i equal queries in %i findings, at the threshold of 3', (times, count) => {
    const request = drawnRequest(`GET /x 80ms\n  pg: SELECT * FROM t WHERE id = $1 with (7) 2ms x${times}`);
    expect(findingsIn(request).map(({ evidence }) => evidence.count)).toEqual(count === 0 ? [] : [times]);
  });

  it('a statement whose values stand in the text, and one without values', () => {
    const request = requestFromTrace`
      GET /usage                                               100ms
        pg: SELECT * FROM settings WHERE user_id = 7             2ms  x3
        pg: SELECT count(*) FROM events                          2ms  x3`;
    expect(findingsIn(request)).toMatchObject([
      { evidence: { exampleText: 'SELECT * FROM settings WHERE user_id = ?', count: 3 } },
      { evidence: { exampleText: 'SELECT count(*) FROM events', count: 3 } },
    ]);
  });

  it('only the values that repeat, not the one that came once', () => {
    const request = requestFromTrace`
      GET /usage                                               100ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   2ms  x3
        pg: SELECT * FROM settings WHERE user_id = $1 with (8)  50ms`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 3, totalMs: 6, repeatMs: 4 } }]);
  });

  it('equal queries that run at the same time', () => {
    const request = requestFromTrace`
      GET /usage                                               100ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   2ms  x4 at once`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { mode: 'parallel', count: 4 } }]);
  });

  it('equal queries of which one failed', () => {
    const request = requestFromTrace`
      GET /usage                                               900ms
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   2ms fails
        pg: SELECT * FROM settings WHERE user_id = $1 with (7)   2ms x20`;
    expect(findingsIn(request)).toMatchObject([{ severity: 'warning', evidence: { count: 21 } }]);
  });

  it('a long list of equal statements with equal literals in its IN list', () => {
    const request = requestFromTrace`
      GET /usage                                          100ms
        pg: SELECT * FROM users WHERE id IN (1,2,3)         2ms  x3`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 3 } }]);
  });
});

describe('duplicate-query stays silent when', () => {
  it.each([
    [
      'the query ran twice',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = $1 with (7)      2ms x2`,
    ],
    [
      'the values differ',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = $1 with (#)      2ms x4`,
    ],
    [
      'the same statement goes to three shards',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = $1 with (7)      2ms on shard1
          pg: SELECT * FROM t WHERE id = $1 with (7)      2ms on shard2
          pg: SELECT * FROM t WHERE id = $1 with (7)      2ms on shard3`,
    ],
    [
      'the parameters are not known',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = $1               2ms x4`,
    ],
    [
      'the repeats are writes',
      requestFromTrace`
        POST /usage                                      80ms
          pg: INSERT INTO t (a) VALUES ($1) with (7)      2ms x9
          pg: UPDATE t SET a = 1                          2ms x9
          pg: DELETE FROM t WHERE a = $1 with (7)         2ms x4`,
    ],
    [
      'the repeats are within an N+1, which goes away with it',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = $1 with (#)      2ms x5
          pg: SELECT * FROM t WHERE id = $1 with (7)      2ms x3`,
    ],
    [
      'the text is the same but for one literal of each kind',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT * FROM t WHERE id = 7                2ms x2
          pg: SELECT * FROM t WHERE id = '7'              2ms x2`,
    ],
    [
      'a row is locked again',
      requestFromTrace`
        POST /usage                                                 80ms
          pg: SELECT * FROM t WHERE id = $1 FOR UPDATE with (7)      2ms x4`,
    ],
    [
      'a queue is polled',
      requestFromTrace`
        job worker                                                                      80ms
          pg: SELECT * FROM t WHERE a = $1 LIMIT 1 FOR UPDATE SKIP LOCKED with (new)     2ms x9`,
    ],
    [
      'a lock is tried for',
      requestFromTrace`
        job worker                                                  80ms
          pg: SELECT pg_try_advisory_lock($1) with (7)               2ms x9`,
    ],
    [
      'a cursor is read on',
      requestFromTrace`
        GET /export                                                 80ms
          pg: FETCH 100 FROM c                                       2ms x9`,
    ],
    [
      'the statement failed and was tried again',
      requestFromTrace`
        GET /usage                                                  80ms
          pg: SELECT * FROM t WHERE id = $1 with (7)                 2ms x2 fails
          pg: SELECT * FROM t WHERE id = $1 with (7)                 2ms`,
    ],
    [
      'three of five may have been tried again',
      requestFromTrace`
        GET /usage                                                  80ms
          pg: SELECT * FROM t WHERE id = $1 with (7)                 2ms x3 fails
          pg: SELECT * FROM t WHERE id = $1 with (7)                 2ms x2`,
    ],
    [
      'its transaction was tried again',
      drawnRequest(
        `POST /usage 80ms\n${'  pg: BEGIN 1ms\n  pg: SELECT * FROM t WHERE id = $1 with (7) 2ms\n  pg: ROLLBACK 1ms\n'.repeat(3)}`,
      ),
    ],
    [
      'it calls a function, which may answer anything',
      requestFromTrace`
        POST /usage                                                 80ms
          pg: SELECT nextval('ids')                                  2ms x9
          pg: SELECT next_id($1) with (7)                            2ms x9`,
    ],
    [
      'a cursor is read on, in small letters',
      requestFromTrace`
        GET /export                                                 80ms
          pg: fetch 100 from c                                       2ms x9`,
    ],
    [
      'the repeats are pings and transaction control',
      requestFromTrace`
        GET /usage                                       80ms
          pg: SELECT 1                                    2ms x9
          pg: BEGIN                                       2ms x9`,
    ],
  ])('%s', (_reason, request) => {
    expect(findingsIn(request)).toEqual([]);
  });
});

describe('the severity of duplicate-query', () => {
  it.each([
    ['warning', 'however short the repeats', '0.1ms x3', 1000],
    ['warning', 'while what repeats is under 30 % of the request', '99ms x4', 1000],
    ['critical', 'from 30 % of the request on', '100ms x4', 1000],
    ['warning', 'up to 49 queries', '1ms x49', 10_000],
    ['critical', 'from 50 queries on', '1ms x50', 10_000],
  ])('is %s %s', (severity, _when, line, requestMs) => {
    const request = drawnRequest(`GET /x ${requestMs}ms\n  pg: SELECT * FROM t WHERE id = $1 with (7) ${line}`);
    expect(findingsIn(request).map((finding) => finding.severity)).toEqual([severity]);
  });
});

describe('the severity of duplicate-query besides', () => {
  it('counts what ran at the same time once', () => {
    const times = (line: string) =>
      findingsIn(drawnRequest(`GET /x 100ms\n  pg: SELECT * FROM t WHERE id = $1 with (7) ${line}`))[0]?.severity;
    expect(times('12ms x6 at once')).toBe('warning');
    expect(times('12ms x6')).toBe('critical');
  });

  it('is info where a job looks for work and finds none', () => {
    const poll = (root: string, rows: number) =>
      findingsIn(drawnRequest(`${root} 5000ms\n  pg: SELECT * FROM outbox WHERE sent IS NULL 2ms x6 rows ${rows}`))[0]
        ?.severity;
    expect(poll('job outbox', 0)).toBe('info');
    expect(poll('job outbox', 3)).toBe('warning');
    expect(poll('GET /outbox', 0)).toBe('warning');
  });
});

describe('how sure duplicate-query is', () => {
  it.each([
    ['of a read', 'pg: SELECT * FROM t WHERE id = $1 with (7)', 'pg: UPDATE u SET a = 1', 0.9, 'warning'],
    [
      'of a read that may see a write',
      'pg: SELECT * FROM t WHERE id = $1 with (7)',
      'pg: UPDATE t SET a = 1',
      0.4,
      'info',
    ],
    [
      'of a read that may see a write to the same table, written otherwise',
      'pg: SELECT * FROM t WHERE id = $1 with (7)',
      'pg: UPDATE public."T" SET a = 1',
      0.4,
      'info',
    ],
  ])('%s: %s, %s', (_what, read, between, confidence, severity) => {
    const request = drawnRequest(`GET /x 900ms\n  ${read} 9ms x3\n  ${between} 1ms\n  ${read} 9ms x3`);
    expect(findingsIn(request)).toMatchObject([{ confidence, severity, evidence: { count: 6 } }]);
  });
});

describe('what duplicate-query writes', () => {
  it('has the documented default', () => {
    expect(duplicateQuery.defaults).toEqual({ minQueries: 3 });
  });

  it('obeys another threshold', () => {
    const request = requestFromTrace`
      GET /usage                                       80ms
        pg: SELECT * FROM t WHERE id = $1 with (7)      2ms x3`;
    expect(duplicateQuery.detect(request, { minQueries: 4 })).toEqual([]);
    expect(duplicateQuery.detect(request, { minQueries: 2 })).toHaveLength(1);
    // One query is no duplicate, whatever the threshold.
    expect(
      duplicateQuery.detect(
        requestFromTrace`GET /x 9ms
      pg: SELECT a FROM t 2ms`,
        { minQueries: 0 },
      ),
    ).toEqual([]);
  });

  it('has one fingerprint for other values, and never the one of the N+1 on the same statement', () => {
    const one = findingsIn(drawnRequest('GET /x 80ms\n  pg: SELECT * FROM t WHERE id = 7 2ms x3'))[0];
    const two = findingsIn(drawnRequest('GET /x 80ms\n  pg: SELECT * FROM t WHERE id = $1 with (8) 9ms x8'))[0];
    const loop = nPlusOne.detect(
      drawnRequest('GET /x 80ms\n  pg: SELECT * FROM t WHERE id = # 2ms x8'),
      nPlusOne.defaults,
    );
    expect(one?.fingerprint).toBe(two?.fingerprint);
    expect(loop[0]?.evidence.queryFingerprint).toBe(one?.evidence.queryFingerprint);
    expect(loop[0]?.fingerprint).not.toBe(one?.fingerprint);
  });

  it('never holds a value', () => {
    const findings = findingsIn(requestFromTrace`
      GET /usage                                                            80ms
        pg: SELECT * FROM a WHERE mail = 'jane@example.org' AND n = 8675309   2ms x3
        pg: SELECT * FROM b WHERE mail = $1 with (jane@example.org)           2ms x3`);
    expect(findings).toHaveLength(2);
    expect(JSON.stringify(findings)).not.toMatch(/jane|example\.org|8675309/);
  });

  it('never names a statement that a finding of n-plus-one names too', () => {
    const line = fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }), fc.constantFrom('#', '7', '8'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const request = drawnRequest(
          `GET /x 99ms\n${lines.map(([table, n, value]) => `  pg: SELECT * FROM ${table} WHERE id = $1 with (${value}) 1ms x${n}`).join('\n')}`,
        );
        const loops = request.findings
          .filter(({ kind }) => kind === 'n-plus-one')
          .map(({ evidence }) => evidence.queryFingerprint);
        const named = request.findings.filter(({ kind }) => kind === 'duplicate-query');
        for (const { evidence } of named) expect(loops).not.toContain(evidence.queryFingerprint);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
