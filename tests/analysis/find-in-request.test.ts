import { describe, expect, it } from 'vitest';
import { nPlusOne } from '../../analysis/detectors/n-plus-one.ts';
import { findInRequest, thresholdsOf } from '../../analysis/find-in-request.ts';
import type { RequestRecord } from '../../core/types.ts';
import { requestFromTrace } from '../../testing/index.ts';

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
    expect(codes).toEqual(['detector n-plus-one', 'detector duplicate-query', 'detector slow-query']);
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

describe('a statement that repeats with one value among others', () => {
  const request = requestFromTrace`
    GET /orders                                              900ms
      pg: SELECT * FROM users WHERE id = $1 with (7)            9ms x7
      pg: SELECT * FROM users WHERE id = $1 with (8)            9ms`;

  it('is in exactly one finding at the default thresholds', () => {
    expect(findInRequest(request, {}, noFault).map(({ kind }) => kind)).toEqual(['n-plus-one']);
  });

  // duplicate-query leaves the group to n-plus-one by that one's default, not by the threshold that it runs with.
  it('is a duplicate where n-plus-one is set too high to name it', () => {
    const findings = findInRequest(request, { 'n-plus-one': { minQueries: 20 } }, noFault);
    expect(findings.map(({ kind }) => kind)).toEqual(['duplicate-query']);
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
