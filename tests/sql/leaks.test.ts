import { describe, expect, it } from 'vitest';
import { describeQuery } from '../../sql/index.ts';

/** `C` stands for the canary: the byte sequence that must come out nowhere. */
const canary = 'kanarienvogel';
/** `9` digits of a number that must come out nowhere, whole or in part. */
const digits = '8675309';

const any = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server', 'oracle.db', ''];
const pg = ['postgresql'];
const my = ['mysql', 'mariadb'];
const ms = ['microsoft.sql_server'];
const lite = ['sqlite'];
const other = ['oracle.db', 'unheard-of'];

const statements: readonly (readonly [systems: readonly string[], sql: string])[] = [
  [any, `SELECT a FROM t WHERE b = '${canary}'`],
  [any, `SELECT a FROM t WHERE b = 'it''s ${canary}'`],
  [any, `SELECT a FROM t WHERE b = '${canary}''' AND c = '''${canary}'`],
  [any, `SELECT a FROM t WHERE b = N'${canary}'`],
  [any, `SELECT a FROM t WHERE b = X'${canary}'`],
  [any, `SELECT a FROM t WHERE b='${canary}'AND c='x'`],
  [any, `SELECT a FROM t WHERE b IN ('x', '${canary}')`],
  [any, `INSERT INTO t VALUES ('x', 1), ('${canary}', ${digits})`],
  [any, `SELECT a FROM t WHERE b = '${canary}`],
  [any, `SELECT a FROM t WHERE b = 'x' AND c = '${canary}`],
  [any, `SELECT a FROM t -- '${canary}'`],
  [any, `SELECT a FROM t /* '${canary}' */ WHERE b = '/*' AND c = '${canary}' AND d = '*/'`],
  [any, `SELECT a FROM t /* ${canary}`],
  [any, `SELECT a FROM t WHERE b = ${digits}`],
  [any, `SELECT a FROM t WHERE b = -${digits} AND c = +${digits}.${digits}e-${digits}`],
  [any, `SELECT a FROM t WHERE b = 0x${digits} AND c = .${digits} AND d = ${digits}.`],
  [any, `SELECT a FROM t WHERE b = 8_${digits} AND c = ${digits}abc`],
  [any, `SELECT a FROM t WHERE b = $${digits} AND c = :${digits} AND d = @${digits}`],
  [any, `SELECT a FROM t WHERE b = \u00a0${digits} AND c = £${digits} AND d = €${digits}.5`],
  [any, `SELECT a FROM t WHERE b = ‘${canary}’`],
  [any, `SELECT a FROM t WHERE b = “${canary}”`],
  [any, `SELECT a FROM t WHERE b = 10.${digits}.${digits}.1`],
  [any, `SELECT a FROM t WHERE b = '\ud800${canary}'`],
  [any, `SELECT a FROM t WHERE b = '\0${canary}'`],
  [any, `SELECT a FROM t WHERE b = 'x\n${canary}'\n'${canary}'`],
  [any, `SELECT a FROM t LIMIT ${digits} OFFSET ${digits}`],
  [any, `SELECT ${digits} AS x, '${canary}' AS y`],
  [any, `CREATE USER u PASSWORD '${canary}'`],
  [any, `SELECT a FROM t WHERE ${canary}...`],
  [any, `SAVEPOINT ${canary}`],
  [any, `ROLLBACK TO SAVEPOINT ${canary}; RELEASE SAVEPOINT ${canary}`],
  [pg, `SELECT a FROM t WHERE b = E'it\\'s ${canary}'`],
  [pg, `SELECT a FROM t WHERE b = 'it\\'s ${canary}', c = 'it\\'s x'`],
  [pg, `SELECT a FROM t WHERE b = U&'\\0041${canary}' AND c = B'${canary}'`],
  [pg, `SELECT a FROM t WHERE b = $$it's ${canary}$$`],
  [pg, `SELECT a FROM t WHERE b = $tag$ $$ ${canary} $other$ $tag$`],
  [pg, `SELECT a FROM t WHERE b = $$${canary}`],
  [pg, `SELECT a FROM t /* a /* b */ '${canary} */ WHERE b = '${canary}'`],
  [pg, `SELECT a FROM t WHERE b = E'one'\n'it\\'s ${canary}'`],
  [pg, `SELECT a FROM t WHERE b ? '${canary}' AND c #>> '{${canary}}' = '${canary}'`],
  [pg, `SELECT a[${digits}:${digits}] FROM t WHERE b = ARRAY['${canary}']`],
  [pg, `FETCH ${digits} FROM ${canary}`],
  [my, `SELECT a FROM t WHERE b = "${canary}"`],
  [my, `SELECT a FROM t WHERE b = "it's ""${canary}"`],
  [my, `SELECT a FROM t WHERE b = 'it\\'s ${canary}' AND c = "x\\"${canary}"`],
  [my, `SELECT a FROM t WHERE b = '\\\\' AND c = '${canary}'`],
  [my, `SELECT a FROM t # it's ${canary}\nWHERE b = '${canary}'`],
  [my, `SELECT a FROM t WHERE b = 5--${digits} AND c = _utf8mb4'${canary}'`],
  [my, `SELECT a FROM t WHERE b = 'x' '${canary}' "${canary}"`],
  [my, `SET PASSWORD FOR 'root'@'${canary}' = '${canary}'`],
  [my, `SELECT /*! '${canary}' */ a FROM t`],
  [ms, `SELECT [it's] FROM t WHERE b = '${canary}'`],
  [ms, `SELECT [a]]'b] FROM t WHERE b = N'${canary}' AND c = $${digits}.50`],
  [ms, `DECLARE @x varchar(9) = '${canary}' SELECT "it's" FROM t WHERE b = '${canary}'`],
  [lite, `SELECT a FROM t WHERE b = "${canary}" AND c LIKE "%${canary}" AND d IN ("x", "${canary}")`],
  [lite, `INSERT INTO t ("a") VALUES ("x", "${canary}")`],
  [lite, `SELECT [it's], \`it's\`, "it's" FROM t WHERE b = '${canary}'`],
  [other, `SELECT a FROM t WHERE b = "${canary}"`],
  [other, `SELECT a FROM t WHERE b = 'it\\'s ${canary}'`],
  [other, `SELECT a FROM t WHERE b = 'x\\' AND c = '${canary}' AND d = 'y\\' AND e = 'z'`],
  [other, `SELECT a FROM t WHERE b = q'[it's ${canary}]' AND c = 'x'`],
  [other, `SELECT a FROM t # it's\nWHERE b = '${canary}'`],
  [other, `SELECT a FROM t --it's\nWHERE b = '${canary}'`],
  [other, `SELECT a FROM t -- it's\rWHERE b = '${canary}' AND c = 'x'`],
  [other, `SELECT a FROM t /* /* */ it's */ WHERE b = '${canary}'`],
  [other, `SELECT a FROM t WHERE b = {'x':${digits}} AND c = $${digits}.5 AND d = $12.${digits}`],
  [other, `SELECT a FROM t WHERE b = $$it's ${canary}$$`],
];

const cases = statements.flatMap(([systems, sql]) => systems.map((system) => [system, sql] as const));

describe('a literal', () => {
  it.each(cases)('leaks into no product, in %j: %s', (system, sql) => {
    const { literalsHash, ...shown } = describeQuery(sql, system);
    const output = JSON.stringify(shown);
    expect(output).not.toContain(canary);
    expect(output).not.toContain(digits);
    expect(output).not.toMatch(/8675|5309/);
    expect(Number.isSafeInteger(literalsHash)).toBe(true);
    expect(shown.summary).not.toBe(undefined);
  });

  it('is planted in at least 39 statements', () => {
    expect(statements.length).toBeGreaterThanOrEqual(39);
    for (const [, sql] of statements) expect(sql.includes(canary) || sql.includes(digits), sql).toBe(true);
  });

  it('is found by this check when it does leak', () => {
    expect(describeQuery(`SELECT ${canary} FROM t`, 'postgresql').text).toContain(canary);
  });
});
