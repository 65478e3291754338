import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearQueryMemo, describeQuery, lastStepCount } from '../../sql/describe-query.ts';
import { NO_TRAITS } from '../../sql/index.ts';

const pg = 'postgresql';
const mssql = 'microsoft.sql_server';

/** The traits that are set, by name, in the order of their declaration. */
function traitsOf(sql: string, system = pg): string {
  const { traits } = describeQuery(sql, system);
  return Object.entries(traits)
    .filter(([, value]) => value === true)
    .map(([name]) => name)
    .join(' ');
}

function filterOf(sql: string, system = pg): string | undefined {
  return describeQuery(sql, system).traits.filterColumn;
}

describe('the traits of a statement', () => {
  it.each([
    ['SELECT a FROM t', ''],
    ['SELECT * FROM t', 'selectsStar'],
    ['SELECT t.* FROM t', 'selectsStar'],
    ['SELECT a, "t".*, b FROM t', 'selectsStar'],
    ['INSERT INTO u SELECT * FROM t', 'selectsStar'],
    ['SELECT a * b, (a) * 2 FROM t', ''],
    ['SELECT (SELECT * FROM u) FROM t', ''],
    ['UPDATE t SET a = 1 RETURNING *', ''],
    ['SELECT a FROM t WHERE b = 1', 'hasWhere'],
    ['SELECT a FROM t WHERE b IS NOT DISTINCT FROM c AND d = 1', 'hasWhere filtersMore'],
    ['SELECT a FROM (SELECT a FROM t WHERE b = 1 ORDER BY a LIMIT 1) x', ''],
    ['SELECT count(*) FILTER (WHERE a > 1) FROM t', 'aggregated'],
    ['DELETE FROM t WHERE a = 1', 'hasWhere'],
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT (a) WHERE b DO UPDATE SET a = 2 WHERE t.a < 1', ''],
    ['INSERT INTO t SELECT a FROM u WHERE b = 1', 'hasWhere'],
    ['SELECT a FROM t ORDER BY a', 'ordered'],
    ['SELECT a FROM t ORDER BY a LIMIT 5', 'limited ordered'],
    ['SELECT a FROM t LIMIT ALL', ''],
    ['SELECT a FROM t FETCH FIRST 5 ROWS ONLY', 'limited'],
    ['SELECT "limit", "offset" FROM t', ''],
    ['SELECT a FROM t GROUP BY a', 'grouped'],
    ['SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t', ''],
    ['SELECT DISTINCT a FROM t', 'distinct'],
    ['SELECT count(DISTINCT a) FROM t', 'aggregated'],
    ['SELECT COALESCE(SUM(a), 0) FROM t', 'aggregated'],
    ['SELECT json_agg(a), string_agg(b, $1) FROM t GROUP BY c', 'aggregated grouped'],
    ['SELECT sum(a) OVER (PARTITION BY b) FROM t', ''],
    ['SELECT count(*) FILTER (WHERE a) OVER () FROM t', ''],
    ['SELECT sum(count(*)) OVER () FROM t GROUP BY a', 'aggregated grouped'],
    ['SELECT a FROM t WHERE b > (SELECT avg(b) FROM t)', 'hasWhere'],
    ['SELECT count FROM t', ''],
    ['SELECT a FROM t FOR UPDATE', 'locks'],
    ['SELECT a FROM t FOR NO KEY UPDATE NOWAIT', 'locks'],
    ['SELECT a FROM t FOR KEY SHARE', 'locks'],
    ['SELECT a FROM t FOR SHARE OF t, u SKIP LOCKED', 'locks polls'],
    ['SELECT substring(a for 3) FROM t', ''],
    [
      'UPDATE jobs SET s = 1 WHERE id = (SELECT id FROM jobs ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1)',
      'hasWhere locks polls',
    ],
    ['SELECT pg_try_advisory_xact_lock($1, $2)', 'polls'],
    ['SELECT * FROM pg_advisory_lock(1)', 'polls selectsStar'],
    ['SELECT a FROM t WHERE a > $1 ORDER BY a LIMIT 10', 'hasWhere limited ordered paginates picksRange'],
    ['SELECT a FROM t WHERE $1 > t.a ORDER BY "a" DESC LIMIT 10', 'hasWhere limited ordered paginates picksRange'],
    ['SELECT a FROM t WHERE (a, b) < ($1, $2) ORDER BY a, b LIMIT 10', 'hasWhere limited ordered paginates picksRange'],
    ['SELECT a FROM t WHERE a > $1 ORDER BY b LIMIT 10', 'hasWhere limited ordered picksRange'],
    ['SELECT a FROM t WHERE a > b ORDER BY a LIMIT 10', 'hasWhere limited ordered'],
    ["SELECT a FROM t WHERE a -> 'x' = $1 ORDER BY a LIMIT 10", 'hasWhere limited ordered'],
    ['SELECT a FROM t WHERE a > $1 ORDER BY a', 'hasWhere ordered picksRange'],
    ['SELECT a FROM t LIMIT 10 OFFSET 20', 'limited paginates'],
    ['SELECT a FROM t ORDER BY a OFFSET 20', 'ordered'],
    ['WITH x AS (SELECT * FROM t WHERE a = 1 LIMIT 1) SELECT b FROM x', ''],
    ['WITH x AS (SELECT b FROM t) SELECT * FROM x WHERE a = 1 LIMIT 1', 'hasWhere limited selectsStar'],
    ['(SELECT a FROM t WHERE b = 1) UNION ALL (SELECT a FROM u) ORDER BY a LIMIT 1', 'hasWhere limited ordered'],
    ['EXPLAIN ANALYZE SELECT * FROM t LIMIT 1', 'limited selectsStar'],
    ['SET a = 1; SELECT a FROM t; SELECT b FROM t WHERE c = 1 LIMIT 1', 'hasWhere limited'],
    ['SELECT 1', ''],
  ])('of %s are: %s', (sql, expected) => expect(traitsOf(sql)).toBe(expected));

  it.each([
    ['mysql', 'SELECT a FROM t LIMIT 10, 20', 'limited paginates'],
    ['mysql', 'SELECT a FROM t WHERE b = ? ORDER BY a LIMIT ?, ?', 'hasWhere limited ordered paginates'],
    ['mysql', 'SELECT a FROM t LOCK IN SHARE MODE', 'locks'],
    ['mysql', 'SELECT GET_LOCK(?, 10)', 'polls'],
    ['mysql', 'UPDATE t SET a = 1 WHERE b = 2 ORDER BY c LIMIT 3', 'hasWhere limited ordered'],
    ['mariadb', 'SELECT GROUP_CONCAT(a ORDER BY b LIMIT 3) FROM t', 'aggregated'],
    ['sqlite', 'SELECT json_group_array(a) FROM t LIMIT 1 OFFSET 2', 'limited aggregated paginates'],
    [mssql, 'SELECT TOP 10 * FROM t', 'limited selectsStar'],
    [mssql, 'SELECT DISTINCT TOP (@p) a FROM t', 'limited distinct'],
    [mssql, 'DELETE TOP (5) FROM t WHERE a = 1', 'hasWhere limited'],
    [mssql, 'SELECT [top] FROM t', ''],
    [mssql, 'SELECT a FROM t ORDER BY a OFFSET @0 ROWS FETCH NEXT @1 ROWS ONLY', 'limited ordered paginates'],
    [mssql, 'SELECT TOP 9 a FROM t WHERE a > @p ORDER BY a', 'hasWhere limited ordered paginates picksRange'],
    [mssql, 'SELECT a FROM t WITH (UPDLOCK, READPAST, ROWLOCK) WHERE b = @0', 'hasWhere locks polls'],
    [mssql, 'SELECT a FROM t WITH (NOLOCK)', ''],
  ])('in %s, of %s are: %s', (system, sql, expected) => expect(traitsOf(sql, system)).toBe(expected));

  it.each([
    ['a = $1', ''],
    ['((a = $1))', ''],
    ['a = $1 AND 1=1', ''],
    ['1=1 AND a = $1', ''],
    ['true AND a = $1', ''],
    ['(a = $1 AND (1 = 1))', ''],
    ['a IN ($1, $2)', ''],
    ['a = $1 AND b IS NULL', 'filtersMore'],
    ['b IS NULL AND a = $1', 'filtersMore'],
    ['(a = $1 AND b = true)', 'filtersMore'],
    ["a = $1 AND b = 'open'", 'filtersMore'],
    ['a = $1 AND b = c', 'filtersMore'],
    ['a = $1 AND EXISTS (SELECT 1 FROM u WHERE u.a = t.a)', 'filtersMore'],
    ['a = $1 AND b BETWEEN 1 AND 2', 'filtersMore'],
    ['a = $1 AND b > 5', 'filtersMore'],
    ['a = (SELECT b FROM u WHERE c = $1 AND d = 2)', ''],
    ['a = $1 AND b = $2', ''],
    ['a >= $1 AND a < $2', 'picksRange'],
    ['(a >= $1) AND (a < $2)', 'picksRange'],
    ['a BETWEEN $1 AND $2', 'picksRange'],
    ['a BETWEEN 1 AND 10 AND 1=1', 'picksRange'],
    ['a < $1', 'picksRange'],
    ['$1 <= a', 'picksRange'],
    ["a < DATE '2026-01-01'", 'picksRange'],
    ['(a, b) > ($1, $2)', 'picksRange'],
    ['c = $1 AND a >= $2 AND a < $3', 'picksRange'],
    ['a > 7 AND active = true', 'filtersMore picksRange'],
    ['a >= $1 AND a < $2 AND (b = 1 OR b = 2)', 'picksRange'],
    ['c = $1 AND (a IS NULL OR a > $2)', ''],
    ['a <> $1', ''],
    ['a NOT BETWEEN $1 AND $2', ''],
    ['a < b', ''],
    ["a -> 'x' = $1", ''],
    ['a IN (SELECT b FROM u WHERE c > $1)', ''],
  ])('of any verb WHERE %s are, beside hasWhere: %s', (condition, expected) => {
    for (const verb of ['SELECT x FROM t', 'UPDATE t SET x = $9, y = $8', 'DELETE FROM t']) {
      expect(traitsOf(`${verb} WHERE ${condition}`), verb).toBe(`hasWhere ${expected}`.trim());
    }
  });

  it.each([
    'WHERE updated_at >= $1 AND id > $2 ORDER BY id LIMIT 500',
    'WHERE tenant_id = $1 AND id > $2 ORDER BY tenant_id, id LIMIT 500',
    'WHERE tenant_id = $1 AND id > $2 ORDER BY tenant_id DESC NULLS LAST, name COLLATE "C" ASC, "id" LIMIT 500',
    'WHERE (created_at, id) > ($1, $2) ORDER BY id LIMIT 500',
    'WHERE a < $1 AND b < $2 AND c < $3 AND d < $4 ORDER BY d LIMIT 500',
    'WHERE created_at < $1 OR (created_at = $1 AND id < $2) ORDER BY id LIMIT 500',
    'ORDER BY a LIMIT 500 OFFSET 20',
    'ORDER BY a LIMIT 500 OFFSET $1',
  ])('know a page: %s', (rest) => expect(traitsOf(`SELECT x FROM t ${rest}`)).toContain('paginates'));

  it.each([
    [pg, 'WHERE updated_at >= $1 AND id > $2 ORDER BY name, age LIMIT 500'],
    [pg, 'WHERE id > $1 ORDER BY lower(name), id LIMIT 500'],
    [pg, 'ORDER BY a LIMIT 1 OFFSET 0'],
    ['mysql', 'ORDER BY a LIMIT 0, 10'],
    [mssql, 'ORDER BY a OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY'],
  ])('in %s, see no page in: %s', (system, rest) =>
    expect(traitsOf(`SELECT x FROM t ${rest}`, system)).not.toContain('paginates'),
  );

  it('are those of nothing for a text that is none', () => {
    expect(describeQuery(undefined as unknown as string, pg).traits).toEqual(NO_TRAITS);
    expect(describeQuery('', pg).traits).toEqual(NO_TRAITS);
  });
});

