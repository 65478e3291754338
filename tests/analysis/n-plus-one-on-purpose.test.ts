import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';
import { queryEvent, requestWith } from './query-event.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] => nPlusOne.detect(request, nPlusOne.defaults);
const severitiesIn = (picture: string): readonly string[] =>
  findingsIn(drawnRequest(picture)).map(({ severity }) => severity);

describe('pages of a list', () => {
  const pages = (before: string, rows: string) => `
    GET /users                                                       900ms
      pg: ${before}                                                    3ms
      pg: SELECT id FROM posts WHERE user_id = $1 ORDER BY id LIMIT $2 OFFSET $3 with (#, 9, 0) 10ms x20${rows}`;

  it('are pages to the trait that says so', () => {
    const request = drawnRequest(pages('SELECT a FROM settings', ''));
    expect(request.groups[1]?.traits.paginates).toBe(true);
  });

  it('are no loop, whatever stood before them', () => {
    expect(severitiesIn(pages('SELECT a FROM settings', ''))).toEqual([]);
    expect(severitiesIn(pages('SELECT a FROM settings', ' rows 9'))).toEqual([]);
  });

  it('are a loop when each brings one row at the most', () => {
    expect(severitiesIn(pages('SELECT a FROM settings', ' rows 1'))).toEqual(['warning']);
    expect(severitiesIn(pages('SELECT a FROM settings', ' rows 0'))).toEqual(['warning']);
  });

  it('are a loop, and an info, when the rows or the name of a source show that there is a list for each', () => {
    expect(severitiesIn(pages('SELECT id FROM users', ''))).toEqual(['info']);
    expect(severitiesIn(pages('SELECT id FROM users', ' rows 9'))).toEqual(['info']);
    expect(severitiesIn(pages('SELECT a FROM settings', '').replace(' 3ms\n', ' 3ms rows 20\n'))).toEqual(['info']);
  });

  it('are no loop of a source that is known to have returned fewer rows', () => {
    expect(severitiesIn(pages('SELECT id FROM users', '').replace(' 3ms\n', ' 3ms rows 1\n'))).toEqual([]);
  });
});

describe('a long write in pieces', () => {
  const job = (text: string, rest = '') => severitiesIn(`job cleanup 9000ms\n  pg: ${text} 40ms x20${rest}`);

  it.each([
    ['by a range of keys', "UPDATE users SET plan = 'free' WHERE id >= $1 AND id < $2 with (#, 99)", ''],
    ['by BETWEEN', "UPDATE users SET plan = 'free' WHERE id BETWEEN $1 AND $2 with (#, 99)", ''],
    ['by a LIMIT', 'DELETE FROM logs WHERE created_at < $1 LIMIT 1000 with (#)', ''],
    ['by a LIMIT for one tenant', 'DELETE FROM logs WHERE tenant_id = $1 LIMIT 1000 with (7)', ''],
    ['of many rows each', 'DELETE FROM logs WHERE day = $1 with (#)', ' rows 1000'],
  ])('is no loop: %s', (_how, text, rest) => {
    expect(job(text, rest)).toEqual([]);
  });

  it.each([
    ['that names its row', 'DELETE FROM logs WHERE id = $1 LIMIT 1 with (#)', ''],
    ['of one row each, as its rows show', 'UPDATE users SET a = 1 WHERE id >= $1 AND id < $2 with (#, 9)', ' rows 1'],
    ['of a few rows each', 'DELETE FROM items WHERE order_id = $1 with (#)', ' rows 5'],
  ])('is told from a write %s', (_what, text, rest) => {
    expect(job(text, rest)).toHaveLength(1);
  });
});

