import { describe, expect, it } from 'vitest';
import { isNamedAfter, isOwnKey, mentionsKeyOf } from '../../analysis/column-of-table.ts';
import { loopLevels, loopSource } from '../../analysis/loop-source.ts';
import type { QueryGroup, RequestRecord } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

/** The group of the statement that runs on the table, `users` if none is named. */
function loopOn(request: RequestRecord, table = 'users'): QueryGroup {
  const group = request.groups.findLast(({ summary }) => summary.endsWith(` ${table}`));
  if (group === undefined) throw new Error(`no group on ${table}`);
  return group;
}

function sourceOf(request: RequestRecord, table?: string): string | undefined {
  const source = loopSource(loopOn(request, table), request.groups);
  return source && `${source.group.summary} by ${source.proof}`;
}

const rounds = (times: number, ...lines: string[]): string =>
  Array.from({ length: times }, (_, n) => lines.map((line) => `  ${line.replaceAll('%', String(n))}`).join('\n')).join(
    '\n',
  );

describe('the source of a loop', () => {
  it.each([
    [9, 'none'],
    [10, 'SELECT teams by rows'],
    [12, 'SELECT teams by rows'],
    [13, 'SELECT teams by order'],
  ])('of 10 rounds, of a read with %i rows, is %s', (rows, source) => {
    const request = drawnRequest(
      `GET /x 90ms\n  pg: SELECT a FROM teams 4ms rows ${rows}\n  pg: SELECT * FROM users WHERE mail = $1 with (#) 2ms x10`,
    );
    expect(sourceOf(request) ?? 'none').toBe(source);
  });

  it('is the read with the rows, not the one in between', () => {
    const request = requestFromTrace`
      GET /orders                                        90ms
        pg: SELECT * FROM orders LIMIT 10                 4ms rows 10
        pg: SELECT * FROM settings WHERE id = 7           1ms rows 1
        pg: SELECT * FROM users WHERE mail = $1 with (#)  2ms x10`;
    expect(sourceOf(request)).toBe('SELECT orders by rows');
  });

  it('is, of two reads with the rows, the one that the column is called after', () => {
    const request = requestFromTrace`
      GET /orders                                              90ms
        pg: SELECT id FROM orders LIMIT 10                      4ms rows 10
        pg: SELECT id FROM colours                              4ms rows 10
        pg: SELECT * FROM items WHERE order_id = $1 with (#)    2ms x10`;
    expect(sourceOf(request, 'items')).toBe('SELECT orders by rows');
  });

  it('is the read that the column is called after, where no driver tells rows', () => {
    const request = requestFromTrace`
      GET /orders                                              90ms
        pg: SELECT id FROM orders LIMIT 10                      4ms
        pg: SELECT a FROM settings                              4ms
        pg: SELECT * FROM items WHERE order_id = $1 with (#)    2ms x10`;
    expect(sourceOf(request, 'items')).toBe('SELECT orders by name');
  });

  it('is the read whose rows point to the loop’s table', () => {
    const request = requestFromTrace`
      GET /orders                                        90ms
        pg: SELECT id, user_id FROM orders LIMIT 10       4ms
        pg: SELECT a FROM settings                        4ms
        pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x10`;
    expect(sourceOf(request)).toBe('SELECT orders by name');
  });

  it('is the list of keys before the rows one by one', () => {
    const request = requestFromTrace`
      GET /users                                         90ms
        pg: SELECT id FROM users LIMIT 10                 4ms
        pg: SELECT a FROM settings                        4ms
        pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x10`;
    expect(sourceOf(request)).toBe('SELECT users by name');
  });

  it('is no named read that is known to have returned fewer rows', () => {
    const request = requestFromTrace`
      GET /orders                                        90ms
        pg: SELECT id FROM users WHERE token = $1 with (t) 2ms rows 1
        pg: SELECT a FROM orders LIMIT 30                 5ms rows 30
        pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x20`;
    expect(sourceOf(request)).toBe('SELECT orders by order');
  });

  it('is the named read rather than one that happened to return as many rows', () => {
    const orders = (rows: string) =>
      drawnRequest(`GET /orders 90ms
        pg: SELECT id, user_id FROM orders LIMIT 30       5ms ${rows}
        pg: SELECT name FROM permissions                  2ms rows 20
        pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x20`);
    expect(sourceOf(orders('rows 30'))).toBe('SELECT orders by name');
    expect(sourceOf(orders(''))).toBe('SELECT orders by name');
    expect(sourceOf(orders('rows 3'))).toBe('SELECT permissions by rows');
  });

  it('is the last read before, where nothing else shows it', () => {
    const request = requestFromTrace`
      GET /users                                         90ms
        pg: SELECT a FROM settings                        4ms
        pg: SELECT a FROM teams                           4ms
        pg: SELECT * FROM users WHERE mail = $1 with (#)  2ms x10`;
    expect(sourceOf(request)).toBe('SELECT teams by order');
  });

  it('of a loop of writes is found as well', () => {
    const request = requestFromTrace`
      POST /users                                             90ms
        pg: SELECT id FROM orders                              4ms rows 10
        pg: UPDATE users SET a = 1 WHERE id = $1 with (#)      2ms x10`;
    expect(sourceOf(request)).toBe('SELECT orders by rows');
  });

  it('of parallel queries is what ended before the first of them started, whichever ended first', () => {
    const request = requestFromTrace`
      GET /users                                               90ms
        pg: SELECT a FROM teams                                 4ms
        pg: SELECT * FROM users WHERE mail = $1 with (a#)      20ms
        pg: SELECT * FROM users WHERE mail = $1 with (b#)       9ms x9 at once beside`;
    expect(sourceOf(request)).toBe('SELECT teams by order');
  });

  it.each([
    ['a write stands directly before the loop', 'pg: UPDATE teams SET a = 1 2ms'],
    ['nothing stands before it', 'fn: parse 2ms'],
    ['the read before it runs beside it', 'pg: SELECT a FROM teams 40ms\n  fn: think 1ms beside'],
    ['what stands before it is known to have returned too few rows', 'pg: SELECT a FROM teams 4ms rows 1'],
  ])('is not named when %s', (_reason, before) => {
    const loop = `pg: SELECT * FROM users WHERE mail = $1 with (#) 2ms x10${before.includes('beside') ? ' beside' : ''}`;
    expect(sourceOf(drawnRequest(`GET /x 90ms\n  ${before}\n  ${loop}`))).toBeUndefined();
  });

  it('is no read that came while the loop ran, whatever it returned', () => {
    const request = requestFromTrace`
      GET /x                                                90ms
        pg: SELECT * FROM users WHERE mail = $1 with (a#)    2ms x5
        pg: SELECT a FROM teams                              4ms rows 10
        pg: SELECT * FROM users WHERE mail = $1 with (b#)    2ms x5`;
    expect(sourceOf(request)).toBeUndefined();
  });

  it('is not shown by the rows of a read that goes on after the loop', () => {
    const request = requestFromTrace`
      GET /x                                                90ms
        pg: SELECT * FROM teams WHERE a = $1 with (1)        4ms rows 5
        pg: SELECT * FROM users WHERE mail = $1 with (#)     2ms x10
        pg: SELECT * FROM teams WHERE a = $1 with (2)        4ms rows 5`;
    expect(sourceOf(request)).toBe('SELECT teams by order');
  });

  it('has no order where nobody told when queries started', () => {
    const request = requestFromTrace`
      GET /x                                             90ms
        pg: SELECT id, user_id FROM orders                4ms rows 10
        pg: SELECT * FROM users WHERE id = $1 with (#)    2ms x10`;
    const loop = { ...loopOn(request), startsKnown: false };
    expect(loopSource(loop, request.groups)).toBeUndefined();
  });
});

