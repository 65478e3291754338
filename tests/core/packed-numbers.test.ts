import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedReader, PackedWriter } from '../../core/packed-numbers.ts';

describe('packed numbers', () => {
  it('come back as they were, in their order', () => {
    const entry = fc.oneof(
      fc.record({ kind: fc.constant('count' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('double' as const), value: fc.double() }),
    );
    const writer = new PackedWriter();
    const reader = new PackedReader();
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 600 }), (entries) => {
        for (const { kind, value } of entries) writer[kind](value);
        reader.open(writer.take());
        for (const { kind, value } of entries) expect(reader[kind]()).toBe(value);
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('take one byte up to 127, two up to 16 383, eight at the most', () => {
    const lengthOf = (value: number): number => {
      const writer = new PackedWriter();
      writer.count(value);
      return writer.take().length;
    };
    expect([0, 127, 128, 16_383, 16_384, Number.MAX_SAFE_INTEGER].map(lengthOf)).toEqual([1, 1, 2, 2, 3, 8]);
  });

  it('stand for the nearest count when a value is none, so that what follows can be read', () => {
    const writer = new PackedWriter();
    for (const value of [-1, NaN, 2.5, Infinity, 7]) writer.count(value);
    const reader = new PackedReader().open(writer.take());
    expect([1, 2, 3, 4, 5].map(() => reader.count())).toEqual([0, 0, 2, Number.MAX_SAFE_INTEGER, 7]);
  });
});
