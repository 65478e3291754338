import { describe, expect, it } from 'vitest';
import type { QueryGroup } from '../../core/types.ts';
import { NOTHING_NOTED, noteBindValues } from '../../processors/bind-values.ts';
import { TracedApp } from './traced-app.ts';

const MYSQL = { 'db.system.name': 'mysql' };
const READ = 'SELECT name FROM users WHERE id IN (?)';
const WRITE = 'INSERT INTO lines (sku, amount) VALUES ?';
const ROW = 'INSERT INTO lines (sku, amount) VALUES (?)';
const COPY = 'INSERT INTO lines (sku, amount) SELECT sku, 1 FROM goods WHERE id IN (?)';

/** The group of queries of which each notes its values, as a patched driver does. */
function groupOf(text: string, ...noted: readonly unknown[]): QueryGroup {
  const app = new TracedApp();
  const request = app.request();
  for (const values of noted) {
    const before = noteBindValues(values);
    app.query(request, text, 1, MYSQL);
    noteBindValues(before);
  }
  app.end(request);
  const [group, ...more] = app.record.groups;
  if (group === undefined || more.length > 0) throw new Error(`${app.record.groups.length} groups, expected one`);
  return group;
}

describe('noted bind values', () => {
  it('tell equal queries from others', () => {
    const group = groupOf('SELECT name FROM users WHERE id = ?', [1], [1], [2], ['1'], 1);
    expect(group.parameterSets.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
    expect(group.parametersUnknownCount).toBe(0);
  });

  it('are those by name, in any order', () => {
    const group = groupOf('SELECT a FROM t WHERE b = :b AND c = :c', { b: 1, c: 2 }, { c: 2, b: 1 }, { b: 2, c: 1 });
    expect(group.parameterSets.map(({ count }) => count)).toEqual([2, 1]);
  });

  it('are known to be none, where a query has none', () => {
    expect(groupOf('SELECT a FROM t WHERE b = ?', undefined).parametersUnknownCount).toBe(0);
    expect(groupOf('SELECT a FROM t WHERE b = ?', NOTHING_NOTED).parametersUnknownCount).toBe(1);
  });

  it.each<[string, string, unknown, number]>([
    ['the list of IN', READ, [[1, 2, 3]], 3],
    ['a list by name', 'SELECT name FROM users WHERE id IN (:ids)', { ids: [1, 2, 3] }, 3],
    ['the rows of VALUES', WRITE, [Array.from({ length: 5 }, () => ['a', 1])], 5],
    ['one row of VALUES', ROW, [['a', 1]], 1],
    ['one row of VALUES, replaced', ROW.replace('INSERT', 'REPLACE'), [['a', 1]], 1],
    ['a list beside a row that comes from a query', COPY, [[1, 2, 3, 4]], 4],
    ['no list', 'UPDATE lines SET ? WHERE id = ?', [{ sku: 'a' }, 7], 0],
    ['no list, by name', 'UPDATE lines SET ?', { sku: 'a' }, 0],
  ])('tell the length of %s', (_, text, values, expected) => {
    // The texts have lists of their own: `VALUES (?)` is one row.
    const alone = groupOf(text, NOTHING_NOTED).listSizeTotal;
    expect(groupOf(text, values).listSizeTotal).toBe(Math.max(alone, expected));
  });

  it('are taken once, by a query that is inside of what notes them, and by no other database', () => {
    const app = new TracedApp();
    const request = app.request();
    noteBindValues([1]);
    app.query(request, 'SELECT a FROM p WHERE b = $1');
    app.query(request, 'SELECT a FROM t WHERE b = ?', 1, MYSQL);
    app.query(request, 'SELECT a FROM t WHERE b = ?', 1, MYSQL);
    expect(noteBindValues(NOTHING_NOTED)).toBe(NOTHING_NOTED);
    app.end(request);
    expect(app.record.groups.map(({ parametersUnknownCount, count }) => [parametersUnknownCount, count])).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('of a query within another one leave those of the outer alone', () => {
    const outer = noteBindValues('outer');
    const inner = noteBindValues('inner');
    expect(noteBindValues(inner)).toBe('inner');
    expect(noteBindValues(outer)).toBe('outer');
  });

  it('are no part of what is exported', () => {
    const app = new TracedApp();
    const request = app.request();
    noteBindValues(['canary', ['canary', 'canary']]);
    const span = app.query(request, READ, 1, MYSQL);
    app.end(request);
    expect(JSON.stringify([app.exportedOf(span).attributes, app.record])).not.toContain('canary');
    expect(app.record.groups[0]?.listSizeTotal).toBe(2);
  });
});