describe('the column by which rows are picked', () => {
  it.each([
    ['u.id = $1', 'id'],
    ['"Post"."authorId" = $1', 'authorId'],
    ['"public"."Post"."authorId" = $1::uuid', 'authorId'],
    ['id IN ($1)', 'id'],
    ['id IN ($1, $2, $3)', 'id'],
    ['id = ANY($1)', 'id'],
    ['id = any ($1::int[])', 'id'],
    ['id = ANY(ARRAY[1, 2])', 'id'],
    ['$1 = id', 'id'],
    ['$1 = t.id', 'id'],
    ['a = $1 AND deleted_at IS NULL', 'a'],
    ['a = $1 AND active = true AND 1=1 AND kind = 5', 'a'],
    ['((a = $1) AND (b IS NOT NULL))', 'a'],
    ["created = DATE '2026-01-01'", 'created'],
    ['a = $1 AND EXISTS (SELECT 1 FROM u WHERE u.b = $2 AND u.c = $3)', 'a'],
    ['EXISTS (SELECT 1 FROM u WHERE u.b = $2) AND f(b) IS NULL AND a = $1', 'a'],
    ['a = 5', 'a'],
    ['a = 5 AND active = true', 'a'],
    ['active = true', 'active'],
    ['a = b AND c = $1', 'c'],
    ['a = $1 ORDER BY b LIMIT $2', 'a'],
    ['U&"d" = $1', 'd'],
    ['a = $1 AND b = $2', undefined],
    ['a = $1 AND b > $2', undefined],
    ['a = $1 AND b IN ($2, $3)', undefined],
    ['a = $1 AND lower(b) = $2', undefined],
    ['a = 1 AND b = 2', undefined],
    ['a = 1 AND b > $1', undefined],
    ['a = $1 OR b IS NULL', undefined],
    ['NOT (a = $1)', undefined],
    ['NOT a = $1', undefined],
    ['a NOT IN ($1, $2)', undefined],
    ['a <> $1', undefined],
    ['a != $1', undefined],
    ['a >= $1', undefined],
    ['a = $1 + 1', undefined],
    ['a + b = $1', undefined],
    ['a::date = $1', undefined],
    ['lower(a) = $1', undefined],
    ['$1 = lower(a)', undefined],
    ['$1 = ANY(a)', undefined],
    ['coalesce(a = $1, false)', undefined],
    ["a -> 'b' = $1", undefined],
    ['a = b', undefined],
    ['a = NULL', undefined],
    ['a IN (SELECT b FROM u WHERE c = $1)', undefined],
    ['a = (SELECT b FROM u WHERE c = $1)', undefined],
    ['(a, b) = ($1, $2)', undefined],
    ['CASE WHEN a = $1 THEN true END', undefined],
    ['CURRENT OF c', undefined],
    [`"${'x'.repeat(256)}" = $1`, undefined],
  ])('WHERE %s: %s', (condition, expected) => {
    for (const verb of ['SELECT x FROM t', 'UPDATE t SET x = $9, y = $8', 'DELETE FROM t']) {
      expect(filterOf(`${verb} WHERE ${condition}`), verb).toBe(expected);
    }
  });

  it('is read in the quotes of each system', () => {
    expect(filterOf('SELECT a FROM t WHERE `t`.`user_id` = ?', 'mysql')).toBe('user_id');
    expect(filterOf('SELECT a FROM t WHERE t.[Order Id] = @p0', mssql)).toBe('Order Id');
    expect(filterOf('SELECT a FROM t WHERE id == ?1', 'sqlite')).toBe('id');
    expect(filterOf("SELECT a FROM t WHERE d ? 'x' AND id = $1")).toBe('id');
  });

  it('is that of the first statement that reads or writes', () => {
    expect(filterOf('SET a = 1; SELECT 1; SELECT a FROM t WHERE b = $1; DELETE FROM t WHERE c = 1')).toBe('b');
    expect(filterOf('SELECT a FROM t; DELETE FROM t WHERE c = 1')).toBeUndefined();
  });

  it('is that of a join only if it stands in the WHERE', () => {
    expect(filterOf('SELECT a FROM t JOIN u ON t.a = u.a AND u.b = $1 WHERE t.c = $2')).toBe('c');
    expect(filterOf('SELECT a FROM t JOIN u ON u.b = $1')).toBeUndefined();
  });

  it('is not told of a text that was cut', () => {
    expect(filterOf('SELECT a FROM t WHERE b = $1 AND c...')).toBeUndefined();
  });

  it('does not hold a long text in memory, and is the same there', () => {
    const sql = `SELECT a FROM a_table_of_some_length WHERE a_column_of_some_length = $1 AND b <> '${'x'.repeat(9000)}'`;
    expect(describeQuery(sql, pg).traits).toMatchObject({
      filterColumn: 'a_column_of_some_length',
      tables: ['a_table_of_some_length'],
    });
  });
});

