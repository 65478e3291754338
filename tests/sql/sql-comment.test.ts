import { describe, expect, it } from 'vitest';
import { normalizeQuery, readSqlComment } from '../../sql/index.ts';

describe('readSqlComment', () => {
  it('reads the tags at the end of a statement', () => {
    const sql = "SELECT 1 /*controller='index',route='%2Forders%2F%3Aid',traceparent='00-5bd-01'*/;";
    expect(readSqlComment(sql)).toEqual({ controller: 'index', route: '/orders/:id', traceparent: '00-5bd-01' });
  });

  it('reads the tags at the start, with escaped quotes and stray percent signs', () => {
    expect(readSqlComment("/* a='it\\'s', b='5%' */ SELECT 1")).toEqual({ a: "it's", b: '5%' });
  });

  it.each(['', 'SELECT 1', 'SELECT 1 /* a note */', "SELECT 1 /* a='open */", "SELECT 'a=''b'''", '/*', '*/', '/*/'])(
    'reads nothing from %j',
    (sql) => {
      expect(readSqlComment(sql)).toEqual({});
    },
  );

  it('reads at most 16 tags of at most 256 characters, from at most 4096', () => {
    const tags = (count: number, length: number) =>
      `/*${Array.from({ length: count }, (_, i) => `k${i}='${'v'.repeat(length)}'`).join(',')}*/`;
    expect(Object.keys(readSqlComment(tags(17, 5)))).toHaveLength(16);
    expect(readSqlComment(tags(1, 256))).toEqual({ k0: 'v'.repeat(256) });
    expect(readSqlComment(tags(1, 257))).toEqual({});
    expect(readSqlComment(`SELECT 1 ${tags(1, 5000)}`)).toEqual({});
  });

  it('sets no prototype', () => {
    const tags = readSqlComment("SELECT 1 /*__proto__='x'*/");
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype);
    expect(Object.keys(tags)).toEqual(['__proto__']);
  });

  it('takes whatever a broken driver passes for a text', () => {
    expect(readSqlComment(undefined as unknown as string)).toEqual({});
  });

  it('never changes the fingerprint', () => {
    const system = 'mysql';
    const tagged = normalizeQuery("SELECT a FROM t /*traceparent='00-1'*/", { system });
    expect(tagged).toEqual(normalizeQuery('SELECT a FROM t', { system }));
  });
});
