import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearQueryMemo, normalizeQuery, queryMemoStatistics, type NormalizeQueryOptions } from '../../sql/index.ts';

type Collapse = Pick<NormalizeQueryOptions, 'collapseDigits' | 'collapseSchemas'>;

const digits: Collapse = { collapseDigits: true };
const schemas: Collapse = { collapseSchemas: true };

function isSame(a: string, b: string, collapse: Collapse, system = 'postgresql'): boolean {
  return (
    normalizeQuery(a, { system, ...collapse }).fingerprint === normalizeQuery(b, { system, ...collapse }).fingerprint
  );
}

describe('collapseDigits', () => {
  it.each([
    ['SELECT a FROM events_2026_01', 'SELECT a FROM events_2026_02'],
    ['SELECT a FROM "Events_2026"', 'SELECT a FROM "Events_2031"'],
    [
      'SELECT events_01.a FROM events_01 WHERE events_01.b = 1',
      'SELECT events_02.a FROM events_02 WHERE events_02.b = 7',
    ],
    ['UPDATE p10 SET a = 1', 'UPDATE p200 SET a = 1'],
    ['INSERT INTO s.p10 (a) VALUES (1)', 'INSERT INTO s.p11 (a) VALUES (1)'],
    ['SELECT a FROM t10 JOIN u20 ON t10.a = u20.a', 'SELECT a FROM t11 JOIN u21 ON t11.a = u21.a'],
    ['SELECT a FROM tenant_17.users', 'SELECT a FROM tenant_18.users'],
  ])('takes the table of %s for that of %s', (a, b) => {
    expect(isSame(a, b, digits)).toBe(true);
    expect(isSame(a, b, {})).toBe(false);
    expect(isSame(a, b, schemas)).toBe(a.includes('tenant'));
  });

  it.each([
    ['SELECT a FROM t1', 'SELECT a FROM t2'],
    ['SELECT a10 FROM t', 'SELECT a11 FROM t'],
    ['SELECT t.a10 FROM t', 'SELECT t.a11 FROM t'],
    ['SELECT a FROM t_10', 'SELECT a FROM t_10_10'],
    ['SELECT a FROM t10', 'SELECT a FROM u10'],
    ['SELECT f10(a) FROM t', 'SELECT f11(a) FROM t'],
  ])('keeps %s from %s', (a, b) => expect(isSame(a, b, digits)).toBe(false));
});

describe('collapseSchemas', () => {
  it.each([
    ['SELECT a FROM tenant_a.users', 'SELECT a FROM tenant_b.users'],
    ['SELECT a FROM tenant_a.users', 'SELECT a FROM users'],
    ['SELECT a FROM"tenant-a".users', 'SELECT a FROM users'],
    ['SELECT "x"."users"."id" FROM "x"."users"', 'SELECT "y"."users"."id" FROM "y"."users"'],
    ['DELETE FROM a.t WHERE a.t.b = 1', 'DELETE FROM c.t WHERE c.t.b = 1'],
    ['INSERT INTO x.t (a) SELECT a FROM x.u', 'INSERT INTO y.t (a) SELECT a FROM y.u'],
  ])('takes %s for %s', (a, b) => {
    expect(isSame(a, b, schemas)).toBe(true);
    expect(isSame(a, b, {})).toBe(false);
    expect(isSame(a, b, digits)).toBe(false);
  });

  it.each([
    ['SELECT a FROM s.users', 'SELECT a FROM s.orders'],
    ['SELECT t.a FROM t', 'SELECT u.a FROM t'],
    ['SELECT s.f(1) FROM t', 'SELECT r.f(1) FROM t'],
  ])('keeps %s from %s', (a, b) => expect(isSame(a, b, schemas)).toBe(false));

  it('leaves out the database as well', () => {
    expect(isSame('SELECT a FROM db1..t', 'SELECT a FROM db2.dbo.t', schemas, 'microsoft.sql_server')).toBe(true);
    expect(isSame('SELECT a FROM [x y].[t]', 'SELECT a FROM z.t', schemas, 'microsoft.sql_server')).toBe(true);
    expect(isSame('SELECT `a`.`t`.`b` FROM `a`.`t`', 'SELECT c.t.b FROM c.t', schemas, 'mysql')).toBe(true);
  });
});

describe('with either', () => {
  const sql = "SELECT * FROM tenant_17.events_2026_01 WHERE id = 'secret'";

  it('text and summary name the table that was asked', () => {
    expect(normalizeQuery(sql, { system: 'postgresql', ...digits, ...schemas })).toMatchObject({
      text: 'SELECT * FROM tenant_17.events_2026_01 WHERE id = ?',
      summary: 'SELECT tenant_17.events_2026_01',
      exact: true,
    });
    expect(isSame(sql, 'SELECT * FROM events_2030_12 WHERE id = 4', { ...digits, ...schemas })).toBe(true);
  });

  it('the rewritten text is not remembered', () => {
    clearQueryMemo();
    normalizeQuery(sql, { system: 'postgresql', ...digits, ...schemas });
    expect(queryMemoStatistics('postgresql').size).toBe(1);
  });

  it('a text without such names has the fingerprint that it has without', () => {
    const part = fc.constantFrom(
      'SELECT',
      'a',
      '"B"',
      'FROM',
      't',
      "'x 10'",
      '10',
      '(',
      ')',
      ',',
      'WHERE',
      'IN',
      '=',
      '$1',
    );
    const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(' '));
    const system = fc.constantFrom('postgresql', 'mysql', 'sqlite', 'microsoft.sql_server', 'other');
    fc.assert(
      fc.property(text, system, (sql, system) => {
        const plain = normalizeQuery(sql, { system });
        expect(normalizeQuery(sql, { system, ...digits, ...schemas })).toEqual(plain);
      }),
    );
  });

  it('nothing is thrown for any text', () => {
    const part = fc.constantFrom(
      'FROM',
      'a10',
      '"b',
      '[c]',
      '.',
      '..',
      '`',
      "'",
      '/*',
      'JOIN',
      '(',
      ';',
      'WITH',
      'AS',
      '...',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.constantFrom('', ' '), (parts, gap) => {
        const options = { system: 'sqlite', ...digits, ...schemas };
        expect(normalizeQuery(parts.join(gap), options).fingerprint).toMatch(/^[0-9a-f]{14}$/u);
      }),
      { numRuns: 1000 },
    );
    expect(normalizeQuery(17 as unknown as string, { system: 'sqlite', ...digits }).exact).toBe(false);
  });
});
