import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verifyRewrite } from '../../testing/index.ts';

const SCHEMA = 'rewrite_test';
const KEYS = [1, 2, 3, 4, 5, 999];

describe.skipIf(inject('databaseUrl') === '')('verifyRewrite, on PostgreSQL', () => {
  let client: Client;

  beforeAll(async () => {
    client = new Client({ connectionString: inject('databaseUrl') });
    await client.connect();
    await client.query(`
      DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE;
      CREATE SCHEMA ${SCHEMA};
      SET search_path = ${SCHEMA};
      CREATE TABLE users (id int PRIMARY KEY, email varchar(50), born date, at timestamptz, head bytea, data jsonb, big bigint, code char(5));
      INSERT INTO users SELECT n, 'user' || n, DATE '2000-01-01' + n, TIMESTAMPTZ '2026-01-01 00:00Z' + n * INTERVAL '1 hour',
        decode(lpad(n::text, 4, '0'), 'hex'), jsonb_build_object('n', n), 9007199254740993 + n, 'c' || n FROM generate_series(1, 50) n;
      INSERT INTO users (id) VALUES (100);
      CREATE TABLE orders (user_id int, state text, total numeric);
      INSERT INTO orders SELECT n % 10, CASE WHEN n % 3 = 0 THEN 'open' ELSE 'done' END, n / 20 FROM generate_series(1, 200) n;
      INSERT INTO orders VALUES (3, 'open', 7), (3, 'open', 7), (NULL, 'open', 1);
      CREATE SEQUENCE writes;
      CREATE FUNCTION written(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT nextval(''${SCHEMA}.writes'')::int';
      CREATE VIEW writing AS SELECT id, written(id) AS n FROM users;
    `);
  });

  afterAll(async () => {
    await client.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
    await client.end();
  });

  async function isIdle(): Promise<boolean> {
    const { rows } = await client.query<{ state: string }>("SELECT current_setting('transaction_read_only') AS state");
    // A transaction that was left open would be read-only still.
    return rows[0]?.state === 'off';
  }

  it.each<[string, string, readonly unknown[]]>([
    ['a primary key, with keys that are not there', 'SELECT email FROM users WHERE id = $1', KEYS],
    [
      'a key with many rows, equal ones among them',
      'SELECT state, total FROM orders WHERE user_id = $1 ORDER BY total',
      KEYS,
    ],
    ['a join', 'SELECT o.total FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = $1', KEYS],
    [
      'an outer join',
      'SELECT u.email, o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.id = $1',
      KEYS,
    ],
    ['the key null', 'SELECT * FROM orders WHERE user_id = $1', [1, null]],
    ['a key twice', 'SELECT * FROM orders WHERE user_id = $1', [3, 3, '3', 4]],
    ['strings in varchar', 'SELECT id FROM users WHERE email = $1', ['user1', 'user2', "o'hara", '{"a,b"}', '']],
    ['padded strings', 'SELECT id FROM users WHERE code = $1', ['c1', 'c2', 'x']],
    [
      'a bigint, which comes as a string',
      'SELECT id FROM users WHERE big = $1',
      ['9007199254740994', 9007199254740995n, 1],
    ],
    ['dates', 'SELECT id FROM users WHERE born = $1', ['2000-01-02', '2000-01-03', '1900-01-01']],
    ['Date objects', 'SELECT id FROM users WHERE at = $1', [new Date('2026-01-01T01:00:00Z'), new Date(0)]],
    ['bytes', 'SELECT id, head FROM users WHERE head = $1', [Buffer.from('0001', 'hex'), Buffer.from('ff', 'hex')]],
    ['jsonb', 'SELECT id, data FROM users WHERE data = $1', [{ n: 1 }, { n: 2 }, { n: -1 }]],
    ['a type that is stated', 'SELECT email FROM users WHERE id = $1::int', [1, 2, 999]],
  ])('finds the batch equal: %s', async (_name, sql, keys) => {
    const result = await verifyRewrite({ client, sql, keys });
    expect(result).toMatchObject({ equal: true, differences: [] });
    expect('rowCount' in result && result.rowCount).toBeGreaterThan(0);
    expect(await isIdle()).toBe(true);
  });

  it('keeps the other parameters of a composite condition, and drops that of LIMIT', async () => {
    const composite = 'SELECT total FROM orders WHERE user_id = $1 AND state = $2';
    const result = await verifyRewrite({ client, sql: composite, keys: KEYS, values: [0, 'open'], parameter: 1 });
    const { rows } = await client.query("SELECT 1 FROM orders WHERE user_id BETWEEN 1 AND 5 AND state = 'open'");
    expect(result).toMatchObject({ equal: true, rowCount: rows.length, keyCount: 6, keyForm: 'as-given' });
    const limited = 'SELECT email FROM users WHERE id = $1 LIMIT $2';
    expect(await verifyRewrite({ client, sql: limited, keys: KEYS, values: [0, 1], oneRowPerKey: true })).toMatchObject(
      { equal: true, rowCount: 5 },
    );
  });

  it('tells a key that the driver gives in another form', async () => {
    const sql = 'SELECT id FROM users WHERE big = $1';
    expect(await verifyRewrite({ client, sql, keys: [9007199254740994n] })).toMatchObject({ keyForm: 'converted' });
    expect(await verifyRewrite({ client, sql, keys: ['9007199254740994'] })).toMatchObject({ keyForm: 'as-given' });
  });

  it('finds rows that LIMIT 1 kept out, where the caller was wrong about one row per key', async () => {
    const sql = 'SELECT user_id, total FROM orders WHERE user_id = $1 LIMIT 1';
    const result = await verifyRewrite({ client, sql, keys: [3, 999], oneRowPerKey: true });
    expect(result).toMatchObject({
      equal: false,
      differences: [expect.stringMatching(/^key 1 of 2: 1 row alone, \d+ rows in the batch, 0 of the former missing$/)],
    });
  });

  it.each([
    ['lacks rows', "SELECT * FROM orders WHERE user_id = ANY($1) AND state = 'open'", /key 1 of 6: 20 rows alone/],
    ['lacks one of two equal rows', 'SELECT DISTINCT * FROM orders WHERE user_id = ANY($1)', /of the former missing/],
    ['changes a value', 'SELECT user_id, state, total + 1 AS total FROM orders WHERE user_id = ANY($1)', /missing/],
    [
      'has rows of other keys',
      'SELECT * FROM orders WHERE user_id = ANY($1) OR user_id = 9',
      /20 rows of keys that nobody asked for/,
    ],
    ['has no key', 'SELECT total FROM orders WHERE user_id = ANY($1)', /no column user_id/],
    ['fails', 'SELECT * FROM orders WHERE user_id = $1', /^the batch failed with SQLSTATE 22P02/],
  ])('finds a batch different that %s', async (_name, batch, difference) => {
    const sql = 'SELECT * FROM orders WHERE user_id = $1';
    const rewritten = { sql: batch, keyColumn: 'user_id', keyParameter: 1 };
    const result = await verifyRewrite({ client, sql, keys: KEYS, rewritten });
    expect(result).toMatchObject({ equal: false });
    expect('differences' in result && result.differences.join('\n')).toMatch(difference);
    expect(await isIdle()).toBe(true);
  });

  it('accepts a batch written by hand that is right', async () => {
    const sql = 'SELECT count(*)::int AS n FROM orders WHERE user_id = $1';
    const grouped = 'SELECT user_id, count(*)::int AS n FROM orders WHERE user_id = ANY($1) GROUP BY user_id';
    const rewritten = { sql: grouped, keyColumn: 'user_id', keyParameter: 1 };
    expect(await verifyRewrite({ client, sql, keys: [1, 2, 3], rewritten })).toMatchObject({
      equal: true,
      rowCount: 3,
    });
    // A key without rows has a count of 0 alone, and no row in the batch.
    expect(await verifyRewrite({ client, sql, keys: [1, 999], rewritten })).toMatchObject({ equal: false });
  });

  it('names at most 10 differences, without values', async () => {
    const sql = 'SELECT email FROM users WHERE email = $1';
    const rewritten = {
      sql: 'SELECT email FROM users WHERE email = ANY($1) AND false',
      keyColumn: 'email',
      keyParameter: 1,
    };
    const keys = Array.from({ length: 30 }, (_, n) => `user${n + 1}`);
    const result = await verifyRewrite({ client, sql, keys, rewritten });
    expect('differences' in result && result.differences).toHaveLength(11);
    expect('differences' in result && result.differences.at(-1)).toBe('and 20 more');
    expect(JSON.stringify(result)).not.toMatch(/user\d/);
  });

  it('lets nothing be written, and says so', async () => {
    const before = await client.query('SELECT last_value, is_called FROM writes');
    const result = await verifyRewrite({ client, sql: 'SELECT id, n FROM writing WHERE id = $1', keys: [1, 2] });
    expect(result).toMatchObject({
      equal: false,
      differences: ['the lookup of key 1 failed with SQLSTATE 25006 (it tries to write)'],
    });
    expect((await client.query('SELECT last_value, is_called FROM writes')).rows).toEqual(before.rows);
    expect(await isIdle()).toBe(true);
  });

  it('hides the values of an error, and stops a statement that takes too long', async () => {
    const sql = 'SELECT email FROM users WHERE id = $1';
    const wrong = await verifyRewrite({ client, sql, keys: ['secret'] });
    expect(wrong).toMatchObject({ equal: false, differences: [expect.stringContaining('22P02')] });
    expect(JSON.stringify(wrong)).not.toContain('secret');
    const slow = { sql: 'SELECT id, pg_sleep(5) FROM users WHERE id = ANY($1)', keyColumn: 'id', keyParameter: 1 };
    expect(await verifyRewrite({ client, sql, keys: [1], rewritten: slow, statementTimeoutMs: 50 })).toMatchObject({
      differences: ['the batch failed with SQLSTATE 57014 (it took longer than statementTimeoutMs)'],
    });
    expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
  });

  it('does not run what rewriteAsBatch refuses', async () => {
    const sql = 'SELECT count(*) FROM orders WHERE user_id = $1';
    expect(await verifyRewrite({ client, sql, keys: [1] })).toEqual({ refused: expect.stringContaining('aggregate') });
  });

  it('refuses a pool and a client inside a transaction, which stays open', async () => {
    const sql = 'SELECT email FROM users WHERE id = $1';
    const pool = new Pool({ connectionString: inject('databaseUrl') });
    await expect(verifyRewrite({ client: pool, sql, keys: [1] })).rejects.toMatchObject({
      code: 'SLOWPATH_REWRITE_POOL',
    });
    await pool.end();
    const refusal = { name: 'SetupError', code: 'SLOWPATH_REWRITE_IN_TRANSACTION' };
    await client.query('BEGIN');
    await expect(verifyRewrite({ client, sql, keys: [1] })).rejects.toMatchObject(refusal);
    await client.query('SAVEPOINT still_open');
    await client.query('SELECT 1 / 0').catch(() => undefined);
    await expect(verifyRewrite({ client, sql, keys: [1] })).rejects.toMatchObject(refusal);
    await client.query('ROLLBACK');
    expect(await verifyRewrite({ client, sql, keys: [1] })).toMatchObject({ equal: true });
  });

  it('refuses keys, values and statements that it cannot compare', async () => {
    const sql = 'SELECT email FROM users WHERE id = $1';
    const code = (name: string): object => ({ name: 'SetupError', code: `SLOWPATH_REWRITE_${name}` });
    await expect(verifyRewrite({ client, sql, keys: [] })).rejects.toMatchObject(code('KEYS'));
    await expect(verifyRewrite({ client, sql, keys: [[1]] })).rejects.toMatchObject(code('KEYS'));
    const tooMany = Array.from({ length: 1001 }, (_, n) => n);
    await expect(verifyRewrite({ client, sql, keys: tooMany })).rejects.toMatchObject(code('KEYS'));
    const two = `${sql} AND email > $2`;
    await expect(verifyRewrite({ client, sql: two, keys: [1] })).rejects.toMatchObject(code('VALUES'));
    const rewritten = { sql: 'COMMIT', keyColumn: 'id', keyParameter: 1 };
    await expect(verifyRewrite({ client, sql, keys: [1], rewritten })).rejects.toMatchObject(code('NOT_SELECT'));
    expect(await isIdle()).toBe(true);
  });

  it('times all lookups and the batch by the clock that it is given', async () => {
    const times = [0, 70, 75];
    const clock = { nowMs: () => times.shift() ?? Number.NaN };
    const sql = 'SELECT email FROM users WHERE id = $1';
    expect(await verifyRewrite({ client, sql, keys: KEYS, clock })).toMatchObject({ singleMs: 70, batchedMs: 5 });
  });
});
