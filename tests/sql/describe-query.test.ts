import { afterEach, describe, expect, it } from 'vitest';
import { clearQueryMemo, describeQuery, queryMemoStatistics } from '../../sql/index.ts';
import { lastStepCount } from '../../sql/describe-query.ts';

const pg = 'postgresql';

describe('the summary', () => {
  it.each([
    ['SELECT * FROM users WHERE id = 1', 'SELECT users'],
    ['select * from Users', 'select Users'],
    ['SELECT * FROM songs, artists', 'SELECT songs artists'],
    ['SELECT * FROM (SELECT * FROM orders) o JOIN customers c ON true', 'SELECT SELECT orders customers'],
    ['SELECT * FROM (a JOIN b ON a.id = b.id), c', 'SELECT a b c'],
    ['INSERT INTO shipping_details SELECT * FROM orders', 'INSERT shipping_details SELECT orders'],
    [
      'WITH r AS (SELECT * FROM orders), s (x) AS (SELECT 1 FROM r) SELECT * FROM s, users',
      'SELECT orders SELECT SELECT users',
    ],
    ['UPDATE ONLY "public"."Users" SET a = 1 FROM b WHERE true', 'UPDATE public.Users b'],
    ['DELETE FROM a USING b WHERE a.id = b.id', 'DELETE a b'],
    [
      'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)',
      'MERGE t s',
    ],
    ['SELECT EXTRACT(YEAR FROM a), TRIM(b FROM c) FROM t WHERE x IS NOT DISTINCT FROM y', 'SELECT t'],
    ['SELECT * FROM generate_series(1, 5) g, t', 'SELECT t'],
    ['SELECT a FROM t FOR UPDATE OF t', 'SELECT t'],
    ['SELECT a FROM b UNION ALL SELECT a FROM c ORDER BY 1, 2', 'SELECT b SELECT c'],
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2', 'INSERT t'],
    ['CREATE TABLE IF NOT EXISTS t (a int)', 'CREATE TABLE t'],
    ['CREATE UNIQUE INDEX i ON t (a)', 'CREATE INDEX t'],
    ['ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int', 'ALTER TABLE t'],
    ['DROP TABLE IF EXISTS a, b', 'DROP TABLE a b'],
    ['TRUNCATE TABLE t', 'TRUNCATE t'],
    ['CALL refresh_all(1)', 'CALL refresh_all'],
    ['START TRANSACTION READ ONLY', 'START TRANSACTION'],
    ['ROLLBACK TO SAVEPOINT a', 'ROLLBACK'],
    ['EXPLAIN ANALYZE SELECT * FROM t', 'EXPLAIN SELECT t'],
    ['nonsense', ''],
  ])('of %s', (sql, expected) => {
    expect(describeQuery(sql, pg).summary).toBe(expected);
  });

  it('stays within 255 characters without cutting a name', () => {
    const names = Array.from({ length: 100 }, (_, i) => `table_number_${i}`);
    const { summary, traits } = describeQuery(`SELECT * FROM ${names.join(', ')}`, pg);
    expect(summary.length).toBeLessThanOrEqual(255);
    expect(summary.length).toBeGreaterThan(235);
    expect(summary).toBe(`SELECT ${names.slice(0, traits.tables.length).join(' ')}`);
  });

  it('keeps the quotes of names that would not read well without them, and lists each table once', () => {
    const { summary, traits } = describeQuery(
      'SELECT 1 FROM [dbo].[Order Details] a, [dbo].[Order Details] b',
      'mssql',
    );
    expect(summary).toBe('SELECT dbo.[Order Details] dbo.[Order Details]');
    expect(traits.tables).toEqual(['dbo.[Order Details]']);
  });

  it('names no procedure among the tables', () => {
    expect(describeQuery('CALL f(1)', pg).traits.tables).toEqual([]);
  });
});