describe('loops', () => {
  const levelsOf = (request: RequestRecord, table: string): readonly string[] =>
    loopLevels(loopOn(request, table), request.groups).map(({ summary, count }) => `${summary} ${count}`);

  it('within each other, as their rows show, are levels', () => {
    const request = drawnRequest(
      `GET /x 90ms\n  pg: SELECT id FROM users LIMIT 5 2ms rows 5\n${rounds(
        5,
        'pg: SELECT * FROM posts WHERE user_id = $1 with (%) 2ms rows 3',
        'pg: SELECT * FROM comments WHERE post_id = $1 with (#%) 2ms x3',
      )}`,
    );
    expect(levelsOf(request, 'comments')).toEqual(['SELECT posts 5', 'SELECT comments 15']);
    expect(sourceOf(request, 'comments')).toBe('SELECT posts by rows');
    expect(levelsOf(request, 'posts')).toEqual(['SELECT posts 5']);
    expect(sourceOf(request, 'posts')).toBe('SELECT users by rows');
  });

  it('within each other, as names show, level by level', () => {
    const request = requestFromTrace`
      GET /x                                                       200ms
        pg: SELECT id FROM users LIMIT 5                             2ms
        pg: SELECT * FROM posts WHERE user_id = $1 with (#)          2ms x5
        pg: SELECT * FROM comments WHERE post_id = $1 with (#)       2ms x15
        pg: SELECT * FROM likes WHERE comment_id = $1 with (#)       2ms x45`;
    expect(levelsOf(request, 'likes')).toEqual(['SELECT posts 5', 'SELECT comments 15', 'SELECT likes 45']);
  });

  it('beside each other have one source, and are no levels', () => {
    const request = drawnRequest(
      `GET /x 90ms\n  pg: SELECT a FROM orders 2ms rows 7\n${rounds(
        7,
        'pg: SELECT * FROM users WHERE mail = $1 with (%) 2ms rows 1',
        'pg: SELECT * FROM items WHERE sku = $1 with (%) 2ms rows 1',
      )}`,
    );
    for (const table of ['users', 'items']) {
      expect(sourceOf(request, table)).toBe('SELECT orders by rows');
      expect(levelsOf(request, table)).toHaveLength(1);
    }
  });

  it('beside each other have the source of the first where only the order shows it', () => {
    const request = drawnRequest(
      `GET /x 90ms\n  pg: SELECT a FROM orders 2ms\n${rounds(
        7,
        'pg: SELECT * FROM users WHERE mail = $1 with (%) 2ms',
        'pg: SELECT * FROM items WHERE sku = $1 with (%) 2ms',
      )}`,
    );
    expect(sourceOf(request, 'users')).toBe('SELECT orders by order');
    expect(sourceOf(request, 'items')).toBe('SELECT orders by order');
  });

  it('are no levels when only the order shows it', () => {
    const request = requestFromTrace`
      GET /x                                                        90ms
        pg: SELECT enabled FROM flags WHERE name = $1 with (f#)      2ms x3
        pg: SELECT * FROM users WHERE mail = $1 with (#)             2ms x20`;
    expect(sourceOf(request, 'users')).toBe('SELECT flags by order');
    expect(levelsOf(request, 'users')).toEqual(['SELECT users 20']);
  });

  it('are no levels when what ran twice before asked for the same', () => {
    const request = requestFromTrace`
      GET /x                                                       200ms
        pg: SELECT * FROM rights WHERE id = $1 with (7)              2ms x2
        pg: SELECT * FROM comments WHERE mail = $1 with (#)          2ms x15`;
    expect(levelsOf(request, 'comments')).toEqual(['SELECT comments 15']);
  });
});

