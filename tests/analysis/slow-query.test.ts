import { describe, expect, it } from 'vitest';
import { slowQuery } from '../../analysis/detectors/slow-query.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] => slowQuery.detect(request, slowQuery.defaults);

describe('slow-query reports', () => {
  it('one finding for a statement that took long', () => {
    const request = requestFromTrace`
      GET /usage                                                         2000ms
        pg: SELECT * FROM users WHERE id = $1 with (7)                      2ms
        pg: SELECT count(*) FROM events WHERE user_id = $1 with (7)       412ms`;

    expect(findingsIn(request)).toEqual([
      {
        kind: 'slow-query',
        severity: 'warning',
        endpoint: 'GET /usage',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary: 'SELECT events took 412 ms (threshold 200 ms)',
        recommendation: expect.stringContaining('EXPLAIN'),
        confidence: 0.8,
        savedMs: [212, 412],
        estimate: '412.0 ms now, 200.0 ms at the threshold, 0 ms without it',
        evidence: {
          count: 1,
          totalMs: 412,
          repeatMs: 412,
          spanIds: ['0000000000000003'],
          exampleText: 'SELECT count(*) FROM events WHERE user_id = $1',
          queryFingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
          operation: 'read',
          tables: ['events'],
        },
      },
    ]);
  });

  it('one finding per shape, with the slow ones of it counted and the slowest named', () => {
    const request = requestFromTrace`
      GET /usage                                                         9000ms
        pg: SELECT * FROM events WHERE user_id = $1 with (1)              300ms
        pg: SELECT * FROM events WHERE user_id = $1 with (2)              500ms
        pg: SELECT * FROM events WHERE user_id = $1 with (3)              100ms
        mysql: UPDATE totals SET n = n + 1                                250ms`;

    expect(findingsIn(request)).toMatchObject([
      {
        summary: 'SELECT events took 500 ms, 2× over 200 ms (threshold 200 ms)',
        evidence: { count: 2, totalMs: 800, spanIds: ['0000000000000003'], operation: 'read' },
      },
      { evidence: { count: 1, totalMs: 250, spanIds: ['0000000000000005'], operation: 'write' } },
    ]);
  });

  it.each([
    [199, 0],
    [199.999, 0],
    [200, 1],
    [201, 1],
  ])('a query of %f ms in %i findings, at the threshold of 200 ms', (ms, count) => {
    const request = drawnRequest(`GET /x 3000ms\n  pg: SELECT count(*) FROM t ${ms}ms`);
    expect(findingsIn(request)).toHaveLength(count);
  });

  it('by the threshold that the request was measured with', () => {
    const picture = 'GET /x 3000ms\n  pg: SELECT count(*) FROM t 50ms';
    expect(findingsIn(drawnRequest(picture, { slowQueryMinMs: 50 }))).toMatchObject([
      { summary: 'SELECT t took 50.0 ms (threshold 50.0 ms)' },
    ]);
    expect(findingsIn(drawnRequest(picture, { slowQueryMinMs: 51 }))).toEqual([]);
  });

  it('a slow query of each shard, parallel ones, and one that failed', () => {
    const request = requestFromTrace`
      GET /usage                              3000ms
        pg: SELECT count(*) FROM a             300ms  on shard1
        pg: SELECT count(*) FROM a             300ms  on shard2
        pg: SELECT count(*) FROM b             300ms  x3 at once
        pg: SELECT count(*) FROM c             300ms  fails`;
    expect(findingsIn(request).map(({ evidence }) => evidence.count)).toEqual([1, 1, 3, 1]);
  });
});

describe('what slow-query saves', () => {
  it.each([
    ['nothing to all of it, at the threshold', '200ms', [0, 200]],
    ['what is above the threshold to all of it', '500ms', [300, 500]],
    ['the same of each that is slow', '500ms x3', [900, 1500]],
    ['once what ran at the same time', '500ms x3 at once', [0, 500]],
  ])('is %s', (_what, line, savedMs) => {
    const [finding] = findingsIn(drawnRequest(`GET /x 5000ms\n  pg: SELECT count(*) FROM t ${line}`));
    expect(finding?.savedMs).toEqual(savedMs);
  });
});

describe('slow-query stays silent when', () => {
  it.each([
    [
      'many fast queries add up',
      requestFromTrace`
        GET /usage                                         3000ms
          pg: SELECT * FROM t WHERE id = $1 with (#)         20ms x100`,
    ],
    [
      'the slow one is transaction control, a session setting or a ping',
      requestFromTrace`
        GET /usage                                         3000ms
          pg: BEGIN                                         400ms
          pg: SET statement_timeout = 5                     400ms
          pg: SELECT 1                                      400ms
          pg: COMMIT                                        400ms`,
    ],
    [
      'what is slow is no query',
      requestFromTrace`
        GET /usage                                         3000ms
          fn: render                                       2000ms
          redis: GET user:1                                 400ms`,
    ],
    [
      'only the request is slow',
      requestFromTrace`
        GET /usage                                         3000ms
          pg: SELECT count(*) FROM t                        199ms`,
    ],
  ])('%s', (_reason, request) => {
    expect(findingsIn(request)).toEqual([]);
  });
});

describe('the severity of slow-query', () => {
  it.each([
    ['warning', 'under 30 % of the request', '299ms', 1000],
    ['critical', 'from 30 % of the request on', '300ms', 1000],
    ['warning', 'up to 49 slow queries', '200ms x49', 100_000],
    ['critical', 'from 50 slow queries on', '200ms x50', 100_000],
  ])('is %s %s', (severity, _when, line, requestMs) => {
    const request = drawnRequest(`GET /x ${requestMs}ms\n  pg: SELECT count(*) FROM t ${line}`);
    expect(findingsIn(request).map((finding) => finding.severity)).toEqual([severity]);
  });
});

describe('what slow-query writes', () => {
  it('has the documented default', () => {
    expect(slowQuery.defaults).toEqual({ minMs: 200 });
  });

  it('has the same fingerprint for other values and times', () => {
    const of = (line: string) => findingsIn(drawnRequest(`GET /x 3000ms\n  pg: ${line}`))[0]?.fingerprint;
    expect(of('SELECT * FROM t WHERE id = 1 200ms')).toBe(of('SELECT * FROM t WHERE id = $1 with (5) 900ms x3'));
    expect(of('SELECT * FROM t WHERE id = 1 200ms')).toBeDefined();
  });

  it('never holds a value', () => {
    const findings = findingsIn(requestFromTrace`
      GET /usage                                                            3000ms
        pg: SELECT * FROM a WHERE mail = 'jane@example.org' AND n = 8675309   400ms
        pg: SELECT * FROM b WHERE mail = $1 with (jane@example.org)           400ms`);
    expect(findings).toHaveLength(2);
    expect(JSON.stringify(findings)).not.toMatch(/jane|example\.org|8675309/);
  });
});
