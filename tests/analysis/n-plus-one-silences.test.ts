import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import type { Finding } from '../../core/finding.ts';
import type { RequestRecord } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';
import { queryEvent, requestWith } from './query-event.ts';

const findingsIn = (request: RequestRecord): readonly Finding[] => nPlusOne.detect(request, nPlusOne.defaults);

const rounds = (times: number, ...lines: string[]): string =>
  Array.from({ length: times }, (_, n) => lines.map((line) => `  ${line.replaceAll('%', String(n))}`).join('\n')).join(
    '\n',
  );

/** `1, 2, 3 …`, from `first` on. */
const list = (length: number, first = 1): string => Array.from({ length }, (_, n) => first + n).join(', ');

describe('n-plus-one takes for a batch', () => {
  it.each([
    ['chunks of an IN list', `SELECT * FROM users WHERE id IN (${list(20)}, #)`],
    ['chunks of ten, the least', `SELECT * FROM users WHERE id IN (${list(9)}, #)`],
    ['chunks of an array that somebody saw', `SELECT * FROM users WHERE id = ANY($1) with (${list(20)}, #)`],
    ['chunks of rows that are written', `INSERT INTO lines (a) VALUES ${list(20).replaceAll(/\d+/g, '($&)')}, (#)`],
  ])('%s', (_what, text) => {
    const request = drawnRequest(`POST /import 900ms\n  pg: ${text} 9ms x6`);
    expect(request.groups).toMatchObject([{ count: 6, batchCount: 6 }]);
    expect(findingsIn(request)).toEqual([]);
  });

  it('chunks of which the last is short', () => {
    const chunks = rounds(5, `pg: SELECT * FROM users WHERE id IN (%, ${list(29)}) 9ms`);
    expect(findingsIn(drawnRequest(`GET /x 900ms\n${chunks}\n  pg: SELECT * FROM users WHERE id IN (7) 9ms`))).toEqual(
      [],
    );
  });

  it('short lists only half: an info, whatever they cost', () => {
    const request = requestFromTrace`
      GET /orders                                             9000ms
        pg: SELECT * FROM users WHERE id IN (#, 1, 2)           90ms x60`;
    expect(findingsIn(request)).toMatchObject([{ severity: 'info', evidence: { count: 60 } }]);
  });

  it.each([
    ['an IN list', 'SELECT * FROM users WHERE id IN (#)'],
    ['an array', 'SELECT * FROM users WHERE team = ANY($1) with (#)'],
    ['rows that are written', 'INSERT INTO lines (a) VALUES (#)'],
  ])('no lists of one: %s', (_what, text) => {
    const request = drawnRequest(`POST /x 9000ms\n  pg: ${text} 20ms x6 rows 3`);
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 6 } }]);
  });
});

describe('n-plus-one stays silent when', () => {
  it.each([
    [
      'pages of a list are read to its end',
      requestFromTrace`
        GET /export                                                                    900ms
          pg: SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 100 with (#)           9ms x20 rows 20`,
    ],
    [
      'pages are counted off',
      requestFromTrace`
        GET /export                                                                    900ms
          pg: SELECT * FROM users ORDER BY id LIMIT 100 OFFSET #                         9ms x20`,
    ],
    [
      'a queue is polled',
      requestFromTrace`
        job worker                                                                     900ms
          pg: SELECT * FROM tasks WHERE due < $1 LIMIT 1 FOR UPDATE SKIP LOCKED with (#)  9ms x20`,
    ],
    [
      'an advisory lock is tried for',
      requestFromTrace`
        job worker                                                                     900ms
          pg: SELECT pg_try_advisory_lock($1) with (#)                                   9ms x20`,
    ],
    [
      'a cursor of MongoDB or PostgreSQL is read on',
      requestFromTrace`
        GET /export                                                                    900ms
          pg: FETCH 100 FROM c                                                           9ms x20`,
    ],
    [
      'a statement fails twice and then goes through, three times over',
      drawnRequest(
        `POST /x 900ms\n${rounds(
          3,
          'pg: UPDATE seats SET taken = true WHERE id = $1 with (%) 9ms x2 fails',
          'pg: UPDATE seats SET taken = true WHERE id = $1 with (%) 9ms',
        )}`,
      ),
    ],
    [
      'it is tried again from a savepoint each time',
      drawnRequest(
        `POST /x 900ms\n  pg: BEGIN 1ms\n${rounds(
          5,
          'pg: SAVEPOINT s 1ms',
          'pg: INSERT INTO names (name) VALUES ($1) with (x) 9ms fails',
          'pg: ROLLBACK TO SAVEPOINT s 1ms',
        )}\n  pg: INSERT INTO names (name) VALUES ($1) with (x) 9ms\n  pg: COMMIT 1ms`,
      ),
    ],
    [
      'it fails again and again, with values that nobody saw',
      requestFromTrace`
        POST /orders                                          900ms
          pg: INSERT INTO names (name) VALUES ($1)               9ms x6 fails
          pg: INSERT INTO names (name) VALUES ($1)               9ms`,
    ],
  ])('%s', (_reason, request) => {
    expect(request.queryCount).toBeGreaterThanOrEqual(5);
    expect(findingsIn(request)).toEqual([]);
  });
});