describe('a column', () => {
  it.each([
    ['user_id', 'users'],
    ['userId', 'users'],
    ['user', 'users'],
    ['user_uuid', 'public.users'],
    ['userId', '"User"'],
    ['company_id', 'companies'],
    ['box_id', 'boxes'],
    ['status_id', 'statuses'],
    ['order_item_id', 'order_items'],
    ['orderItemId', '"OrderItems"'],
    ['address_id', 'address'],
  ])('%s is called after %s', (column, table) => {
    expect(isNamedAfter(column, table)).toBe(true);
  });

  it.each([
    ['id', 'users'],
    ['user_id', 'orders'],
    ['id', 'ids'],
    ['paid', 'users'],
    ['superuser_id', 'users'],
    ['user_id', ''],
    ['', ''],
  ])('%s is not called after %s', (column, table) => {
    expect(isNamedAfter(column, table)).toBe(false);
  });

  it('that is a table’s own key is told from one that points elsewhere', () => {
    expect(['id', 'uuid', '_id', 'ID'].every(isOwnKey)).toBe(true);
    expect(['user_id', 'mail'].some(isOwnKey)).toBe(false);
  });

  it('is found in a text as a word of its own', () => {
    expect(mentionsKeyOf('users', 'SELECT "o"."userId" FROM "orders" AS "o"')).toBe(true);
    expect(mentionsKeyOf('users', 'SELECT user_ids FROM orders')).toBe(false);
    expect(mentionsKeyOf('users', 'SELECT superuser_id FROM orders')).toBe(false);
    expect(mentionsKeyOf('users', 'SELECT user FROM orders')).toBe(false);
  });
});
