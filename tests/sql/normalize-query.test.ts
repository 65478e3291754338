import { describe, expect, it } from 'vitest';
import { normalizeQuery } from '../../sql/index.ts';

const pg = 'postgresql';
const my = 'mysql';
const ms = 'microsoft.sql_server';
const lite = 'sqlite';
const other = 'oracle.db';

function textOf(sql: string, system: string): string {
  return normalizeQuery(sql, { system }).text;
}

function fingerprintOf(sql: string, system: string): string {
  return normalizeQuery(sql, { system }).fingerprint;
}

describe('the text of normalizeQuery', () => {
  it.each([
    // Numbers of every kind.
    [pg, 'SELECT .5, 5., 1e-3, 1E+9, 1_000, 12.50', 'SELECT ?, ?, ?, ?, ?, ?'],
    [pg, 'SELECT 0x1F, 0o17, 0b11, 0xdead_beef', 'SELECT ?, ?, ?, ?'],
    [pg, 'a = 1_000_000', 'a = ?'],
    [my, 'a = 12abc', 'a = ?'],
    [ms, 'a = $5.00 AND b = £7 AND c = €8.5', 'a = ? AND b = ? AND c = ?'],
    // A sign belongs to the literal after an operator, a comma, a parenthesis or a keyword; a binary minus does not.
    [pg, 'WHERE a = -5 AND b IN (-1) LIMIT -1', 'WHERE a = ? AND b IN (?) LIMIT ?'],
    [pg, 'SELECT a - 5, a-5, (a)-5, $1-5, 7-5', 'SELECT a - ?, a-?, (a)-?, $1-?, ?-?'],
    [pg, "SELECT a->-1, f(-1, +2), - 3, b->'k'", 'SELECT a->?, f(?, ?), ?, b->?'],
    [pg, 'SELECT CASE WHEN a THEN -1 ELSE -2 END -3', 'SELECT CASE WHEN a THEN ? ELSE ? END -?'],
    [pg, 'SELECT -$1', 'SELECT -$1'],
    // Strings.
    [pg, "a = 'it''s' AND b = ''", 'a = ? AND b = ?'],
    [my, 'a = \'it\\\'s\' AND b = "x\\"y" AND c = "d""e"', 'a = ? AND b = ? AND c = ?'],
    [pg, "a = E'it\\'s' AND b = 'C:\\'", 'a = ? AND b = ?'],
    [
      pg,
      "a = N'x' AND b = B'01' AND c = X'4F' AND d = U&'\\0041' AND e = n'x'",
      'a = ? AND b = ? AND c = ? AND d = ? AND e = ?',
    ],
    [pg, "a = 'one'\n  'two' AND b", 'a = ? AND b'],
    [pg, "a = E'one'\n'tw\\'o' AND b", 'a = ? AND b'],
    [my, "a = 'one' 'two' AND b", 'a = ? AND b'],
    // Dollar quotes, placeholders, names with a dollar.
    [pg, "DO $$ it's $1 $$", 'DO ?'],
    [pg, 'a = $tag$ $$ x $other$ $tag$ AND b = $2', 'a = ? AND b = $2'],
    [pg, 'a$1 = $1 AND b = $2', 'a$1 = $1 AND b = $2'],
    // Quoted names against strings.
    [pg, 'SELECT "a ""b" FROM "T" WHERE "c" = 1', 'SELECT "a ""b" FROM "T" WHERE "c" = ?'],
    [my, 'SELECT `a` FROM `t` WHERE `b` = "x"', 'SELECT `a` FROM `t` WHERE `b` = ?'],
    [
      ms,
      "SELECT [a]]b] FROM [dbo].[Order Details] WHERE c = N'x'",
      'SELECT [a]]b] FROM [dbo].[Order Details] WHERE c = ?',
    ],
    [
      lite,
      'SELECT [a], `b`, "c" FROM t WHERE "d" = "x y" AND e IN ("f") AND "t"."g" = "u"."h"',
      'SELECT [a], `b`, "c" FROM t WHERE "d" = ? AND e IN (?) AND "t"."g" = "u"."h"',
    ],
    [
      lite,
      'INSERT INTO t ("a") VALUES ("x") ON CONFLICT ("a") DO NOTHING',
      'INSERT INTO t ("a") VALUES (?) ON CONFLICT ("a") DO NOTHING',
    ],
    [pg, 'SELECT a[1:2], b[i:j], c[1]', 'SELECT a[?:?], b[i:j], c[?]'],
    [other, 'SELECT a FROM t WHERE b = "x" AND c = \'y\'', 'SELECT a FROM t WHERE b = ? AND c = ?'],
    // Operators against placeholders.
    [pg, "d ? 'k' AND d ?| array['k'] AND d ?& $1 AND d @? '$.a'", 'd ? ? AND d ?| array[?] AND d ?& $1 AND d @? ?'],
    [pg, 'a::text = :name AND b = :b::int', 'a::text = :name AND b = :b::int'],
    [ms, 'SELECT @@ROWCOUNT WHERE a = @p1', 'SELECT @@ROWCOUNT WHERE a = @p1'],
    [
      pg,
      "tsv @@ to_tsquery('x') AND a @> '{}' AND b #>> '{a}' = $1",
      'tsv @@ to_tsquery(?) AND a @> ? AND b #>> ? = $1',
    ],
    [pg, 'a = %s AND b = %(name)s AND c % 5 = d %s', 'a = %s AND b = %(name)s AND c % ? = d %s'],
    [lite, 'a = ?1 AND b = :b AND c = @c AND d = $d', 'a = ?1 AND b = :b AND c = @c AND d = $d'],
    // Comments and white space.
    [pg, "SELECT a -- it's\nFROM  t\t/* a /* nested ' */ b */ WHERE b = 1", 'SELECT a FROM t WHERE b = ?'],
    [my, "SELECT a # it's\nFROM t /* a /* flat */ WHERE b = 5--1", 'SELECT a FROM t WHERE b = ?-?'],
    [lite, "/* route='a' */ SELECT 1 -- x", 'SELECT ?'],
    // Booleans and NULL.
    [pg, 'a IS TRUE AND b IS NOT FALSE AND c = TRUE AND d = false', 'a IS TRUE AND b IS NOT FALSE AND c = ? AND d = ?'],
    [pg, 'a IS NULL AND b = NULL AND c IN (1, NULL)', 'a IS NULL AND b = NULL AND c IN (?)'],
    // Lists of literals shrink; placeholders stand as they stood.
    [pg, 'a IN (1, 2, 3) AND b IN ($1, $2) AND c IN ($1, 5)', 'a IN (?) AND b IN ($1, $2) AND c IN ($1, ?)'],
    [pg, "a = ANY(ARRAY['x', 'y']) AND f(1, 2)", 'a = ANY(ARRAY[?]) AND f(?, ?)'],
    [pg, 'VALUES (1, NULL), (2, DEFAULT) RETURNING a', 'VALUES (?, NULL) RETURNING a'],
    [pg, 'VALUES ($1, $2), ($3, $4)', 'VALUES ($1, $2), ($3, $4)'],
    // Typed literals.
    [pg, "DATE '2026-01-01' - INTERVAL '1 day'", 'DATE ? - INTERVAL ?'],
    // Names that are values.
    [pg, 'SAVEPOINT sp_17', 'SAVEPOINT ?'],
    [pg, 'RELEASE SAVEPOINT "Sp"', 'RELEASE SAVEPOINT ?'],
    [pg, 'ROLLBACK TO SAVEPOINT sp_17', 'ROLLBACK TO SAVEPOINT ?'],
    [pg, 'FETCH FORWARD 100 FROM c1', 'FETCH FORWARD ? FROM ?'],
    [pg, 'DECLARE c1 CURSOR FOR SELECT a FROM t', 'DECLARE ? CURSOR FOR SELECT a FROM t'],
    [pg, 'DEALLOCATE s_1', 'DEALLOCATE ?'],
    [pg, 'UPDATE t SET a = $1 WHERE CURRENT OF c1', 'UPDATE t SET a = $1 WHERE CURRENT OF ?'],
    // After a dot a word is a name.
    [pg, 'SELECT t.true, t.order, values.a FROM t', 'SELECT t.true, t.order, values.a FROM t'],
  ])('in %s: %s', (system, sql, expected) => {
    expect(normalizeQuery(sql, { system })).toMatchObject({ text: expected, exact: true });
  });

  it('is the very text of a parameterised statement', () => {
    const sql = 'SELECT "a"."id" FROM "a" WHERE "a"."b" = $1 AND "a"."c" IN ($2, $3) LIMIT $4';
    expect(textOf(sql, pg)).toBe(sql);
  });

  it.each([
    ['an unterminated string', "SELECT a FROM users WHERE b = 'secret"],
    ['an unterminated name', 'SELECT a FROM users WHERE "secret'],
    ['an unterminated comment', 'SELECT a FROM users /* secret'],
    ['an unterminated dollar quote', 'SELECT a FROM users WHERE b = $$secret'],
    ['a text that a tool has cut', 'SELECT a FROM users WHERE secr...'],
    ['a text that a tool has cut with one character', 'SELECT a FROM users WHERE secr…'],
    ['a character that no SQL has', 'SELECT a FROM users WHERE secret = \\x'],
    ['a control character', 'SELECT a FROM users WHERE secret \0'],
    ['curly quotes', 'SELECT a FROM users WHERE b = ‘secret’'],
  ])('is the summary for %s', (_, sql) => {
    expect(normalizeQuery(sql, { system: pg })).toMatchObject({
      text: 'SELECT users',
      summary: 'SELECT users',
      exact: false,
    });
  });

  it('leaves the word before the cut out of the summary, as it may be half a name', () => {
    expect(normalizeQuery('SELECT a FROM users JOIN order_it...', { system: pg }).summary).toBe('SELECT users');
  });

  it('is cut after a token at 8192 characters, while the fingerprint is of the whole', () => {
    const columns = Array.from({ length: 2000 }, (_, i) => `column_${i}`).join(', ');
    const short = normalizeQuery(`SELECT ${columns} FROM t`, { system: pg });
    expect(short).toMatchObject({ exact: false, summary: 'SELECT t' });
    expect(short.text.length).toBeLessThanOrEqual(8192);
    expect(short.text.length).toBeGreaterThan(8150);
    expect(short.text).toMatch(/(column_\d+,|column_\d+)\.\.\.$/);
    const last = /column_(\d+),?\.\.\.$/.exec(short.text)?.[1];
    expect(`SELECT ${columns}`).toContain(`column_${last},`);
    expect(normalizeQuery(`SELECT ${columns} FROM u`, { system: pg }).fingerprint).not.toBe(short.fingerprint);
  });

  it('takes whatever a broken driver passes for a text', () => {
    for (const broken of [undefined, null, 17, {}, [], Symbol('x')]) {
      const normalized = normalizeQuery(broken as unknown as string, { system: pg });
      expect(normalized).toMatchObject({ text: '', summary: '', exact: false });
    }
    expect(normalizeQuery('', { system: pg })).toMatchObject({ text: '', exact: true });
  });

  it('has no lone surrogates', () => {
    expect(textOf("SELECT \ud800a FROM t WHERE b = '\udc00'", pg)).toBe('SELECT \ufffda FROM t WHERE b = ?');
  });
});

