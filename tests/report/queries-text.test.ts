import { describe, expect, it } from 'vitest';
import { createPaint } from '../../report/palette.ts';
import { queryLines } from '../../report/queries-text.ts';
import { queryStatistics } from './report-input.ts';

const plain = createPaint(false);
const endpoints = (count: number) => Array.from({ length: count }, (_, n) => `GET /${n}`);
const noteOf = (parts: Parameters<typeof queryStatistics>[1], width = 100) =>
  queryLines([queryStatistics('SELECT users', parts)], 10, width, plain)[3];

describe('the queries of a report', () => {
  it('are not there when there are none', () => {
    expect(queryLines([], 10, 100, plain)).toEqual([]);
  });

  it('show the rows that a query returned on average, where its driver tells', () => {
    const rowsOf = (rowsPerQueryAvg: number | undefined) =>
      queryLines([queryStatistics('SELECT users', { rowsPerQueryAvg })], 10, 100, plain)[2]
        ?.split(' ')
        .at(-1);
    expect([0, 1, 20.25, 1000, undefined].map(rowsOf)).toEqual(['0', '1', '20.3', '1,000', '-']);
  });

  it.each([
    [0, 0, undefined],
    [1, 0, '  in GET /0'],
    [2, 0, '  in GET /0, GET /1'],
    [3, 0, '  in GET /0, GET /1, +1'],
    [10, 0, '  in GET /0, GET /1, +8'],
    [10, 5, '  in GET /0, GET /1, +8 and more'],
  ])('name two of %i endpoints, with %i queries beyond those', (count, unlistedEndpointsCount, expected) => {
    expect(noteOf({ endpoints: endpoints(count), unlistedEndpointsCount })).toBe(expected);
  });

  it.each([
    [['/customers/:customerId/orders/:orderId/items', '/c'], '/customers/:customerId/orders/:orderId/items, GET /c'],
    [
      ['/c', '/customers/:customerId/orders/:orderId/items-of/:x'],
      '/c, GET /customers/:customerId/orders/:orderId/items-of…',
    ],
    [
      ['/customers/:customerId/orders/:orderId/items', '/products/:productId/reviews'],
      '/customers/:customerId/o…, GET /products/:productId/rev…',
    ],
  ])('cut endpoints that are too long together, and not the number of further ones: %j', (paths, expected) => {
    const names = [...paths, '/b'].map((path) => `GET ${path}`);
    const note = noteOf({ endpoints: names, errorCount: 3 }, 80);
    expect(note).toBe(`  3 errors, in GET ${expected}, +1`);
    expect(note?.length).toBeLessThanOrEqual(80);
  });

  it('are the first ten, and say how many more there are', () => {
    const lines = (count: number) =>
      queryLines(
        Array.from({ length: count }, (_, n) => queryStatistics(`SELECT t${n}`)),
        10,
        100,
        plain,
      );
    expect(lines(10).at(-1)).toBe('  in GET /orders');
    expect(lines(11).at(-1)).toBe('  … and 1 more query');
    expect(lines(13).at(-1)).toBe('  … and 3 more queries');
    expect(lines(13).filter((line) => line.startsWith('SELECT'))).toHaveLength(10);
  });
});