describe('the statements of ORMs', () => {
  const prisma = 'SELECT "public"."User"."id", "public"."User"."email" FROM "public"."User" WHERE';
  it.each([
    // Prisma: findUnique, a relation, findMany, findMany with an order, skip and take
    [pg, `${prisma} ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3`, 'id', 'hasWhere limited'],
    [pg, `${prisma} "public"."User"."teamId" IN ($1,$2,$3) OFFSET $4`, 'teamId', 'hasWhere'],
    [pg, `${prisma} 1=1 OFFSET $1`, undefined, 'hasWhere'],
    [
      pg,
      `${prisma} 1=1 ORDER BY "public"."User"."id" ASC LIMIT $1 OFFSET $2`,
      undefined,
      'hasWhere limited ordered paginates',
    ],
    [
      pg,
      'SELECT COUNT(*) FROM (SELECT "public"."User"."id" FROM "public"."User" WHERE 1=1 OFFSET $1) AS "sub"',
      undefined,
      'aggregated',
    ],
    // TypeORM: findOne, findOneBy with relations, soft delete, SQL Server
    [
      pg,
      'SELECT "User"."id" AS "User_id" FROM "user" "User" WHERE (("User"."id" = $1)) LIMIT 1',
      'id',
      'hasWhere limited',
    ],
    [
      pg,
      'SELECT DISTINCT "distinctAlias"."User_id" AS "ids_User_id" FROM (SELECT "User"."id" AS "User_id" FROM "user" "User" WHERE ("User"."id" = $1)) "distinctAlias" ORDER BY "User_id" ASC LIMIT 1',
      undefined,
      'limited ordered distinct',
    ],
    [
      pg,
      'SELECT "P"."id" AS "P_id" FROM "post" "P" WHERE ( (("P"."authorId" = $1)) ) AND ( "P"."deletedAt" IS NULL )',
      'authorId',
      'hasWhere filtersMore',
    ],
    [
      mssql,
      'SELECT "U"."id" FROM "user" "U" WITH (UPDLOCK, ROWLOCK) WHERE "U"."id" = @0 ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY',
      'id',
      'hasWhere limited ordered locks',
    ],
    // Sequelize: findByPk with inlined values, count, include with a limit
    [
      pg,
      'SELECT "id", "name" FROM "Users" AS "User" WHERE ("User"."deletedAt" IS NULL AND "User"."id" = 17);',
      'id',
      'hasWhere filtersMore',
    ],
    [
      'mysql',
      'SELECT count(*) AS `count` FROM `Users` AS `User` WHERE `User`.`teamId` = 3;',
      'teamId',
      'hasWhere aggregated',
    ],
    [
      pg,
      'SELECT "User".*, "Posts"."id" AS "Posts.id" FROM (SELECT "User"."id" FROM "Users" AS "User" WHERE "User"."a" = 1 LIMIT 10) AS "User" LEFT OUTER JOIN "Posts" AS "Posts" ON "User"."id" = "Posts"."UserId";',
      undefined,
      'selectsStar',
    ],
    // Drizzle
    [pg, 'select "id", "name" from "users" where "users"."id" = $1 limit $2', 'id', 'hasWhere limited'],
    [
      pg,
      'select "users"."id", "users_posts"."data" as "posts" from "users" "users" left join lateral (select coalesce(json_agg(json_build_array("users_posts"."id")), \'[]\'::json) as "data" from "posts" "users_posts" where "users_posts"."author_id" = "users"."id") "users_posts" on true where "users"."id" = $1 limit $2',
      'id',
      'hasWhere limited',
    ],
    // Knex
    [pg, 'select * from "users" where "id" = $1 limit $2', 'id', 'hasWhere limited selectsStar'],
    ['mysql', 'select count(`id`) as `n` from `users` where `team_id` in (?, ?)', 'team_id', 'hasWhere aggregated'],
    [
      pg,
      'select * from "jobs" where "state" = $1 order by "id" asc limit $2 for update skip locked',
      'state',
      'hasWhere limited ordered locks polls selectsStar',
    ],
    // MikroORM: findOne, populate, a cursor
    ['mysql', 'select `u0`.* from `user` as `u0` where `u0`.`id` = 1 limit 1', 'id', 'hasWhere limited selectsStar'],
    [
      pg,
      'select "p0".* from "post" as "p0" where "p0"."author_id" in (1, 2, 3) order by "p0"."author_id" asc',
      'author_id',
      'hasWhere ordered selectsStar',
    ],
    [
      pg,
      'select "u0".* from "user" as "u0" where "u0"."id" > 4 order by "u0"."id" asc limit 11',
      undefined,
      'hasWhere limited ordered paginates selectsStar picksRange',
    ],
  ])('in %s: %s', (system, sql, column, expected) => {
    expect(filterOf(sql, system)).toBe(column);
    expect(traitsOf(sql, system)).toBe(expected);
  });
});