describe('a transaction that is tried again', () => {
  const attempt = (end: string, id: string) => `
      pg: BEGIN 1ms
      pg: INSERT INTO ledger (a, b) VALUES ($1, $2) with (${id}, 2) 12ms
      pg: UPDATE accounts SET n = n - $1 WHERE id = $2 with (5, 7) 9ms
      pg: ${end} 1ms`;
  const request = (end: string, id = (_n: number) => '1') =>
    drawnRequest(
      `POST /buy 900ms${Array.from({ length: 6 }, (_, n) => attempt(n < 5 ? end : 'COMMIT', id(n))).join('')}`,
    );

  it('is no loop', () => {
    expect(request('ROLLBACK')).toMatchObject({ transactionCount: 6, rollbackCount: 5 });
    expect(findingsIn(request('ROLLBACK'))).toEqual([]);
  });

  it('is no loop either when its COMMIT fails', () => {
    const failed = request('COMMIT').groups;
    expect(failed).toHaveLength(2);
    const picture = Array.from({ length: 6 }, () => attempt('COMMIT', '1').replace('COMMIT 1ms', 'COMMIT 1ms fails'));
    expect(findingsIn(drawnRequest(`POST /buy 900ms${picture.join('')}`))).toEqual([]);
  });

  it('has begun only where BEGIN went through', () => {
    const request = requestFromTrace`
      POST /x                              90ms
        pg: BEGIN                           1ms fails
        pg: ROLLBACK                        1ms`;
    expect(request).toMatchObject({ transactionCount: 0, rollbackCount: 0 });
  });

  it('is told from transactions that go through', () => {
    expect(findingsIn(request('COMMIT'))).toHaveLength(2);
  });

  it('is told from a loop whose rows differ', () => {
    expect(findingsIn(request('ROLLBACK', String))).toMatchObject([{ evidence: { tables: ['ledger'] } }]);
  });

  it('may have had any values that nobody saw, once for each attempt', () => {
    const picture = (times: number) =>
      drawnRequest(
        `POST /x 900ms\n${`  pg: BEGIN 1ms\n  pg: UPDATE t SET a = $1 WHERE b = $2 5ms x${times}\n  pg: ROLLBACK 1ms\n`.repeat(5)}`,
      );
    expect(findingsIn(picture(1))).toEqual([]);
    expect(findingsIn(picture(2))).toMatchObject([{ evidence: { count: 10 } }]);
  });

  it('does not count a ROLLBACK to a savepoint, nor one outside of a transaction', () => {
    const request = requestFromTrace`
      POST /x                              90ms
        pg: ROLLBACK                        1ms
        pg: BEGIN                           1ms
        pg: SAVEPOINT a                     1ms
        pg: ROLLBACK TO SAVEPOINT a         1ms
        pg: COMMIT                          1ms`;
    expect(request).toMatchObject({ transactionCount: 1, rollbackCount: 0 });
  });
});

describe('a write of the same values again and again', () => {
  it('is an info that says to write once', () => {
    const [finding, ...others] = findingsIn(requestFromTrace`
      POST /x                                                         1000ms
        pg: UPDATE counters SET n = n + 1 WHERE id = $1 with (7)        90ms x60`);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'info',
      recommendation:
        'It writes the same rows 60 times with the same values: add up what the repeats change, and write once.',
    });
    expect(finding?.summary).toContain('ran 60× with the same values');
  });

  it('of rows that are inserted says to insert once', () => {
    expect(
      findingsIn(drawnRequest('POST /x 900ms\n  pg: INSERT INTO pings (a) VALUES ($1) with (1) 50ms x6')),
    ).toMatchObject([{ severity: 'info', recommendation: expect.stringContaining('inserts the same values 6 times') }]);
  });

  it('is not what nobody saw the values of, nor what has another value', () => {
    const write = (values: string) =>
      severitiesIn(`POST /x 900ms\n  pg: UPDATE jobs SET progress = $1 WHERE id = $2${values} 50ms x20`);
    expect(write('')).toEqual(['warning']);
    expect(write(' with (#, 7)')).toEqual(['warning']);
    expect(write(' with (1, 7)')).toEqual(['info']);
  });

  it('that never met its row is an optimistic lock that is tried again', () => {
    const update = (rows: string) =>
      severitiesIn(
        `POST /x 900ms\n  pg: UPDATE carts SET v = $1 WHERE id = $2 AND v = $3 with (#, 7, #) 15ms x5${rows}`,
      );
    expect(update(' rows 0')).toEqual([]);
    expect(update(' rows 1')).toHaveLength(1);
    expect(update('')).toHaveLength(1);
    // Some drivers tell the rows that an INSERT returned.
    expect(severitiesIn('POST /x 900ms\n  pg: INSERT INTO t (a) VALUES ($1) with (#) 15ms x5 rows 0')).toHaveLength(1);
  });
});

