import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearQueryMemo, describeQuery, lastStepCount } from '../../sql/describe-query.ts';
import { normalizeQuery } from '../../sql/index.ts';

const systems = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server', 'oracle.db'];
const system = fc.constantFrom(...systems);

/** Fragments that touch every branch of the lexer; their random sequences are rarely valid SQL, which is the point. */
const fragments = [
  'SELECT,FROM,WHERE,AND,IN,VALUES,ARRAY,ROW,INTO,UPDATE,SET,WITH,AS,IS,NOT,TRUE,FALSE,NULL,DEFAULT,DATE'.split(','),
  'INSERT,DELETE,JOIN,USING,ON,SAVEPOINT,FETCH,DECLARE,CURSOR,BEGIN,EXPLAIN,CREATE,TABLE,LIKE,CURRENT,OF'.split(','),
  ['a', 'Users', 'a$1', '"Q"', '"q"', '`b`', '[c]', "'s'", "''", "E'x\\'y'", "N'n'", "U&'u'", '$$d$$', '$t$d$t$'],
  ['1', '.5', '5.', '1e-3', '0xFF', '1_000', '12ab', '$1', '?', '?|', '?1', ':a', ':1', '@p', '@@v', '%s', '%(n)s'],
  ['(', ')', '[', ']', ',', ';', '.', '::', ':', ':=', '=', '<', '>', '-', '--', '+', '*', '/', '/*', '*/', '%', '#'],
  ['\n', ' ', '  ', '\t', '-- c\n', '/* c */', '/* /* */ */', '"', "'", '`', '\\', '$', '@', '|', '&', '!', '...'],
  ['£5', '\u00a0', '\u2019', 'é', '\ud800', '\0', '{', '}', '~', '^', 'text', 'numeric(1,2)', 'double precision'],
].flat();
const fragment = fc.constantFrom(...fragments);
const noise = fc.array(fc.tuple(fragment, fc.constantFrom('', ' ')), { maxLength: 40, size: 'max' }).map((parts) => {
  return parts.map(([text, gap]) => text + gap).join('');
});

describe('normalizeQuery, for any text', () => {
  it('never throws and never takes more than 4 steps per character', () => {
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary', maxLength: 200 })), system, (sql, system) => {
        const { text, summary } = normalizeQuery(sql, { system });
        expect(text.length).toBeLessThanOrEqual(8192);
        expect(summary.length).toBeLessThanOrEqual(255);
        clearQueryMemo();
        describeQuery(sql, system);
        expect(lastStepCount()).toBeLessThanOrEqual(4 * sql.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives the same text and fingerprint when its own text is normalised again', () => {
    let exactCount = 0;
    fc.assert(
      fc.property(noise, system, (sql, system) => {
        const once = normalizeQuery(sql, { system });
        if (!once.exact) return;
        exactCount++;
        expect(normalizeQuery(once.text, { system })).toEqual(once);
      }),
      { numRuns: 4000 },
    );
    expect(exactCount).toBeGreaterThan(500);
  });
});

const value = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.string({ maxLength: 20 }).map((text) => `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`),
  fc.constantFrom('TRUE', 'false', "N'x'", "X'4f'", '.5', '1_000'),
);
const gap = fc.constantFrom(' ', '  ', '\n', '\t ', ' /* note */ ', ' -- note\n');
const knownSystem = fc.constantFrom('postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server');

describe('the fingerprint', () => {
  it('does not depend on values, white space, comments, list lengths or the number of rows', () => {
    const plain = 'SELECT a FROM t WHERE b = 1 AND c IN (1) AND d < 1';
    const list = fc.array(value, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        knownSystem,
        value,
        list,
        value,
        fc.array(gap, { minLength: 6, maxLength: 6 }),
        (system, b, c, d, g) => {
          const sql = `SELECT${g[0]}a FROM t${g[1]}WHERE b =${g[2]}${b} AND c IN (${c.join(`,${g[3]}`)})${g[4]}AND d <${g[5]}${d}`;
          const varied = normalizeQuery(sql, { system });
          expect(varied.exact).toBe(true);
          expect(varied.fingerprint).toBe(normalizeQuery(plain, { system }).fingerprint);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is one for any number of inserted rows', () => {
    const row = fc.tuple(value, value).map((row) => `(${row.join(', ')})`);
    fc.assert(
      fc.property(knownSystem, fc.array(row, { minLength: 1, maxLength: 6 }), (system, rows) => {
        const { fingerprint } = normalizeQuery(`INSERT INTO t (a, b) VALUES ${rows.join(', ')}`, { system });
        expect(fingerprint).toBe(normalizeQuery('INSERT INTO t (a, b) VALUES (?, ?)', { system }).fingerprint);
      }),
    );
  });
});

describe('a planted literal', () => {
  it('survives in no product', () => {
    const canary = 'kanarienvogel';
    const content = fc.array(
      fc.constantFrom(canary, "''", '""', '"', '`', '--', '/*', '*/', '#', '$$', ' ', '\n', ';', '?'),
    );
    fc.assert(
      fc.property(system, content, fc.boolean(), (system, parts, isCut) => {
        const literal = `'${canary}${parts.join('')}'`;
        const sql = `SELECT a FROM t WHERE b = ${isCut ? literal.slice(0, -1) : literal} AND c = '${canary}'`;
        const { text, summary, fingerprint } = normalizeQuery(sql, { system });
        // Cut open, the rest of the value is read as SQL up to the next quote: only a text that is closed can be held to this.
        if (!isCut) expect(text + summary + fingerprint).not.toContain(canary);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('time', () => {
  it('grows with the length of the text alone, up to 1 MB of the worst shapes known', () => {
    const shapes = [
      '(',
      '[',
      "'",
      '"',
      '`',
      '$',
      '$a',
      '$a$ ',
      '/*',
      '--',
      '- ',
      '1,',
      'IN (',
      'IN (1,',
      'VALUES (1,',
      '(1),',
    ];
    shapes.push(
      'a.',
      '%(a',
      '@',
      ':',
      '?',
      '.5',
      '\\',
      'é',
      'ARRAY[',
      "'a'\n",
      'SELECT ',
      'FROM a,',
      'WITH a AS (',
      '::a ',
    );
    shapes.push('IN (1::a b c d e ', 'VALUES (1),(a),', '(', '\n', '\u2019', 'E', '0x', '..', '\r', '#', '*/', "q'[");
    shapes.push('FOR UPDATE OF a,', 'WITH (a,', 'WHERE a.a.a.a.a=', '= ANY(', 'sum(', ') over ', 'WHERE a>1 LIMIT 1;');
    for (const [i, shape] of shapes.entries()) {
      // Every shape in every dialect at 100 kB, every eighth at 1 MB: the whole matrix would take half a minute.
      const size = i % 8 === 0 ? 1_000_000 : 100_000;
      const sql = `${shape.startsWith('(1)') ? 'VALUES ' : ''}${shape.repeat(Math.ceil(size / shape.length))}`;
      for (const system of systems) {
        expect(() => describeQuery(sql, system)).not.toThrow();
        expect(lastStepCount(), `${shape} in ${system}`).toBeLessThanOrEqual(4 * sql.length);
      }
    }
  }, 60_000);
});
