import { describe, expect, it } from 'vitest';
import { rewriteAsBatch, type RewriteOptions } from '../../testing/index.ts';
import { loadPostgresParser } from '../../testing/rewrite/postgres-parser.ts';

const UNIQUE: RewriteOptions = { oneRowPerKey: true };

describe('a lookup that is rewritten as a batch', () => {
  it.each<[string, string, string, RewriteOptions?]>([
    // The key's column is there, or is added at the end of the list.
    ['SELECT id, name FROM users WHERE id = $1', 'SELECT id, name FROM users WHERE id = ANY($1)', 'id'],
    ['SELECT name FROM users WHERE id = $1', 'SELECT name, id FROM users WHERE id = ANY($1)', 'id'],
    ['SELECT * FROM users WHERE id = $1', 'SELECT * FROM users WHERE id = ANY($1)', 'id'],
    ['SELECT u.* FROM users u WHERE u.id = $1', 'SELECT u.* FROM users u WHERE u.id = ANY($1)', 'id'],
    ['SELECT id AS user_id FROM users WHERE id = $1', 'SELECT id AS user_id FROM users WHERE id = ANY($1)', 'user_id'],
    ['SELECT ctid FROM users WHERE ctid = $1', 'SELECT ctid FROM users WHERE ctid = ANY($1)', 'ctid'],
    // A star does not hold the columns of the system.
    [
      'SELECT * FROM users WHERE ctid = $1',
      'SELECT *, ctid AS slowpath_key FROM users WHERE ctid = ANY($1)',
      'slowpath_key',
    ],
    // The name may be another column's: the key gets one of its own.
    [
      'SELECT o.id, o.total FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = $1',
      'SELECT o.id, o.total, u.id AS slowpath_key FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = ANY($1)',
      'slowpath_key',
    ],
    [
      'SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = $1',
      'SELECT *, u.id AS slowpath_key FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = ANY($1)',
      'slowpath_key',
    ],
    [
      'SELECT upper(name) FROM users WHERE id = $1',
      'SELECT upper(name), id AS slowpath_key FROM users WHERE id = ANY($1)',
      'slowpath_key',
    ],
    [
      'SELECT name AS id FROM users WHERE id = $1',
      'SELECT name AS id, id AS slowpath_key FROM users WHERE id = ANY($1)',
      'slowpath_key',
    ],
    // Whatever else is in WHERE stays.
    [
      'SELECT * FROM orders WHERE user_id = $1 AND (state = 1 OR total > $2) AND deleted_at IS NULL ORDER BY at DESC, 1',
      'SELECT * FROM orders WHERE user_id = ANY($1) AND (state = 1 OR total > $2) AND deleted_at IS NULL ORDER BY at DESC, 1',
      'user_id',
    ],
    [
      'SELECT a FROM t WHERE org = $1 AND id = $2',
      'SELECT a, id FROM t WHERE org = $1 AND id = ANY($2)',
      'id',
      { parameter: 2 },
    ],
    // The way of writing stays.
    ['select name from users where $1 = id', 'select name, id from users where id = ANY($1)', 'id'],
    ['SELECT name FROM users WHERE id=$1;', 'SELECT name, id FROM users WHERE id=ANY($1);', 'id'],
    [
      'SELECT name\n  FROM users -- one\n  WHERE id = $1',
      'SELECT name, id\n  FROM users -- one\n  WHERE id = ANY($1)',
      'id',
    ],
    ['SELECT name FROM users WHERE id = $1::uuid', 'SELECT name, id FROM users WHERE id = ANY($1::uuid[])', 'id'],
    [
      'SELECT name FROM users WHERE (id = $1::int) AND a',
      'SELECT name, id FROM users WHERE (id = ANY($1::int[])) AND a',
      'id',
    ],
    [
      'SELECT "public"."User"."name" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1)',
      'SELECT "public"."User"."name", "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."id" = ANY($1) AND 1=1)',
      'id',
    ],
    // Locations in the tree are bytes; a key is found behind characters of 2, 3 and 4 of them.
    [
      `SELECT 'ä€🚀' AS "ü" FROM "größen" g WHERE g.note <> '🚀€' AND g."größe" = $1`,
      `SELECT 'ä€🚀' AS "ü", g."größe" FROM "größen" g WHERE g.note <> '🚀€' AND g."größe" = ANY($1)`,
      'größe',
    ],
    // FROM in the select list is not the clause.
    [
      'SELECT a IS DISTINCT FROM b AS d, extract(year FROM at) AS y FROM ONLY t WHERE id = $1',
      'SELECT a IS DISTINCT FROM b AS d, extract(year FROM at) AS y, id FROM ONLY t WHERE id = ANY($1)',
      'id',
    ],
    // LIMIT goes where it keeps nothing out.
    ['SELECT id FROM users WHERE id = $1 LIMIT 1', 'SELECT id FROM users WHERE id = ANY($1)', 'id', UNIQUE],
    ['SELECT id FROM users WHERE id = $1\nLIMIT 1;', 'SELECT id FROM users WHERE id = ANY($1);', 'id', UNIQUE],
    [
      'select "id" from "users" where "users"."id" = $1 limit $2',
      'select "id" from "users" where "users"."id" = ANY($1)',
      'id',
      UNIQUE,
    ],
  ])('%s', async (sql, expected, keyColumn, options = {}) => {
    expect(await rewriteAsBatch(sql, options)).toMatchObject({
      sql: expected,
      keyColumn,
      keyParameter: options.parameter ?? 1,
    });
  });

  it('says how many parameters are left when LIMIT took one', async () => {
    const sql = 'SELECT id FROM users WHERE id = $1 AND org = $2 LIMIT $3';
    expect(await rewriteAsBatch(sql, { ...UNIQUE, parameter: 1 })).toMatchObject({
      keyParameter: 1,
      parameterCount: 2,
    });
    expect(await rewriteAsBatch('SELECT id FROM users WHERE id = $1')).toMatchObject({ parameterCount: 1 });
  });

  it('is refused when it is rewritten again', async () => {
    const once = await rewriteAsBatch('SELECT name FROM users WHERE id = $1');
    expect(await rewriteAsBatch('sql' in once ? once.sql : '')).toEqual({
      refused: 'it takes a list already (IN or ANY)',
    });
  });
});