describe('the end of a transaction', () => {
  const starts = { startsTransaction: true, endsTransaction: false };
  const ends = { startsTransaction: false, endsTransaction: true };
  const neither = { startsTransaction: false, endsTransaction: false };
  const both = { startsTransaction: true, endsTransaction: true };
  it.each([
    [pg, ends, ['COMMIT', 'commit work;', 'END', 'ABORT', 'ROLLBACK', 'COMMIT AND NO CHAIN', 'ROLLBACK TRANSACTION']],
    [pg, neither, ['ROLLBACK TO a', 'ROLLBACK TO SAVEPOINT a', 'ROLLBACK WORK TO a', 'RELEASE a', 'SAVEPOINT a']],
    [pg, neither, ["COMMIT PREPARED 'a'", "ROLLBACK PREPARED 'a'", 'SELECT a AS commit FROM t', 'SELECT 1']],
    [pg, ends, ["PREPARE TRANSACTION 'a'", 'UPDATE t SET a = 1; COMMIT', 'ROLLBACK TO a; COMMIT']],
    [pg, neither, ['BEGIN; UPDATE t SET a = 1; COMMIT', 'BEGIN; ROLLBACK', 'BEGIN; COMMIT; BEGIN; COMMIT']],
    [pg, starts, ['BEGIN', 'BEGIN; SAVEPOINT a; ROLLBACK TO a', 'BEGIN; COMMIT; BEGIN']],
    [pg, both, ['COMMIT; BEGIN', 'COMMIT AND CHAIN', 'ROLLBACK WORK AND CHAIN']],
    ['mysql', ends, ['COMMIT', 'ROLLBACK', "XA COMMIT 'a'", "XA ROLLBACK 'a'"]],
    ['mysql', starts, ['START TRANSACTION', "XA START 'a'"]],
    ['mysql', neither, ['CREATE PROCEDURE p() BEGIN SELECT a FROM t; END', "XA PREPARE 'a'"]],
    ['sqlite', ends, ['END TRANSACTION', 'COMMIT TRANSACTION']],
    ['sqlite', starts, ['BEGIN IMMEDIATE']],
    [mssql, ends, ['COMMIT', 'COMMIT TRAN', 'COMMIT TRANSACTION a', 'ROLLBACK TRAN', 'IF @@TRANCOUNT > 0 ROLLBACK']],
    [mssql, starts, ['BEGIN TRAN', 'BEGIN DISTRIBUTED TRAN']],
    [mssql, neither, ['SAVE TRAN a', 'ROLLBACK TRAN a', 'BEGIN TRY SELECT a FROM t END TRY', 'END']],
    [mssql, neither, ['BEGIN TRAN UPDATE t SET a = 1 COMMIT TRAN', 'BEGIN SELECT a FROM t END']],
  ] as const)('in %s is %o for %j', (system, expected, texts) => {
    for (const sql of texts) expect(describeQuery(sql, system), sql).toMatchObject(expected);
  });
});

