import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] => nPlusOne.detect(request, nPlusOne.defaults);

/** A picture of `times` rounds of the given lines. */
const rounds = (times: number, ...lines: string[]): string =>
  Array.from({ length: times }, (_, n) => lines.map((line) => `  ${line.replaceAll('%', String(n))}`).join('\n')).join(
    '\n',
  );

describe('n-plus-one reports', () => {
  it('one finding for a loop that loads one row at a time', () => {
    const request = requestFromTrace`
      GET /orders                                        400ms
        pg: SELECT * FROM orders LIMIT 10                  4ms  rows 10
        pg: SELECT * FROM users WHERE id = $1 with (#)     6ms  x10`;

    expect(findingsIn(request)).toEqual([
      {
        kind: 'n-plus-one',
        severity: 'warning',
        endpoint: 'GET /orders',
        fingerprint: '0b196799e14ef2',
        summary:
          'SELECT users ran 10× with other values, once per row of SELECT orders (60.0 ms in queries, request 400 ms)',
        recommendation: expect.stringContaining('ANY($1)'),
        confidence: 0.95,
        savedMs: [expect.closeTo(60 - 4 - 20 - 0.1), expect.closeTo(53.9)],
        estimate:
          '60.0 ms now; batched at the best 6.0 + 10 × 0.0 × 0.3 ms, at the worst 4.0 + 10 × 2.0 ms, and 10 × 0.01 ms',
        evidence: {
          count: 10,
          totalMs: 60,
          repeatMs: 54,
          spanIds: ['0000000000000003', '0000000000000004', '0000000000000005', '000000000000000c'],
          exampleText: 'SELECT * FROM users WHERE id = $1',
          queryFingerprint: '12f96aa1078fb3',
          mode: 'sequential',
          operation: 'read',
          tables: ['users'],
          distinctParameters: 10,
          source: {
            text: 'SELECT * FROM orders LIMIT ?',
            summary: 'SELECT orders',
            queryFingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
            rowCount: 10,
            proof: 'rows',
          },
        },
      },
    ]);
  });

  it.each([
    [4, 0],
    [5, 1],
    [6, 1],
  ])('a loop of %i queries in %i findings, at the threshold of 5', (times, count) => {
    const request = drawnRequest(`GET /x 80ms\n  pg: SELECT * FROM t WHERE id = $1 with (#) 2ms x${times}`);
    expect(findingsIn(request)).toHaveLength(count);
  });

  it('queries that run at the same time, and says so', () => {
    const request = requestFromTrace`
      GET /orders                                          80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)     20ms  x10 at once`;
    const [finding] = findingsIn(request);
    expect(finding).toMatchObject({ evidence: { mode: 'parallel', count: 10, totalMs: 200 } });
    expect(finding?.summary).toContain('ran 10× at the same time with other values');
    expect(finding?.recommendation).toContain('connection');
    expect(finding?.estimate).toMatch(/; now they hold connections for 200\.0 ms in all$/);
  });

  it('a loop that is partly parallel as mixed', () => {
    const request = requestFromTrace`
      GET /orders                                          80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x6
        pg: SELECT * FROM users WHERE id = $1 with (9#)     2ms  x4 at once`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { mode: 'mixed', count: 10 } }]);
  });

  it.each([
    [1, 'sequential'],
    [2, 'mixed'],
    [5, 'mixed'],
    [6, 'parallel'],
    [10, 'parallel'],
  ])('%i overlapping ones of 10 repeats as %s', (overlapping, mode) => {
    const [loop, together] = [10 - overlapping, overlapping + 1];
    const query = 'pg: SELECT * FROM t WHERE id = $1 with';
    const before = loop === 0 ? '' : `  ${query} (a#) 2ms x${loop}\n`;
    const [finding] = findingsIn(drawnRequest(`GET /x 80ms\n${before}  ${query} (b#) 2ms x${together} at once`));
    expect(finding?.evidence).toMatchObject({ mode, count: 11 });
  });

  it('each of two loops that run interleaved', () => {
    const request = drawnRequest(
      `GET /orders 400ms\n${rounds(7, 'pg: SELECT * FROM users WHERE id = $1 with (%) 2ms', 'pg: SELECT * FROM items WHERE order_id = $1 with (%) 3ms')}`,
    );
    expect(findingsIn(request)).toMatchObject([
      { evidence: { count: 7, totalMs: 14, mode: 'sequential', exampleText: 'SELECT * FROM users WHERE id = $1' } },
      {
        evidence: { count: 7, totalMs: 21, mode: 'sequential', exampleText: 'SELECT * FROM items WHERE order_id = $1' },
      },
    ]);
  });

  it('the statement within BEGIN and COMMIT per row, not the BEGINs', () => {
    const request = drawnRequest(
      `POST /import 400ms\n${rounds(6, 'pg: BEGIN 1ms', 'pg: INSERT INTO items (a) VALUES ($1) with (%) 2ms', 'pg: COMMIT 5ms')}`,
    );
    expect(request).toMatchObject({ queryCount: 6, queryTotalMs: 12, transactionCount: 6 });
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 6, totalMs: 12, operation: 'write' } }]);
  });

  it('a loop whose values stand in the text', () => {
    const request = requestFromTrace`
      GET /orders                                   80ms
        pg: SELECT * FROM users WHERE id = #         2ms  x6`;
    expect(findingsIn(request)).toMatchObject([
      { evidence: { count: 6, distinctParameters: 6, exampleText: 'SELECT * FROM users WHERE id = ?' } },
    ]);
  });

  it('a loop of batches: each IN list is one query, of whatever length', () => {
    const request = requestFromTrace`
      GET /orders                                            80ms
        pg: SELECT * FROM users WHERE id IN (1,2,3)           2ms
        pg: SELECT * FROM users WHERE id IN (4,5)             2ms
        pg: SELECT * FROM users WHERE id IN (6,7,8,9)         2ms
        pg: SELECT * FROM users WHERE id IN (10)              2ms
        pg: SELECT * FROM users WHERE id IN (11,12)           2ms`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 5, distinctParameters: 5 } }]);
  });

  it('repeats whose parameters nobody saw, and claims no number of them', () => {
    const [finding] = findingsIn(requestFromTrace`
      GET /orders                                   80ms
        pg: SELECT * FROM users WHERE id = $1        2ms  x6`);
    expect(finding).toMatchObject({ evidence: { count: 6 } });
    expect(finding?.evidence).not.toHaveProperty('distinctParameters');
  });

  it('writes that repeat, even with the same values: each of them takes its round trip', () => {
    const request = requestFromTrace`
      POST /orders                                         80ms
        pg: UPDATE totals SET n = n + 1                     2ms  x6`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 6, operation: 'write' } }]);
  });

  it('a loop on each of two shards on its own', () => {
    const request = requestFromTrace`
      GET /orders                                          80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x5 on shard1
        pg: SELECT * FROM users WHERE id = $1 with (#)      3ms  x6 on shard2`;
    expect(findingsIn(request)).toMatchObject([
      { evidence: { count: 5, totalMs: 10 } },
      { evidence: { count: 6, totalMs: 18 } },
    ]);
  });

  it('a list that is asked for one row at a time', () => {
    const request = requestFromTrace`
      GET /orders                                                80ms
        pg: SELECT * FROM users WHERE id = ANY($1)                2ms  x10 rows 1`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 10 } }]);
  });

  it('loops in jobs and in requests that failed', () => {
    const job = requestFromTrace`
      job nightly                                          80ms
        pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x5`;
    const failed = requestFromTrace`
      GET /orders                                          80ms -> 500
        pg: SELECT * FROM users WHERE id = $1 with (#)      2ms  x5 fails`;
    expect(findingsIn(job)).toMatchObject([{ endpoint: 'job nightly' }]);
    expect(findingsIn(failed)).toHaveLength(1);
  });
});

