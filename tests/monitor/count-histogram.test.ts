import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedReader, PackedWriter } from '../../core/packed-numbers.ts';
import { CountHistogram } from '../../monitor/count-histogram.ts';

function histogramOf(values: readonly number[]): CountHistogram {
  const histogram = new CountHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const percents = [0, 1, 25, 50, 75, 95, 99, 100];
const percentilesOf = (histogram: CountHistogram): unknown =>
  percents.map((percent) => histogram.quantile(percent / 100));

describe('the histogram of counts', () => {
  it('is exact up to 1000', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = percents.map((percent) => sorted[Math.max(1, Math.ceil((percent * values.length) / 100)) - 1]);
        expect(percentilesOf(histogramOf(values))).toEqual(exact);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('estimates whole numbers within 1.1 % above, with exact minimum, maximum and sum', () => {
    const values = Array.from({ length: 2001 }, (_, n) => n);
    const histogram = histogramOf(values);
    expect([histogram.size, histogram.sum, histogram.min, histogram.max]).toEqual([2001, 2_001_000, 0, 2000]);
    for (let percent = 51; percent <= 100; percent++) {
      const exact = Math.ceil((percent * 2001) / 100) - 1;
      const estimate = histogram.quantile(percent / 100) ?? NaN;
      expect(Number.isInteger(estimate)).toBe(true);
      expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(0.011 * exact + 0.5);
    }
    expect([histogram.quantile(0.5), histogram.quantile(1)]).toEqual([1000, 2000]);
  });

  it('gives the same merged from parts as recorded in one', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [one, two] = [histogramOf(a), histogramOf(b)];
        const whole = histogramOf([...a, ...b]);
        one.merge(two);
        expect(percentilesOf(one)).toEqual(percentilesOf(whole));
        expect([one.size, one.sum, one.min, one.max]).toEqual([whole.size, whole.sum, whole.min, whole.max]);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('gives the same when its parts were packed and read again, or it was cleared before', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const writer = new PackedWriter();
        for (const part of [a, b]) histogramOf(part).pack(writer);
        const reader = new PackedReader().open(writer.take());
        const read = histogramOf([7, 7, 2000]);
        read.clear();
        read.addPacked(reader);
        read.addPacked(reader);
        const whole = histogramOf([...a, ...b]);
        expect(percentilesOf(read)).toEqual(percentilesOf(whole));
        expect([read.size, read.sum, read.min, read.max]).toEqual([whole.size, whole.sum, whole.min, whole.max]);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('takes what is no whole number for the one below it, or 0', () => {
    const histogram = histogramOf([2.9, -1, NaN]);
    expect([histogram.size, histogram.sum, histogram.min, histogram.max]).toEqual([3, 2, 0, 2]);
    expect(histogram.quantile(1)).toBe(2);
  });

  it('knows no minimum, maximum or percentile while it is empty', () => {
    const empty = new CountHistogram();
    expect([empty.size, empty.sum, empty.min, empty.max, empty.quantile(0.5)]).toEqual([
      0,
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