describe('the size of the longest list', () => {
  it.each([
    ['SELECT a FROM t WHERE b = $1', 0],
    ['SELECT a FROM t WHERE b = ANY($1)', 0],
    ['SELECT a FROM t WHERE b IN (SELECT c FROM u)', 0],
    ['SELECT f(1, 2, 3) FROM t', 0],
    ['SELECT a FROM t WHERE b IN ($1)', 1],
    ["SELECT a FROM t WHERE b IN (1, 'x', NULL, $1::int)", 4],
    ['SELECT a FROM t WHERE (b, c) IN ((1, 2), (3, 4))', 2],
    ['SELECT a FROM t WHERE b = ANY(ARRAY[1, 2, 3]) AND c IN (1)', 3],
    ['INSERT INTO t (a, b) VALUES (1, 2)', 1],
    ['INSERT INTO t DEFAULT VALUES', 0],
    ['INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4), ($5, $6)', 3],
    ['INSERT INTO t (a, b) VALUES (1, 2), (now(), DEFAULT), ($1, $2), (3, 4)', 4],
    ['WITH v (a) AS (VALUES (1), (2)) INSERT INTO t VALUES (1), (2), (3)', 3],
    ['SELECT a FROM (VALUES (1), (2)) v (a); SELECT a FROM t WHERE b IN (1)', 2],
  ])('of %s is %i', (sql, size) => expect(describeQuery(sql, pg).listSize).toBe(size));

  it('is the number of elements that were written', () => {
    const element = fc.constantFrom('1', "'a'", '$1', 'NULL', '-2.5', "DATE '2026-01-01'");
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 40 }), (elements) => {
        const sizeOf = (sql: string): number => describeQuery(sql, pg).listSize;
        expect(sizeOf(`SELECT a FROM t WHERE b IN (${elements.join(', ')})`)).toBe(elements.length);
        expect(sizeOf(`SELECT a FROM t WHERE b = ANY(ARRAY[${elements.join(',')}])`)).toBe(elements.length);
        expect(sizeOf(`INSERT INTO t VALUES ${elements.map((e) => `(7, ${e})`).join(', ')}`)).toBe(elements.length);
        expect(sizeOf(`INSERT INTO t VALUES ${elements.map((e) => `(f(${e}))`).join(', ')}`)).toBe(elements.length);
      }),
    );
  });
});