describe('n-plus-one still reports', () => {
  it('a loop in which each row is tried twice', () => {
    const request = drawnRequest(
      `POST /x 900ms\n${rounds(
        6,
        'pg: UPDATE seats SET taken = true WHERE id = $1 with (%) 9ms fails',
        'pg: UPDATE seats SET taken = true WHERE id = $1 with (%) 9ms',
      )}`,
    );
    expect(findingsIn(request)).toMatchObject([{ evidence: { count: 12 } }]);
  });

  it('a loop of lists as an info: each round may be wanted', () => {
    const loop = (rows: number) =>
      drawnRequest(`GET /x 9000ms\n  pg: SELECT * FROM items WHERE order_id = $1 with (#) 20ms x10 rows ${rows}`);
    expect(findingsIn(loop(49))).toMatchObject([{ severity: 'warning' }]);
    expect(findingsIn(loop(50))).toMatchObject([{ severity: 'info' }]);
  });

  it('a loop of which nobody told when its queries started: without mode and source, by the sum of its times', () => {
    const times = Array.from({ length: 10 }, (_, n) => ({
      ...queryEvent({ id: n, durationMs: 40, parametersHash: n + 1 }),
      startMs: undefined,
    }));
    const before = { ...queryEvent({ shape: 'teams', rowCount: 10 }), startMs: undefined };
    const [finding, ...others] = findingsIn(requestWith([before, ...times]));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'critical', evidence: { count: 10, totalMs: 400, mode: 'unknown' } });
    expect(finding?.evidence).not.toHaveProperty('source');
  });

  it('10 000 queries that start in one tick, counted exactly', () => {
    const request = requestFromTrace`
      GET /orders                                             9000ms
        pg: SELECT * FROM orders                                 4ms rows 10000
        pg: SELECT * FROM users WHERE id = $1 with (#)           5ms x10000 at once`;
    expect(request.queryCount).toBe(10_001);
    expect(findingsIn(request)).toMatchObject([
      {
        severity: 'critical',
        evidence: { count: 10_000, totalMs: 50_000, mode: 'parallel', source: { rowCount: 10_000, proof: 'rows' } },
      },
    ]);
  });
});

