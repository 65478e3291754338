import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import { findInRequest, thresholdsOf } from '../../analysis/find-in-request.ts';
import type { RequestRecord } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const noFault = (code: string, thrown: unknown): never => {
  throw new Error(`${code} threw`, { cause: thrown });
};

const busy = requestFromTrace`
  GET /orders                                              3000ms
    pg: SELECT * FROM users WHERE id = $1 with (#)            9ms x10
    pg: SELECT * FROM settings WHERE user_id = $1 with (7)    9ms x3
    pg: SELECT count(*) FROM events                         900ms`;

describe('findInRequest', () => {
  it('runs every detector, in report order', () => {
    expect(findInRequest(busy, {}, noFault).map(({ kind }) => kind)).toEqual([
      'n-plus-one',
      'duplicate-query',
      'slow-query',
      'slow-endpoint',
    ]);
  });

  it('finds what the record of a drawn request already holds', () => {
    expect(findInRequest(busy, {}, noFault)).toEqual(busy.findings);
  });

  it('reports a detector that throws, and the others still run', () => {
    let readCount = 0;
    const hostile: RequestRecord = Object.defineProperty({ ...busy }, 'groups', {
      get() {
        // The first detector is the one that meets the fault.
        if (readCount++ === 0) throw new TypeError('groups are gone');
        return busy.groups;
      },
    });
    const faults: [string, unknown][] = [];
    const findings = findInRequest(hostile, {}, (code, thrown) => faults.push([code, thrown]));
    expect(faults).toEqual([['detector n-plus-one', new TypeError('groups are gone')]]);
    expect(findings.map(({ kind }) => kind)).toEqual(['duplicate-query', 'slow-query', 'slow-endpoint']);
  });

  it('reports each of several that throw', () => {
    const hostile: RequestRecord = Object.defineProperty({ ...busy }, 'groups', {
      get() {
        throw new TypeError('groups are gone');
      },
    });
    const codes: string[] = [];
    const findings = findInRequest(hostile, {}, (code) => codes.push(code));
    expect(codes).toEqual([
      'detector n-plus-one',
      'detector duplicate-query',
      'detector slow-query',
      'detector unbounded-result',
      'detector query-budget',
    ]);
    expect(findings.map(({ kind }) => kind)).toEqual(['slow-endpoint']);
  });

  it('obeys thresholds by kind, and leaves the other kinds at their defaults', () => {
    const kinds = (overrides: Parameters<typeof findInRequest>[1]) =>
      findInRequest(busy, overrides, noFault).map(({ kind }) => kind);
    expect(kinds({ 'n-plus-one': { minQueries: 11 } })).toEqual(['duplicate-query', 'slow-query', 'slow-endpoint']);
    expect(kinds({ 'slow-endpoint': { minMs: 3001 }, 'duplicate-query': { minQueries: 4 } })).toEqual([
      'n-plus-one',
      'slow-query',
    ]);
  });
});