describe('the generic mode', () => {
  it.each([
    ["a = 'it\\'s'", 'backslash before a quote'],
    ["a # it's\n = 'x'", 'a hash sign'],
    ["a --5 it's\n = 'x'", 'dashes without a space'],
    ['a /* /* */ b', 'a comment in a comment'],
    ["a = q'[it's]'", 'a word glued to a quote'],
  ])('gives no text for %s: families disagree on %s', (sql) => {
    expect(normalizeQuery(`SELECT b FROM t WHERE ${sql}`, { system: other })).toMatchObject({
      text: 'SELECT t',
      exact: false,
    });
  });
});

describe('the fingerprint groups', () => {
  it.each([
    ['letter case of words', 'select A from T', 'SELECT a FROM t'],
    ['needless quotes', 'SELECT "a" FROM "t"', 'SELECT a FROM t'],
    ['literals and placeholders', 'a = $1 AND b = 5', "a = 'x' AND b = ?"],
    ['kinds of placeholders', 'a = :a AND b = @b', 'a = %s AND b = $7'],
    ['lists of any length', 'a IN (1)', "a IN ($1, NULL, 'x'::text, -5, DATE '2026-01-01')"],
    ['lists of rows', '(a, b) IN ((1, 2))', '(a, b) IN ((1, 2), ($1, 4))'],
    ['arrays', 'a = ANY(ARRAY[1])', 'a = ANY(ARRAY[1, 2, 3])'],
    ['rows', 'VALUES (1, 2)', 'VALUES (1, DEFAULT), ($1, NULL), (3, 4)'],
    ['rows with the same expression', 'VALUES (1, now())', 'VALUES (1, now()), (2, now()), (3, now())'],
    ['casts in rows', 'VALUES (1::int)', "VALUES ('x'::numeric(10,2)), (2::double precision), ('{}'::text[])"],
    ['adjacent strings', "a = 'x'\n'y'", "a = 'x'"],
    ['signs', 'a = -1', 'a = 1'],
    ['comments', "a = 1 /* traceparent='00-1' */", 'a = 1 -- x'],
    ['a semicolon at the end', 'SELECT a;', 'SELECT a'],
    ['names of savepoints', 'SAVEPOINT a', 'SAVEPOINT "B"'],
    ['counts of FETCH', 'FETCH 5 FROM a', 'FETCH 10 FROM b'],
    ['names of prepared statements', 'PREPARE a AS SELECT 1', 'PREPARE b AS SELECT 2'],
    ['booleans', 'a = TRUE', 'a = false'],
  ])('%s', (_, one, two) => {
    expect(fingerprintOf(one, pg)).toBe(fingerprintOf(two, pg));
  });

  it('the same statement in every system, whatever its quotes', () => {
    const fingerprint = fingerprintOf('SELECT "Id" FROM "Order Details" WHERE a = $1', pg);
    expect(fingerprintOf('SELECT `Id` FROM `Order Details` WHERE a = ?', my)).toBe(fingerprint);
    expect(fingerprintOf('SELECT [Id] FROM [Order Details] WHERE a = @p0', ms)).toBe(fingerprint);
    expect(fingerprintOf("SELECT `Id` FROM [Order Details] WHERE a = 'x'", lite)).toBe(fingerprint);
  });
});

