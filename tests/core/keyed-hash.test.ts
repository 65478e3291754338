import { describe, expect, it } from 'vitest';
import { combineHashes, hashValues } from '../../core/keyed-hash.ts';

describe('hashValues', () => {
  it('is 0 for no parameters', () => {
    for (const none of [undefined, null, [], {}]) expect(hashValues(none)).toBe(0);
  });

  it('differs for different values and is the same for equal ones', () => {
    const single = [1, '1', 1n, true, null, 0, false, '', 1.5, -1, 2 ** 40, NaN, Infinity, 'a', 'b', 12, 'ab'];
    const make = (): unknown[] =>
      single
        .map((value): unknown => [value])
        .concat(
          [
            [1, 2],
            [2, 1],
            ['a', 'b'],
            [['a'], 'b'],
            [['a', 'b']],
            [[]],
            [{}],
            [null, null],
            [2n ** 62n],
            [-(2n ** 62n)],
          ],
          [[new Date(0)], [new Date(1)], [Buffer.from('a')], [Buffer.from('b')], [new Uint8Array(3)]],
          [{ a: 1 }, { b: 1 }, { a: 2 }, { a: { b: 1 } }, [{ a: 1 }]],
        );
    const hashes = make().map(hashValues);
    expect(hashes).toEqual(make().map(hashValues));
    expect(new Set(hashes).size).toBe(hashes.length);
    for (const hash of hashes) expect(Number.isSafeInteger(hash) && Number(hash) > 0).toBe(true);
  });

  it('takes undefined within a list for null, -0 for 0, and names in any order', () => {
    expect(hashValues([undefined])).toBe(hashValues([null]));
    expect(hashValues([-0])).toBe(hashValues([0]));
    expect(hashValues({ a: 1, b: 2 })).toBe(hashValues({ b: 2, a: 1 }));
    expect(hashValues(Object.assign(Object.create(null), { a: 1 }))).toBe(hashValues({ a: 1 }));
  });

  it('does not know more than 64 values, 4096 characters and bytes, or 4 levels', () => {
    const list = (length: number) => Array.from({ length }, (_, i) => i);
    expect(hashValues(list(64))).toBeGreaterThan(0);
    expect(hashValues(list(65))).toBeUndefined();
    expect(hashValues([list(32), list(32)])).toBeUndefined();
    expect(hashValues(['x'.repeat(4096)])).toBeGreaterThan(0);
    expect(hashValues(['x'.repeat(4000), Buffer.alloc(97)])).toBeUndefined();
    expect(hashValues([[[[1]]]])).toBeGreaterThan(0);
    expect(hashValues([[[[[1]]]]])).toBeUndefined();
    expect(hashValues([2n ** 64n])).toBeUndefined();
  });

  it('does not know instances of classes, symbols, functions, proxies and getters, and never runs their code', () => {
    const bomb = (): never => {
      throw new Error('the code of a value was run');
    };
    class Point {
      toString = bomb;
      toJSON = bomb;
      toPostgres = bomb;
      get x() {
        return bomb();
      }
    }
    class LateDate extends Date {
      override getTime = bomb;
    }
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const values: unknown[] = [
      new Point(),
      new LateDate(),
      Symbol('a'),
      bomb,
      new Proxy([], { get: bomb, getPrototypeOf: bomb }),
    ];
    values.push(revoked.proxy, Object.defineProperty({}, 'a', { get: bomb, enumerable: true }), cycle, new Map(), /a/);
    values.push(Object('a'), new DataView(new ArrayBuffer(2)), new (class extends Array {})());
    for (const value of values) expect(hashValues([value])).toBeUndefined();
    expect(hashValues(revoked.proxy)).toBeUndefined();
    expect(hashValues(new Point())).toBeUndefined();
    const bytes = Object.defineProperty(new Uint8Array([1, 2]), 'byteLength', { get: bomb });
    expect(hashValues([bytes])).toBe(hashValues([Buffer.from([1, 2])]));
  });

  it('spreads: 100 000 neighbouring values give 100 000 hashes', () => {
    const hashes = new Set<unknown>();
    for (let i = 0; i < 100_000; i++) hashes.add(hashValues([i]));
    expect(hashes.size).toBe(100_000);
  });
});

describe('combineHashes', () => {
  it('leaves a hash as it is when there is no other', () => {
    expect(combineHashes(17, 0)).toBe(17);
    expect(combineHashes(0, 17)).toBe(17);
    expect(combineHashes(0, 0)).toBe(0);
  });

  it('depends on both, on their order and on all 53 bits', () => {
    const hashes = [
      combineHashes(1, 2),
      combineHashes(2, 1),
      combineHashes(1, 3),
      combineHashes(1 + 2 ** 52, 2),
      combineHashes(1, 2 + 2 ** 33),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash > 0)).toBe(true);
    expect(combineHashes(1, 2)).toBe(hashes[0]);
  });
});