describe('a statement that is refused', () => {
  it.each<[string, RegExp, RewriteOptions?]>([
    // What the rows of one key have in common.
    ['SELECT count(*) FROM orders WHERE user_id = $1', /aggregate \(count\)/],
    ['SELECT max(at) FROM orders WHERE user_id = $1', /aggregate \(max\)/],
    ['SELECT my_total(at) FROM orders WHERE user_id = $1', /calls my_total\(\)/],
    ['SELECT unnest(tags) FROM t WHERE id = $1', /calls unnest\(\)/],
    ['SELECT random() FROM t WHERE id = $1', /calls random\(\)/],
    ['SELECT mine.lower(a) FROM t WHERE id = $1', /calls lower\(\)/],
    ['SELECT a FROM t WHERE id = $1 AND pg_try_advisory_lock(id)', /calls pg_try_advisory_lock\(\)/],
    ['SELECT a FROM orders WHERE user_id = $1 GROUP BY a', /GROUP BY/],
    ['SELECT 1 FROM orders WHERE user_id = $1 HAVING true', /HAVING/],
    ['SELECT DISTINCT a FROM orders WHERE user_id = $1', /DISTINCT/],
    ['SELECT DISTINCT ON (a) a FROM orders WHERE user_id = $1', /DISTINCT/],
    ['SELECT a FROM t WHERE id = $1 UNION SELECT a FROM u', /UNION/],
    ['SELECT row_number() OVER (ORDER BY a) FROM t WHERE id = $1', /window function/],
    ['SELECT a FROM t WHERE id = $1 WINDOW w AS (ORDER BY a)', /window/],
    // What takes some of its rows.
    ['SELECT a FROM t WHERE id = $1 OFFSET 1', /OFFSET/],
    ['SELECT a FROM t WHERE id = $1 LIMIT $2 OFFSET $3', /OFFSET/, UNIQUE],
    ['SELECT a FROM t WHERE id = $1 ORDER BY at DESC LIMIT 1', /ORDER BY with LIMIT/, UNIQUE],
    ['SELECT a FROM t WHERE id = $1 LIMIT 1', /oneRowPerKey/],
    ['SELECT a FROM t WHERE id = $1 LIMIT 0', /plain number of rows/, UNIQUE],
    ['SELECT a FROM t WHERE id = $1 LIMIT (1)', /plain number of rows/, UNIQUE],
    ['SELECT a FROM t WHERE id = $1 FETCH FIRST ROW ONLY', /plain number of rows/, UNIQUE],
    ['SELECT a FROM t WHERE id = $2 LIMIT $1', /not the last one/, UNIQUE],
    ['SELECT a FROM t WHERE id = $1 FOR UPDATE', /locks rows/],
    ['SELECT a FROM t WHERE id = $1 FOR SHARE SKIP LOCKED', /locks rows/],
    ['SELECT a FROM t TABLESAMPLE system (10) WHERE id = $1', /TABLESAMPLE/],
    // Where the key is not one comparison that all rows meet.
    ['SELECT a FROM t WHERE id = $1 OR b = $2', /under OR or NOT/],
    ['SELECT a FROM t WHERE NOT (id = $1)', /under OR or NOT/],
    ['SELECT a FROM t WHERE id = $1 AND org = $2', /say which of them varies/],
    ['SELECT a FROM t WHERE id = $1 AND org = $2', /no parameter \$3/, { parameter: 3 }],
    ['SELECT a FROM t WHERE id = $1 AND at > $2', /no column with \$2/, { parameter: 2 }],
    ['SELECT a FROM t WHERE id = $1 AND parent_id = $1', /more than once/],
    ['SELECT $1 AS a FROM t WHERE id = $1', /more than once/],
    ["SELECT a FROM t WHERE id = 17 AND b = 'secret'", /has no parameter/],
    ['SELECT a FROM t WHERE id > $1', /no column with a parameter/],
    ['SELECT a FROM t WHERE lower(email) = $1', /no column with a parameter/],
    ['SELECT a FROM t WHERE id OPERATOR(pg_catalog.=) $1', /no column with a parameter/],
    ['SELECT a FROM t LEFT JOIN u ON u.id = $1 WHERE t.b', /no column with a parameter/],
    ['SELECT a FROM t WHERE id IN ($1)', /list already/],
    ['SELECT a FROM t WHERE id = ANY($1)', /list already/],
    ['SELECT a FROM t WHERE id = ($1)', /does not know/],
    ['SELECT a FROM t WHERE id = $1::numeric(10, 2)', /does not know/],
    ['SELECT a FROM t WHERE at = $1::timestamp with time zone', /does not know/],
    ['SELECT a FROM t WHERE id = CAST($1 AS uuid)', /does not know/],
    // What is no plain SELECT.
    ['SELECT (SELECT max(x) FROM u WHERE u.t = t.id) FROM t WHERE id = $1', /subquery/],
    ['SELECT a FROM (SELECT * FROM t) s WHERE id = $1', /subquery in FROM/],
    ['SELECT a FROM generate_series(1, 5) a WHERE a = $1', /function in FROM/],
    ['WITH s AS (SELECT 1) SELECT a FROM t WHERE id = $1', /WITH/],
    ['SELECT a INTO u FROM t WHERE id = $1', /creates a table/],
    ['VALUES (1)', /VALUES/],
    ['SELECT 1', /no table/],
    ['SELECT a FROM t', /no WHERE/],
    ['SELECT FROM t WHERE id = $1', /no column/],
    ['UPDATE t SET a = 1 WHERE id = $1', /not a SELECT/],
    ['DELETE FROM t WHERE id = $1', /not a SELECT/],
    ['INSERT INTO t (a) VALUES ($1)', /not a SELECT/],
    ['SELECT a FROM t WHERE id = $1; SELECT 2', /not one statement/],
    ['', /does not read it/],
    ['SELECT a FROM t WHERE id = ?', /does not read it/],
    ["SELECT a FROM t WHERE id = 'secret", /does not read it/],
    ["SELECT a FROM t WHERE id = 'secret' secret", /does not read it/],
  ])('%s', async (sql, why, options = {}) => {
    const result = await rewriteAsBatch(sql, options);
    expect(result).toEqual({ refused: expect.stringMatching(why) });
    expect(JSON.stringify(result)).not.toContain('secret');
  });
});

it('says what to install when the parser is not there', async () => {
  const missing = Object.assign(new Error("Cannot find package 'libpg-query'"), { code: 'ERR_MODULE_NOT_FOUND' });
  await expect(loadPostgresParser(() => Promise.reject(missing))).rejects.toMatchObject({
    name: 'SetupError',
    code: 'SLOWPATH_LIBPG_QUERY_MISSING',
    message: expect.stringContaining('npm i -D libpg-query'),
  });
});