describe('n-plus-one stays silent when', () => {
  it.each([
    [
      'a batch runs in chunks, with an array of values',
      requestFromTrace`
        POST /import                                                    300ms
          pg: SELECT * FROM users WHERE id = ANY($1)                      9ms x6 rows 100`,
    ],
    [
      'an import writes in chunks',
      requestFromTrace`
        POST /import                                                    300ms
          pg: INSERT INTO users (id) SELECT unnest($1::int[])             9ms x6 rows 100`,
    ],
    [
      'a cursor is read to its end',
      requestFromTrace`
        GET /export                                                     300ms
          pg: FETCH 50 FROM c                                             9ms x6`,
    ],
    [
      'a statement is tried again until it goes through',
      requestFromTrace`
        GET /orders                                                     300ms
          pg: SELECT * FROM users WHERE id = $1 with (7)                  9ms x5 fails
          pg: SELECT * FROM users WHERE id = $1 with (7)                  9ms`,
    ],
    [
      'the loop is one short of the threshold',
      requestFromTrace`
        GET /orders                                        80ms
          pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x4`,
    ],
    [
      'the statements differ',
      requestFromTrace`
        GET /orders                                        80ms
          pg: SELECT * FROM users WHERE id = $1 with (1)    2ms
          pg: SELECT * FROM items WHERE id = $1 with (1)    2ms
          pg: SELECT * FROM carts WHERE id = $1 with (1)    2ms
          pg: SELECT * FROM notes WHERE id = $1 with (1)    2ms
          pg: SELECT * FROM teams WHERE id = $1 with (1)    2ms`,
    ],
    [
      'all rows are loaded by one batched query',
      requestFromTrace`
        GET /orders                                            80ms
          pg: SELECT * FROM orders LIMIT 10                     4ms  rows 10
          pg: SELECT * FROM users WHERE id = ANY($1) with (1)   6ms  rows 10`,
    ],
    [
      'all rows are loaded by one IN list',
      requestFromTrace`
        GET /orders                                                   80ms
          pg: SELECT * FROM users WHERE id IN (1,2,3,4,5,6,7,8,9)      6ms`,
    ],
    [
      'one query goes to each of five shards',
      drawnRequest(`GET /x 80ms\n${rounds(5, 'pg: SELECT * FROM users WHERE id = $1 with (%) 2ms on shard%')}`),
    ],
    [
      'every repeat has the same parameters: that is a duplicate',
      requestFromTrace`
        GET /orders                                        80ms
          pg: SELECT * FROM users WHERE id = $1 with (7)    2ms x9`,
    ],
    [
      'every repeat has the same literals',
      requestFromTrace`
        GET /orders                                   80ms
          pg: SELECT * FROM users WHERE id = 7         2ms x9`,
    ],
    [
      'the repeats are transaction control, session settings and pings',
      drawnRequest(
        `GET /x 80ms\n${rounds(9, 'pg: BEGIN 2ms', 'pg: SET a = % 2ms', 'pg: SELECT 1 2ms', 'pg: COMMIT 2ms')}`,
      ),
    ],
    [
      'the repeats are no queries',
      requestFromTrace`
        GET /orders                                        80ms
          redis: GET user:#                                 1ms x40
          fn: loadOrder                                     2ms x40`,
    ],
  ])('%s', (_reason, request) => {
    expect(findingsIn(request)).toEqual([]);
  });
});