describe('the fingerprint tells apart', () => {
  it.each([
    ['quoted names by case', 'SELECT "A"', 'SELECT a'],
    ['operators', 'a = 1', 'a IN (1)'],
    ['IN from ANY', 'a IN (1)', 'a = ANY(1)'],
    ['equality from ANY', 'a = $1', 'a = ANY($1)'],
    ['IS NULL from equality', 'a IS NULL', 'a = NULL'],
    ['IS TRUE from IS FALSE', 'a IS TRUE', 'a IS FALSE'],
    ['numbers of arguments', 'f(1)', 'f(1, 2)'],
    ['schemas', 'SELECT 1 FROM a.t', 'SELECT 1 FROM b.t'],
    ['digits in names', 'SELECT 1 FROM t1', 'SELECT 1 FROM t2'],
    ['columns', 'SELECT a', 'SELECT a, b'],
    ['a subtraction from a sign', 'SELECT a - 1', 'SELECT a, -1'],
    ['isolation levels', 'BEGIN', 'BEGIN ISOLATION LEVEL SERIALIZABLE'],
    ['the jsonb operator from equality', "a ? 'k'", "a = 'k'"],
    ['variables', 'SELECT @@a', 'SELECT @@b'],
    ['rows of different form', 'VALUES (1, now())', 'VALUES (1, now()), (2, 3)'],
    ['a cut statement from the whole', 'SELECT a FROM t ...', 'SELECT a FROM t'],
  ])('%s', (_, one, two) => {
    expect(fingerprintOf(one, lite)).not.toBe(fingerprintOf(two, lite));
  });

  it('is 14 hexadecimal digits, the same in every process', () => {
    expect(fingerprintOf('SELECT 1', pg)).toMatch(/^[0-9a-f]{14}$/);
    expect(fingerprintOf('SELECT * FROM users WHERE id = $1', pg)).toBe('12f96aa1078fb3');
  });
});