const words = [
  'SELECT,FROM,WHERE,AND,OR,NOT,IN,ANY,VALUES,ARRAY,INTO,UPDATE,SET,WITH,AS,LIMIT,OFFSET,ORDER BY,GROUP BY,TOP'.split(
    ',',
  ),
  'FOR UPDATE,SKIP LOCKED,FOR NO KEY,SHARE,OF,OVER,FILTER,count(,sum(,pg_advisory_lock(,FETCH NEXT,DISTINCT'.split(','),
  'INSERT,DELETE,UNION,CASE,COMMIT,ROLLBACK,BEGIN,TRAN,PREPARE,XA,LOCK IN,EXPLAIN,CREATE,JOIN,ON,TRUE,NULL'.split(','),
  [
    'a',
    'b.c',
    '"Q"',
    '`q`',
    '[q]',
    "'s'",
    '1',
    '$1',
    '?',
    ':a',
    '@p',
    '(',
    ')',
    ',',
    '.',
    ';',
    '=',
    '<',
    '>',
    '*',
    '::',
  ],
].flat();
const noise = fc.array(fc.constantFrom(...words), { maxLength: 60, size: 'max' }).map((parts) => parts.join(' '));
const system = fc.constantFrom(pg, 'mysql', 'mariadb', 'sqlite', mssql, 'other');