describe('what n-plus-one writes', () => {
  it('has the same fingerprint for other values, counts and times, and the one that it had in an earlier process', () => {
    const fingerprints = [
      'SELECT * FROM users WHERE id = $1 with (#) 6ms x10',
      'SELECT * FROM users WHERE id = # 1ms x5',
      'select * from users where id = $1 with (9#) 3ms x70 at once',
    ].map((line) => findingsIn(drawnRequest(`GET /orders 100ms\n  pg: ${line}`))[0]?.fingerprint);
    expect(fingerprints).toEqual(['0b196799e14ef2', '0b196799e14ef2', '0b196799e14ef2']);
  });

  it('has another fingerprint for another endpoint and for another statement', () => {
    const of = (endpoint: string, text: string) =>
      findingsIn(drawnRequest(`${endpoint} 100ms\n  pg: ${text} 6ms x10`))[0]?.fingerprint;
    const all = [
      of('GET /orders', 'SELECT * FROM users WHERE id = #'),
      of('POST /orders', 'SELECT * FROM users WHERE id = #'),
      of('GET /orders', 'SELECT * FROM items WHERE id = #'),
    ];
    expect(new Set(all).size).toBe(3);
    expect(all).not.toContain(undefined);
  });

  it('never holds a value, whether it was bound or stood in the text', () => {
    const findings = findingsIn(requestFromTrace`
      GET /orders                                                                 80ms
        pg: SELECT * FROM users WHERE mail = 'jane#@example.org' AND n = 8675309   2ms  x6
        pg: SELECT * FROM items WHERE mail = $1 with (jane#@example.org)           2ms  x6
        pg: INSERT INTO log (a) VALUES ('jane#@example.org')                       2ms  x6`);
    expect(findings).toHaveLength(3);
    expect(JSON.stringify(findings)).not.toMatch(/jane|example\.org|8675309/);
  });
});
