import { fingerprintSync, loadModule, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalizeQuery } from '../../sql/index.ts';
import { describeQuery } from '../../sql/describe-query.ts';
import type { PostgresPair } from './postgres-pair.ts';
import { postgresPairs } from './postgres-pairs.ts';

const DIFFERENCES_ON_PURPOSE = postgresPairs.filter(({ because }) => because !== undefined).length;

beforeAll(() => loadModule());

function libpgFingerprint(sql: string): string {
  // libpg-query returns the text of some errors where a fingerprint should be.
  const fingerprint = fingerprintSync(sql);
  if (!/^[0-9a-f]{16}$/.test(fingerprint)) throw new Error('libpg-query gave no fingerprint');
  return fingerprint;
}

function ourFingerprint(sql: string): string {
  return normalizeQuery(sql, { system: 'postgresql' }).fingerprint;
}

/** The tables of a SELECT without WITH, in PostgreSQL's grammar: `undefined` for any other statement. */
function tablesByGrammar(sql: string): ReadonlySet<string> | undefined {
  const [only, second] = parseSync(sql).stmts ?? [];
  if (only?.stmt === undefined || second !== undefined || !('SelectStmt' in only.stmt)) return undefined;
  const tables = new Set<string>();
  let hasCommonTables = false;
  JSON.stringify(only, (key, value: unknown) => {
    if (key === 'withClause') hasCommonTables = true;
    if (key === 'RangeVar') tables.add((value as { relname: string }).relname);
    return value;
  });
  return hasCommonTables ? undefined : tables;
}

describe('the fingerprint, against PostgreSQL’s own grammar (libpg-query)', () => {
  it('is compared on more than 300 pairs, of which many are the same statement and many are not', () => {
    expect(postgresPairs.length).toBeGreaterThanOrEqual(320);
    const names = new Set(postgresPairs.map(({ a, b }) => `${a}\n${b}`));
    expect(names.size).toBe(postgresPairs.length);
    expect(postgresPairs.filter(({ same }) => same).length).toBeGreaterThan(120);
    expect(postgresPairs.filter(({ same }) => !same).length).toBeGreaterThan(120);
    expect(DIFFERENCES_ON_PURPOSE).toBeLessThan(40);
  });

  it.each(postgresPairs)('$a | $b', ({ a, b, same, because }: PostgresPair) => {
    const libpg = libpgFingerprint(a) === libpgFingerprint(b);
    expect(libpg, 'the verdict of libpg-query').toBe(same);
    expect(ourFingerprint(a) === ourFingerprint(b), because ?? 'our verdict').toBe(
      because === undefined ? same : !same,
    );
  });
});

it('reads every statement of the pairs to its end', () => {
  const statements = new Set(postgresPairs.flatMap(({ a, b }) => [a, b]));
  const inexact = [...statements].filter((sql) => !normalizeQuery(sql, { system: 'postgresql' }).exact);
  expect(inexact).toEqual([]);
});

it('finds the tables that PostgreSQL’s grammar finds in SELECT statements', () => {
  const statements = [...new Set(postgresPairs.flatMap(({ a, b }) => [a, b]))];
  let comparedCount = 0;
  for (const sql of statements) {
    const expected = tablesByGrammar(sql);
    if (expected === undefined) continue;
    comparedCount++;
    const found = describeQuery(sql, 'postgresql').traits.tables.map((table) => table.split('.').at(-1)?.toLowerCase());
    // Ours are spelt as in the text.
    expect(new Set(found), sql).toEqual(new Set([...expected].map((table) => table.toLowerCase())));
  }
  expect(comparedCount).toBeGreaterThan(200);
});
