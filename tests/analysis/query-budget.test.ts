import { describe, expect, it } from 'vitest';
import { queryBudget } from '../../analysis/detectors/query-budget.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest } from '../../testing/index.ts';

/** Of the request's findings: what loops explain is left out where they are put together. */
const findingsIn = (request: AnalyzedRequest) => request.findings.filter(({ kind }) => kind === 'query-budget');

/** Reads of as many shapes, 1 ms each. */
const shapes = (count: number) =>
  Array.from({ length: count }, (_, n) => `  pg: SELECT * FROM table${n} WHERE id = 1 1ms`).join('\n');

describe('query-budget reports', () => {
  it('one finding for a request that asks for many things', () => {
    const request = drawnRequest(`GET /dashboard 200ms\n${shapes(60)}\n  pg: SELECT * FROM table7 WHERE id = 2 1ms x2`);
    expect(request.findings).toEqual([
      {
        kind: 'query-budget',
        severity: 'warning',
        endpoint: 'GET /dashboard',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary:
          'the request sent 62 queries (budget 50; 62.0 ms of 200 ms), most often SELECT table7 3×, SELECT table0 1×, SELECT table1 1×',
        recommendation: expect.stringContaining('JOIN'),
        confidence: 0.7,
        savedMs: [0, 0],
        evidence: { count: 62, totalMs: 62, repeatMs: 0, spanIds: ['0000000000000001'] },
      },
    ]);
  });

  it.each([
    [50, 0],
    [51, 1],
  ])('%i queries in %i findings, at the budget of 50', (count, findings) => {
    expect(findingsIn(drawnRequest(`GET /x 200ms\n${shapes(count)}`))).toHaveLength(findings);
  });

  it('queries beyond the shapes that are kept, and those of messages', () => {
    expect(findingsIn(drawnRequest(`GET /x 200ms\n${shapes(90)}`))).toMatchObject([{ evidence: { count: 90 } }]);
    expect(findingsIn(drawnRequest(`consume orders 200ms\n${shapes(51)}`))).toHaveLength(1);
  });

  it('pages once beside the rest, and takes no loop off twice', () => {
    const pages = '  pg: SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 9 with (#) 1ms x60 rows 9';
    expect(findingsIn(drawnRequest(`GET /x 900ms\n${shapes(50)}\n${pages}`))).toMatchObject([
      { evidence: { count: 51 } },
    ]);
    const same = pages.replace('(#)', '(7)');
    expect(findingsIn(drawnRequest(`GET /x 900ms\n${shapes(50)}\n${same}`))).toMatchObject([
      { evidence: { count: 51 } },
    ]);
  });

  it('what is left when the loops are taken off', () => {
    const loop = '  pg: SELECT * FROM users WHERE id = $1 with (#) 1ms x30';
    expect(findingsIn(drawnRequest(`GET /x 900ms\n${shapes(50)}\n${loop}`))).toMatchObject([
      { evidence: { count: 80 } },
    ]);
  });
});

describe('query-budget stays silent when', () => {
  it.each([
    [
      'a loop explains the number',
      `GET /x 900ms\n${shapes(9)}\n  pg: SELECT * FROM users WHERE id = $1 with (#) 1ms x200`,
    ],
    ['duplicates explain it', `GET /x 900ms\n${shapes(9)}\n  pg: SELECT * FROM users WHERE id = $1 with (7) 1ms x80`],
    ['a job sends them', `job nightly 900ms\n${shapes(90)}`],
    ['a cursor is read to its end', `GET /export 900ms\n  pg: FETCH 50 FROM c 1ms x200`],
    [
      'pages are read to the end',
      'GET /export 900ms\n  pg: SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 100 with (#) 9ms x60 rows 100',
    ],
    ['batches are written', 'POST /import 900ms\n  pg: INSERT INTO t SELECT * FROM unnest($1::int[]) 9ms x60'],
    [
      'a queue is polled',
      'POST /work 900ms\n  pg: SELECT a FROM tasks WHERE b = 1 LIMIT 1 FOR UPDATE SKIP LOCKED 1ms x60',
    ],
    ['a statement is tried again', 'POST /x 900ms\n  pg: UPDATE t SET a = 1 WHERE id = $1 with (7) 1ms x60 fails'],
    ['transaction control makes the number', `GET /x 900ms\n${shapes(40)}\n  pg: BEGIN 1ms x20\n  pg: COMMIT 1ms x20`],
    [
      'the rest are commands to Redis and calls over HTTP',
      `GET /x 900ms\n${shapes(9)}\n  redis: GET user:# 1ms x60\n  http: GET https://a.internal/b 1ms x30`,
    ],
  ])('%s', (_reason, picture) => {
    expect(findingsIn(drawnRequest(picture))).toEqual([]);
  });
});

describe('what query-budget writes', () => {
  it('has the documented default, and obeys another', () => {
    expect(queryBudget.defaults).toEqual({ maxQueries: 50 });
    const request = drawnRequest(`GET /x 200ms\n${shapes(10)}`);
    expect(queryBudget.detect(request, { maxQueries: 9 })).toHaveLength(1);
    expect(queryBudget.detect(request, { maxQueries: 10 })).toEqual([]);
  });
});