describe('one fault is one finding:', () => {
  const kindsIn = (picture: string, overrides: Parameters<typeof findInRequest>[1] = {}) =>
    findInRequest(drawnRequest(picture), overrides, noFault)
      .filter(({ kind }) => kind !== 'slow-endpoint')
      .map(({ kind, severity }) => `${kind} ${severity}`);

  it('a duplicate among values that differ goes away with the loop', () => {
    const picture = `
      GET /orders                                            5000ms
        pg: SELECT * FROM users WHERE id = $1 with (#)          9ms x7
        pg: SELECT * FROM users WHERE id = $1 with (7)          9ms x3`;
    expect(kindsIn(picture)).toEqual(['n-plus-one warning']);
    expect(kindsIn(picture, { 'n-plus-one': { minQueries: 20 } })).toEqual(['duplicate-query warning']);
  });

  it('a duplicate stays where the values hardly differ, and the loop goes', () => {
    const picture = `
      GET /orders                                            5000ms
        pg: SELECT * FROM users WHERE id = $1 with (7)          9ms x7
        pg: SELECT * FROM users WHERE id = $1 with (8)          9ms`;
    expect(kindsIn(picture)).toEqual(['duplicate-query warning']);
    // Without the duplicate to take its place, the loop is named for what it is worth.
    expect(kindsIn(picture, { 'duplicate-query': { minQueries: 20 } })).toEqual(['n-plus-one info']);
  });

  it('a duplicate stays where fewer than 60 % of a few values differ', () => {
    const picture = `
      GET /profile                                           5000ms
        pg: SELECT * FROM users WHERE id = $1 with (7)         10ms x4
        pg: SELECT * FROM users WHERE id = $1 with (8)         10ms
        pg: SELECT * FROM users WHERE id = $1 with (9)         10ms`;
    expect(kindsIn(picture)).toEqual(['duplicate-query warning']);
    expect(kindsIn(`${picture}\n        pg: SELECT * FROM users WHERE id = $1 with (a#) 10ms x2`)).toEqual([
      'n-plus-one warning',
    ]);
  });

  it('what is found on one shard does not stand for another one', () => {
    const picture = `
      GET /orders                                            5000ms
        pg: SELECT * FROM users WHERE id = $1 with (7)          9ms x8 on shard1
        pg: SELECT * FROM users WHERE id = $1 with (#)          9ms x8 on shard2`;
    expect(kindsIn(picture)).toEqual(['n-plus-one warning', 'duplicate-query warning']);
  });

  it('an unbounded read in a loop is one finding: the loop’s unless that is an info', () => {
    const loop = (rows: number) => `
      GET /orders                                                 5000ms
        pg: SELECT * FROM items WHERE order_id = $1 with (#)        12ms x6 rows ${rows}`;
    expect(kindsIn(loop(2000))).toEqual(['unbounded-result warning']);
    expect(kindsIn(loop(40))).toEqual(['n-plus-one warning']);
    const mostlySmall = `${loop(1)}\n        pg: SELECT * FROM items WHERE order_id = $1 with (99) 12ms rows 1000`;
    expect(kindsIn(mostlySmall)).toEqual(['unbounded-result warning']);
    const longLoop = `${loop(1).replace('x6', 'x60')}\n        pg: SELECT * FROM items WHERE order_id = $1 with (99) 12ms rows 1000`;
    expect(kindsIn(longLoop)).toEqual(['n-plus-one critical']);
  });

  const shapes = (count: number) =>
    Array.from({ length: count }, (_, n) => `        pg: SELECT * FROM table${n} WHERE id = 1 1ms`).join('\n');

  it('a budget is explained by the loops and duplicates without whose repeats it would be kept', () => {
    const loop = '        pg: SELECT * FROM users WHERE id = $1 with (#) 9ms x20';
    const duplicate = '        pg: SELECT * FROM settings WHERE id = $1 with (7) 9ms x20';
    const request = (count: number) => `GET /orders 9000ms\n${loop}\n${duplicate}\n${shapes(count)}`;
    expect(kindsIn(request(48))).toEqual(['n-plus-one warning', 'duplicate-query warning']);
    expect(kindsIn(request(49))).toEqual(['n-plus-one warning', 'duplicate-query warning', 'query-budget warning']);
    expect(kindsIn(request(49), { 'query-budget': { maxQueries: 51 } })).toHaveLength(2);
  });
});

describe('thresholdsOf', () => {
  it('is the defaults where nothing is named', () => {
    expect(thresholdsOf(nPlusOne, {})).toEqual(nPlusOne.defaults);
    expect(thresholdsOf(nPlusOne, { 'slow-query': { minMs: 1 } })).toEqual(nPlusOne.defaults);
  });

  it('changes what is named and nothing else, 0 included', () => {
    expect(thresholdsOf(nPlusOne, { 'n-plus-one': { warningTotalMs: 0 } })).toEqual({
      minQueries: 5,
      minTotalMs: 0,
      warningTotalMs: 0,
    });
  });

  it('takes undefined for "not named"', () => {
    const overrides = { 'n-plus-one': { minQueries: undefined } } as Parameters<typeof thresholdsOf>[1];
    expect(thresholdsOf(nPlusOne, overrides)).toEqual(nPlusOne.defaults);
  });
});