describe('a statement that reads no table', () => {
  it.each([
    ["SELECT nextval('orders_id')", ''],
    ['SELECT next_id($1)', ' with (#)'],
    ['select next_id($1)', ''],
    ['fetch 50 from c', ''],
  ])('is no loop: %s', (text, values) => {
    expect(severitiesIn(`POST /x 900ms\n  pg: ${text}${values} 50ms x20`)).toEqual([]);
  });

  it.each(['CALL add_user($1) with (#)', 'EXECUTE add_user(#)'])('runs a procedure: an info: %s', (text) => {
    expect(severitiesIn(`POST /x 900ms\n  pg: ${text} 50ms x60`)).toEqual(['info']);
  });

  it('of SQL Server runs a procedure, too', () => {
    expect(severitiesIn('POST /x 900ms\n  mssql: EXEC add_user @a with (#) 50ms x60')).toEqual(['info']);
  });
});

describe('a text that is only a summary', () => {
  const operations = (summary: string, rows?: number, hash?: (n: number) => number) =>
    findingsIn(
      requestWith([
        ...(rows === undefined ? [] : [queryEvent({ shape: 'teams', rowCount: rows })]),
        ...Array.from({ length: 10 }, (_, n) =>
          queryEvent({
            shape: 'users',
            text: summary,
            summary,
            startMs: 1 + 20 * n,
            durationMs: 20,
            parametersHash: hash?.(n),
          }),
        ),
      ]),
    );

  it('is an info: each may have asked for something else', () => {
    expect(operations('find users')).toMatchObject([{ severity: 'info', confidence: 0.35 }]);
  });

  it('is more where rows or values show it', () => {
    expect(operations('find users', 10)).toMatchObject([{ severity: 'warning', confidence: 0.5 }]);
    expect(operations('find users', undefined, (n) => n)).toMatchObject([{ severity: 'warning', confidence: 0.55 }]);
  });

  it.each(['getMore users', 'getmore users'])('reads a cursor on: %s', (summary) => {
    expect(operations(summary)).toEqual([]);
  });
});

describe('transactions of their own', () => {
  const claimed = (picture: string) =>
    findingsIn(drawnRequest(picture)).map(({ summary }) => /of its own/.test(summary));
  const insert = (table: string) => `pg: INSERT INTO ${table} (a) VALUES ($1) with (#) 9ms`;

  it('are not those of other statements', () => {
    const reads = '  pg: BEGIN 1ms\n  pg: SELECT a FROM rights WHERE b = 1 1ms\n  pg: COMMIT 1ms\n'.repeat(10);
    expect(claimed(`POST /x 900ms\n${reads}  ${insert('a')} x10`)).toEqual([false]);
    expect(claimed(`POST /x 900ms\n${reads}  pg: BEGIN 1ms\n  ${insert('a')} x10\n  pg: COMMIT 1ms`)).toEqual([false]);
  });

  it('may hold several writes each', () => {
    const each = Array.from(
      { length: 6 },
      (_, n) =>
        `  pg: BEGIN 1ms\n  ${insert('a').replace('#', `${n}`)}\n  ${insert('b').replace('#', `${n}`)}\n  pg: COMMIT 1ms`,
    );
    expect(claimed(`POST /x 900ms\n${each.join('\n')}`)).toEqual([true, true]);
  });
});