describe('what n-plus-one says of', () => {
  it('loops within each other: the levels, and to start with the outer one', () => {
    const request = drawnRequest(
      `GET /x 900ms\n  pg: SELECT id FROM users LIMIT 5 2ms rows 5\n${rounds(
        5,
        'pg: SELECT * FROM posts WHERE user_id = $1 with (%) 2ms rows 3',
        'pg: SELECT * FROM comments WHERE post_id = $1 with (#%) 2ms x3',
      )}`,
    );
    const [posts, comments] = findingsIn(request);
    expect(posts?.evidence).not.toHaveProperty('nested');
    expect(comments?.evidence.nested).toBe(2);
    expect(comments?.summary).toContain('once per row of SELECT posts, nested: posts 5 → comments 15 (');
    expect(comments?.recommendation).toMatch(/^Fix the outer level first \(SELECT posts\)\. ./);
  });

  it('writes that each have a transaction of their own', () => {
    const insert = 'pg: INSERT INTO items (a) VALUES ($1) with (%) 2ms';
    const each = drawnRequest(`POST /x 900ms\n${rounds(10, 'pg: BEGIN 1ms', insert, 'pg: COMMIT 5ms')}`);
    const one = drawnRequest(`POST /x 900ms\n  pg: BEGIN 1ms\n${rounds(10, insert)}\n  pg: COMMIT 5ms`);
    expect(findingsIn(each)[0]?.summary).toContain('each in a transaction of its own');
    expect(findingsIn(one)[0]?.summary).toContain('INSERT items ran 10× with other values (20.0 ms');
  });

  it('a source that only the order shows: that it came before, not that its rows are followed', () => {
    const request = requestFromTrace`
      GET /users                                         90ms
        pg: SELECT a FROM teams                           4ms
        pg: SELECT * FROM users WHERE mail = $1 with (#)  2ms x10`;
    expect(findingsIn(request)[0]?.summary).toContain('with other values, after SELECT teams (');
    expect(findingsIn(request)[0]?.evidence.source).not.toHaveProperty('rows');
  });
});

describe('how sure n-plus-one is', () => {
  it.each([
    ['values that differ, and a source with as many rows', 'teams 1ms rows 10', 'mail = $1 with (#) 9ms x10', 0.95],
    ['values that differ, and a name', 'teams 1ms', 'team_id = $1 with (#) 9ms x10', 0.9],
    ['values that differ', 'teams 1ms', 'mail = $1 with (#) 9ms x10', 0.8],
    ['values that nobody saw', 'teams 1ms', 'mail = $1 9ms x10', 0.6],
    ['the same, and a source', 'teams 1ms rows 10', 'mail = $1 9ms x10', 0.75],
  ])('by %s: %s, %s', (_by, before, loop, confidence) => {
    const [finding] = findingsIn(
      drawnRequest(`GET /x 9000ms\n  pg: SELECT a FROM ${before}\n  pg: SELECT * FROM users WHERE ${loop}`),
    );
    expect(finding).toMatchObject({ confidence, severity: 'warning' });
  });

  it.each([
    [10, 10, 0.8, 'warning'],
    [20, 5, 0.8, 'warning'],
    [20, 4, 0.6, 'warning'],
    [20, 3, 0.4, 'info'],
    [20, 2, 0.2, 'info'],
  ])('of %i queries with %i sets of values: %f, a %s', (count, sets, confidence, severity) => {
    const lines = Array.from({ length: count }, (_, n) => `  pg: SELECT * FROM t WHERE a = $1 with (${n % sets}) 9ms`);
    expect(findingsIn(drawnRequest(`GET /x 9000ms\n${lines.join('\n')}`))).toMatchObject([{ confidence, severity }]);
  });

  it('of writes whatever their values: each takes its round trip', () => {
    const lines = Array.from(
      { length: 60 },
      (_, n) => `  pg: UPDATE t SET n = n + 1 WHERE id = $1 with (${n % 2}) 9ms`,
    );
    const request = drawnRequest(`POST /x 9000ms\n${lines.join('\n')}`);
    expect(findingsIn(request)).toMatchObject([{ confidence: 0.8, severity: 'warning' }]);
  });

  it('less of a text that was cut', () => {
    const cut = drawnRequest('GET /x 9000ms\n  pg: SELECT * FROM t WHERE a = # AND b ... 9ms x10');
    expect(findingsIn(cut)[0]?.confidence).toBeLessThan(0.8);
  });

  it('more when a line of the application is known', () => {
    const request = drawnRequest('GET /x 9000ms\n  pg: SELECT * FROM t WHERE a = $1 with (#) 9ms x10');
    const callSite = { file: 'src/orders.ts', line: 7 };
    const located = { ...request, groups: request.groups.map((group) => ({ ...group, callSite })) };
    expect(findingsIn(located)).toMatchObject([{ confidence: 0.85, evidence: { callSite } }]);
  });
});