describe('for any text', () => {
  it('nothing is thrown, and no more than 4 steps are taken per character', () => {
    fc.assert(
      fc.property(noise, system, (sql, system) => {
        clearQueryMemo();
        const { traits, listSize } = describeQuery(sql, system);
        expect(Object.keys(traits)).toEqual(Object.keys(NO_TRAITS));
        expect(listSize).toBeGreaterThanOrEqual(0);
        expect(lastStepCount()).toBeLessThanOrEqual(4 * sql.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('values, comments and white space make no difference', () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.string({ maxLength: 20 }).map((text) => `'${text.replaceAll("'", "''").replaceAll('\\', '')}'`),
    );
    const gap = fc.constantFrom(' ', '\n', '\t ', ' /* where x = 1 */ ', ' -- limit 1\n');
    const template = fc.constantFrom(
      'SELECT * FROM t WHERE a = # AND b IS NULL ORDER BY c LIMIT 5',
      'SELECT count(*) FROM t WHERE a IN ( # , # ) GROUP BY b',
      'SELECT DISTINCT x FROM t WHERE a > # ORDER BY a LIMIT 10 OFFSET 20',
      'UPDATE t SET a = # WHERE b = # FOR UPDATE SKIP LOCKED',
      'WITH w AS ( SELECT a FROM t WHERE b = # ) DELETE FROM t WHERE a = # AND c < #',
      'INSERT INTO t VALUES ( # , # ) , ( # , # )',
    );
    const values = fc.array(value, { minLength: 8, maxLength: 8 });
    const gaps = fc.array(gap, { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(template, values, gaps, fc.constantFrom(pg, 'mysql', 'sqlite', mssql), (sql, v, g, system) => {
        let valueCount = 0;
        let gapCount = 0;
        const varied = sql.replaceAll(' ', () => g[gapCount++] ?? ' ').replaceAll('#', () => v[valueCount++] ?? '1');
        const plain = describeQuery(sql.replaceAll('#', '1'), system);
        const { traits, listSize } = describeQuery(varied, system);
        expect({ traits, listSize }).toEqual({ traits: plain.traits, listSize: plain.listSize });
      }),
      { numRuns: 1000 },
    );
  });
});