describe('the kind', () => {
  const kinds = {
    read: [
      'SELECT * FROM t',
      '(SELECT a FROM t) UNION (SELECT a FROM u)',
      'SELECT now()',
      'SELECT $1',
      "SELECT 'a'::int",
      'SELECT 1::text',
      'SELECT version',
      'SELECT oid, relname',
      "SELECT oid FROM t WHERE a = 'cut",
      'WITH a AS (SELECT 1 FROM t) SELECT * FROM a',
      'FETCH 10 FROM c',
      'EXPLAIN ANALYZE DELETE FROM t',
      'VALUES (1)',
      'SELECT a FROM t FOR UPDATE',
      'SET a = 1; SELECT * FROM t',
      'fetch 10 from c',
      "SELECT nextval('s')",
      'SELECT f($1)',
      "SELECT set_config('a', $1, true); SELECT a FROM t",
      "SELECT set_config('a', b, true) FROM t",
      'SELECT set_config FROM t',
      'SELECT a FROM notify',
    ],
    write: [
      'INSERT INTO t VALUES (1)',
      'UPDATE t SET a = 1',
      'DELETE FROM t',
      'MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE',
      'REPLACE INTO t VALUES (1)',
      'WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a',
      'WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a',
      'SELECT * INTO u FROM t',
      'CREATE TABLE t (a int)',
      'BEGIN; UPDATE t SET a = 1; COMMIT',
      'TRUNCATE t',
    ],
    control: [
      ['BEGIN', 'START TRANSACTION', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE SAVEPOINT a', 'END'],
      ['SET a = 1', 'SHOW TABLES FROM d', 'RESET ALL', 'DISCARD ALL', 'DEALLOCATE a', 'LISTEN c', 'USE d'],
      ['SELECT 1', 'SELECT ?', 'SELECT 1 AS "ok"', 'SELECT 1+1 AS result;', 'PRAGMA journal_mode'],
      ['NOTIFY c', "NOTIFY c, 'payload'", 'UNLISTEN *', 'LOCK TABLE t IN EXCLUSIVE MODE', 'UNLOCK TABLES'],
      ["SELECT set_config('app.user', $1, true)", "select pg_catalog.set_config('search_path', '', false)"],
      [
        "SELECT set_config('a', $1, true), set_config('b', $2, true)",
        "SELECT pg_notify('c', $1)",
        'select PG_NOTIFY($1, $2)',
      ],
      ['DECLARE c CURSOR FOR SELECT a FROM t', 'CLOSE c', '', '-- ping', ';'],
    ].flat(),
  };
  it.each(Object.entries(kinds).flatMap(([kind, all]) => all.map((sql) => [kind, sql])))(
    'is %s for %s',
    (kind, sql) => {
      expect(describeQuery(sql ?? '', pg).kind).toBe(kind);
    },
  );

  it('says which statements start a transaction', () => {
    for (const sql of ['BEGIN', 'begin work', 'START TRANSACTION', 'BEGIN; SELECT 1']) {
      expect(describeQuery(sql, pg).startsTransaction, sql).toBe(true);
    }
    for (const sql of ['COMMIT', 'SELECT a AS begin FROM t', 'START REPLICA', 'SAVEPOINT a']) {
      expect(describeQuery(sql, pg).startsTransaction, sql).toBe(false);
    }
    expect(describeQuery('BEGIN TRAN', 'microsoft.sql_server').startsTransaction).toBe(true);
    expect(describeQuery('BEGIN SELECT a FROM t END', 'microsoft.sql_server')).toMatchObject({
      startsTransaction: false,
      kind: 'read',
    });
  });
});

describe('literals and placeholders', () => {
  it('are counted', () => {
    expect(describeQuery("SELECT 1, 'a', TRUE FROM t WHERE a IN (1, 2) AND b = $1 AND c = :c", pg)).toMatchObject({
      literalCount: 5,
      parameterCount: 2,
    });
    expect(describeQuery('SELECT a FROM t WHERE d ? $1', pg).parameterCount).toBe(1);
    expect(describeQuery('SELECT a FROM t WHERE d = ? AND e = ?', 'mysql').parameterCount).toBe(2);
  });

  it('give a hash that is 0 without literals, and differs with each of them', () => {
    expect(describeQuery('SELECT a FROM t WHERE b = $1', pg).literalsHash).toBe(0);
    const variants = ['1', '2', "'1'", '-1', 'TRUE', '12', "'12'", "''"].map(
      (value) => `SELECT a FROM t WHERE b = ${value}`,
    );
    variants.push(
      'SELECT a FROM t WHERE b IN (1, 2)',
      'SELECT a FROM t WHERE b IN (2, 1)',
      'SELECT a FROM t WHERE b IN (NULL)',
    );
    variants.push('VALUES (1, NULL)', 'VALUES (NULL, 1)', 'VALUES (1), (3)');
    const hashes = variants.map((sql) => describeQuery(sql, pg).literalsHash);
    expect(new Set(hashes).size).toBe(variants.length);
    for (const hash of hashes) expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
    expect(describeQuery('SELECT a  FROM t WHERE b = 1', pg).literalsHash).toBe(hashes[0]);
  });
});

describe('the memo', () => {
  afterEach(clearQueryMemo);

  it('gives the same object for the same text, per system', () => {
    clearQueryMemo();
    const shape = describeQuery('SELECT "a" FROM t', pg);
    expect(describeQuery(['SELECT "a"', 'FROM t'].join(' '), pg)).toBe(shape);
    expect(describeQuery('SELECT "a" FROM t', 'mysql').text).toBe('SELECT ? FROM t');
    expect(queryMemoStatistics(pg)).toEqual({ size: 1, units: 17, hits: 1, misses: 1, notStored: 0 });
  });

  it('does not keep texts of more than 8192 characters', () => {
    clearQueryMemo();
    const sql = `SELECT a FROM t WHERE b = '${'x'.repeat(8192)}'`;
    expect(describeQuery(sql, pg)).toEqual(describeQuery(sql, pg));
    expect(queryMemoStatistics(pg)).toMatchObject({ size: 0, misses: 2, notStored: 2 });
  });
});

describe('a list in place of a value', () => {
  it.each([
    'SELECT * FROM t WHERE a = ANY($1)',
    'SELECT * FROM t WHERE a = any ($1::int[])',
    'INSERT INTO t SELECT UNNEST($1)',
    'INSERT INTO t (a, b) SELECT * FROM unnest($1::int[], $2::text[])',
    'INSERT INTO t (a) SELECT a FROM unnest(ARRAY[1, 2]) AS a',
    'SELECT t.* FROM t JOIN unnest($1::int[]) AS v (k) ON v.k = t.id',
    'SELECT t.* FROM unnest(CAST($1 AS int[])) AS v (k), t',
    'UPDATE t SET a = v.a FROM unnest($1::int[], $2::int[]) AS v (k, a) WHERE t.id = v.k',
    'DELETE FROM t USING pg_catalog.unnest($1::int[]) AS v (k) WHERE t.id = v.k',
    'SELECT * FROM json_to_recordset($1) AS x (a int)',
    'INSERT INTO t SELECT * FROM jsonb_to_recordset($1::jsonb) AS x (a int)',
    'INSERT INTO t SELECT * FROM json_populate_recordset(NULL::t, $1)',
    'INSERT INTO t SELECT * FROM jsonb_populate_recordset(NULL::t, $1)',
    'INSERT INTO t (a) SELECT v FROM json_array_elements($1) AS v',
    "INSERT INTO t (a) SELECT v ->> 'a' FROM jsonb_array_elements($1) AS v",
    'SELECT * FROM t WHERE a IN (SELECT jsonb_array_elements_text($1)::int)',
    'COPY t (a) FROM STDIN',
  ])('is told in %s', (sql) => expect(describeQuery(sql, 'postgresql').takesList).toBe(true));

  it.each([
    'SELECT * FROM t WHERE a = $1',
    'SELECT any FROM t',
    'SELECT unnest FROM t',
    'SELECT * FROM t WHERE a IN ($1, $2)',
    'SELECT t.a, tag FROM t, unnest(t.tags) AS tag WHERE t.id = $1',
    'SELECT unnest(tags) FROM t WHERE id = $1',
    'SELECT x.* FROM t CROSS JOIN LATERAL jsonb_array_elements(t."items") AS x WHERE t.id = $1',
    'SELECT * FROM unnest',
  ])('is not told in %s', (sql) => expect(describeQuery(sql, 'postgresql').takesList).toBe(false));

  it.each([
    ['microsoft.sql_server', 'INSERT INTO t (a) SELECT a FROM OPENJSON(@p0) WITH (a int)', 'INSERT t SELECT'],
    ['microsoft.sql_server', 'INSERT BULK t ([a] int)', 'INSERT t'],
    ['microsoft.sql_server', 'insert bulk [dbo].[t] ([a] int)', 'insert dbo.t'],
    ['microsoft.sql_server', "BULK INSERT t FROM 'a.csv'", 'INSERT t'],
    ['mysql', "INSERT INTO t SELECT a FROM JSON_TABLE(?, '$[*]' COLUMNS (a INT PATH '$')) AS x", 'INSERT t SELECT'],
    ['mysql', "LOAD DATA LOCAL INFILE 'a.csv' INTO TABLE t", 'LOAD t'],
    ['sqlite', 'SELECT * FROM t WHERE id IN (SELECT value FROM json_each(?))', 'SELECT t SELECT'],
  ])('is told in %s: %s', (system, sql, summary) => {
    expect(describeQuery(sql, system)).toMatchObject({ takesList: true, summary });
  });

  it('is what a bulk insert writes', () => {
    expect(describeQuery('INSERT BULK t ([a] int)', 'microsoft.sql_server')).toMatchObject({
      kind: 'write',
      traits: { tables: ['t'] },
    });
    expect(describeQuery('INSERT bulk VALUES (1)', 'microsoft.sql_server')).toMatchObject({
      takesList: false,
      traits: { tables: ['bulk'] },
    });
    expect(describeQuery("LOAD 'auto_explain'", pg).takesList).toBe(false);
    expect(describeQuery('COPY t (a) FROM STDIN', pg).kind).toBe('write');
    expect(describeQuery("LOAD DATA INFILE 'a' INTO TABLE t", 'mysql').kind).toBe('write');
  });
});

it('reads a statement of 10 MB by its beginning', () => {
  const sql = `SELECT * FROM t WHERE a = '${'x'.repeat(10_000_000)}'`;
  expect(describeQuery(sql, 'postgresql')).toMatchObject({
    exact: false,
    summary: 'SELECT t',
    text: 'SELECT t',
    kind: 'read',
  });
  expect(lastStepCount()).toBeLessThan(4 * 1_048_577);
});
