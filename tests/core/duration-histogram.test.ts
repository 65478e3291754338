import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DURATION_MS_MAX,
  DURATION_MS_MIN,
  DurationHistogram,
  RELATIVE_ERROR_BOUND,
} from '../../core/duration-histogram.ts';
import { bucketIndex, bucketMidpoint, GAMMA } from '../../core/duration-buckets.ts';
import { PackedReader, PackedWriter } from '../../core/packed-numbers.ts';
import { seededRandom } from '../../testing/seeded-random.ts';

function histogramOf(values: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Element ⌈percent · n / 100⌉ of the sorted values, in whole numbers. */
function exactPercentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.max(1, Number((BigInt(percent) * BigInt(sorted.length) + 99n) / 100n));
  return sorted[rank - 1] as number;
}

describe('the buckets of the duration histogram', () => {
  /** Compares a double with 2^(power/32), exactly: both raised to the 32nd power are fractions of whole numbers. */
  function compareWithPower(value: number, power: number): number {
    let exponent = 0;
    let scaled = value;
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      exponent++;
    }
    // value = scaled / 2^exponent; compare scaled^32 with 2^(power + 32 exponent)
    const left = BigInt(scaled) ** 32n;
    const shift = power + 32 * exponent;
    const [a, b] = shift >= 0 ? [left, 1n << BigInt(shift)] : [left << BigInt(-shift), 1n];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  const next = (value: number): number => value * (1 + Number.EPSILON);
  const previous = (value: number): number => value * (1 - Number.EPSILON / 2);

  it('put powers of two at the upper end of a bucket, their neighbours on both sides', () => {
    for (let power = -9; power <= 26; power++) {
      const value = 2 ** power;
      expect(bucketIndex(value)).toBe(32 * power - 1);
      expect(bucketIndex(previous(value))).toBe(32 * power - 1);
      expect(bucketIndex(next(value))).toBe(32 * power);
    }
  });

  it('change exactly where the powers of γ are, by the definition (γ^i, γ^(i+1)]', () => {
    for (let power = -318; power <= 843; power++) {
      const near = 2 ** (power / 32);
      for (const value of [previous(previous(near)), previous(near), near, next(near), next(next(near))]) {
        const index = bucketIndex(value);
        expect(compareWithPower(value, index)).toBe(1);
        expect(compareWithPower(value, index + 1)).toBeLessThanOrEqual(0);
      }
    }
  });

  it('hold any value between their ends', () => {
    fc.assert(
      fc.property(fc.double({ min: DURATION_MS_MIN, max: DURATION_MS_MAX, noNaN: true }), (value) => {
        const index = bucketIndex(value);
        return compareWithPower(value, index) === 1 && compareWithPower(value, index + 1) <= 0;
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('are estimated within the error bound at both ends', () => {
    expect((GAMMA - 1) / (GAMMA + 1)).toBeLessThanOrEqual(RELATIVE_ERROR_BOUND);
    for (const index of [-319, -1, 0, 31, 842]) {
      const [low, high] = [2 ** (index / 32), 2 ** ((index + 1) / 32)];
      const middle = bucketMidpoint(index);
      expect((middle - low) / low).toBeLessThanOrEqual(RELATIVE_ERROR_BOUND);
      expect((high - middle) / high).toBeLessThanOrEqual(RELATIVE_ERROR_BOUND);
    }
  });
});

describe('quantiles of the duration histogram', () => {
  const gaussian = (random: () => number): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const distributions: Record<string, (random: () => number) => number> = {
    uniform: (random) => 1 + 999 * random(),
    'uniform from 1 µs': (random) => DURATION_MS_MIN + random(),
    lognormal: (random) => Math.exp(3 + 1.2 * gaussian(random)),
    bimodal: (random) => (random() < 0.6 ? 2 + random() : 800 + 100 * random()),
    'heavy-tailed': (random) => Math.min(DURATION_MS_MAX, (1 - random()) ** -1.5),
    constant: () => 17.3,
    'two values': (random) => (random() < 0.95 ? 4 : 4000),
    'whole milliseconds with zeros': (random) => Math.floor(5 * random()),
  };
  const sizes = [1, 2, 3, 100, 1000, 10_000, 100_000, 1_000_000];

  it.each(Object.entries(distributions))('are within 1.1 %% of an exact sort: %s', (_name, draw) => {
    let compared = 0;
    for (const size of sizes) {
      const random = seededRandom(size);
      const values = Array.from({ length: size }, () => draw(random));
      const histogram = histogramOf(values);
      const sorted = Float64Array.from(values).sort();
      for (let percent = 0; percent <= 100; percent++) {
        const exact = exactPercentile(sorted, percent);
        const estimate = histogram.quantile(percent / 100) ?? NaN;
        expect(Math.abs(estimate - exact), `p${percent} of ${size}`).toBeLessThanOrEqual(RELATIVE_ERROR_BOUND * exact);
        compared++;
      }
      expect([histogram.count, histogram.min, histogram.max]).toEqual([size, sorted[0], sorted.at(-1)]);
      expect(histogram.sum).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
    }
    expect(compared).toBe(101 * sizes.length);
  });

  it('never fall as q rises, and stay between minimum and maximum', () => {
    const random = seededRandom(7);
    const histogram = histogramOf(Array.from({ length: 500 }, () => random() ** 8 * 1000));
    let last = 0;
    for (let step = 0; step <= 1000; step++) {
      const estimate = histogram.quantile(step / 1000) ?? NaN;
      expect(estimate).toBeGreaterThanOrEqual(last);
      last = estimate;
    }
    expect(histogram.quantile(0)).toBe(histogram.min);
    expect(last).toBe(histogram.max);
  });

  it('are undefined while nothing was recorded, and so are minimum and maximum', () => {
    const histogram = new DurationHistogram();
    expect([histogram.quantile(0), histogram.quantile(0.5), histogram.quantile(1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([histogram.count, histogram.sum, histogram.min, histogram.max]).toEqual([0, 0, undefined, undefined]);
  });

  it.each([-0.01, 1.01, 95, NaN, Infinity])('refuse q = %s with what was expected', (q) => {
    expect(() => histogramOf([1]).quantile(q)).toThrow(
      expect.objectContaining({
        name: 'SetupError',
        code: 'SLOWPATH_QUANTILE_RANGE',
        message: `${q} is not a quantile. Pass a number from 0 to 1, for example 0.95 for the 95th percentile.`,
      }),
    );
  });
});

describe('what the duration histogram does with values at and beyond its limits', () => {
  it('counts zeros, also negative ones, in their own bucket', () => {
    const histogram = histogramOf([0, -0, 5]);
    expect([histogram.count, histogram.zeroCount, histogram.min, histogram.max]).toEqual([3, 2, 0, 5]);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(Object.is(histogramOf([-0]).max, 0)).toBe(true);
  });

  it('refuses what is no duration, and counts it', () => {
    const histogram = new DurationHistogram();
    expect([-1, -1e-9, NaN, Infinity, -Infinity].map((value) => histogram.record(value))).toEqual(Array(5).fill(false));
    expect(histogram.record(3)).toBe(true);
    expect(histogram.refusedCount).toBe(5);
    expect(histogram.toOtlp()).toEqual(histogramOf([3]).toOtlp());
  });

  it('clamps what is under 1 µs or over 24 h, and keeps minimum and maximum exact', () => {
    const histogram = histogramOf([1e-9, 5e-324, DURATION_MS_MIN, DURATION_MS_MAX, 2 * DURATION_MS_MAX, 1e15]);
    expect(histogram.clampedCount).toBe(4);
    expect([histogram.min, histogram.max]).toEqual([5e-324, 1e15]);
    const { positive } = histogram.toOtlp();
    expect([positive.offset, positive.bucketCounts.length]).toEqual([-319, 1163]);
    expect([positive.bucketCounts[0], positive.bucketCounts.at(-1)]).toEqual([3, 3]);
    expect(histogram.quantile(0.5)).toBeCloseTo(DURATION_MS_MIN, 4);
  });

  it('has the same limits when its durations are seconds', () => {
    const histogram = new DurationHistogram('s');
    for (const value of [1e-9, 1e-6, 86_400, 86_401]) histogram.record(value);
    expect([histogram.clampedCount, histogram.min, histogram.max]).toEqual([2, 1e-9, 86_401]);
    expect(histogram.toOtlp().positive.bucketCounts).toHaveLength(bucketIndex(86_400) - bucketIndex(1e-6) + 1);
    expect(histogram.quantile(0.5)).toBeCloseTo(1e-6, 7);
    expect(DurationHistogram.fromOtlp(histogram.toOtlp(), 's').toOtlp()).toEqual(histogram.toOtlp());
  });

  it('keeps counts over 2^32 exact', () => {
    const histogram = histogramOf([4, 4, 4, 900]);
    for (let doubling = 0; doubling < 33; doubling++) histogram.merge(histogram);
    histogram.record(4);
    const { bucketCounts } = histogram.toOtlp().positive;
    expect([bucketCounts[0], bucketCounts.at(-1)]).toEqual([3 * 2 ** 33 + 1, 2 ** 33]);
    expect(histogram.count).toBe(2 ** 35 + 1);
    expect(histogram.quantile(0.75)).toBeCloseTo(4, 1);
  });

  it('goes on counting by ones past 2^32', () => {
    const full = DurationHistogram.fromOtlp({
      ...histogramOf([4]).toOtlp(),
      count: 2 ** 32 - 1,
      positive: { offset: 63, bucketCounts: [2 ** 32 - 1] },
    });
    full.record(4);
    full.record(4);
    expect(full.toOtlp().positive).toEqual({ offset: 63, bucketCounts: [2 ** 32 + 1] });
  });
});

describe('merging duration histograms', () => {
  // From a nanosecond to a day, zeros and what is refused: their sums are the same in any order, too.
  const duration = fc.oneof(
    fc.double({ min: 1e-6, max: 90_000_000, noNaN: true }),
    fc.integer({ min: -2, max: 90_000_000 }),
    fc.constantFrom(0, NaN, Infinity),
  );
  const durations = fc.array(duration, { maxLength: 40 });
  const merged = (...parts: DurationHistogram[]): DurationHistogram => {
    const whole = new DurationHistogram();
    for (const part of parts) whole.merge(part);
    return whole;
  };
  const state = (histogram: DurationHistogram): unknown => [
    histogram.toOtlp(),
    histogram.refusedCount,
    histogram.clampedCount,
    [0, 0.25, 0.5, 0.95, 1].map((q) => histogram.quantile(q)),
  ];

  it('gives the same in any order and grouping as recording everything in one', () => {
    fc.assert(
      fc.property(durations, durations, durations, (a, b, c) => {
        const [one, two, three] = [histogramOf(a), histogramOf(b), histogramOf(c)];
        const whole = state(histogramOf([...a, ...b, ...c]));
        expect(state(merged(one, two, three))).toEqual(whole);
        expect(state(merged(three, one, two))).toEqual(whole);
        expect(state(merged(merged(one, two), three))).toEqual(whole);
        expect(state(merged(one, merged(two, three)))).toEqual(whole);
        expect(state(one)).toEqual(state(histogramOf(a)));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('is the same when the parts were packed and read again', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const writer = new PackedWriter();
        for (const part of [histogramOf(a), histogramOf(b)]) part.pack(writer);
        const reader = new PackedReader().open(writer.take());
        const read = new DurationHistogram();
        read.addPacked(reader);
        read.addPacked(reader);
        expect(state(read)).toEqual(state(histogramOf([...a, ...b])));
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it('adds a million of the same with no error in the sum', () => {
    const histogram = new DurationHistogram();
    for (let n = 0; n < 1_000_000; n++) histogram.record(0.1);
    expect(histogram.sum).toBe(100_000);
  });

  it('refuses a histogram in another unit', () => {
    const seconds = new DurationHistogram('s');
    seconds.record(2);
    expect(() => histogramOf([1]).merge(seconds)).toThrow(
      expect.objectContaining({
        code: 'SLOWPATH_HISTOGRAM_UNIT',
        message:
          'A histogram in s cannot be merged into one in ms: their buckets differ. Record both in the same unit.',
      }),
    );
  });

  it('leaves nothing behind when it is cleared', () => {
    const histogram = histogramOf([0, 5, 1e12, -1, 1e-9]);
    histogram.clear();
    expect(state(histogram)).toEqual(state(new DurationHistogram()));
    histogram.record(3);
    expect(state(histogram)).toEqual(state(histogramOf([3])));
  });

  it('leaves a histogram as it was when the other one is empty', () => {
    const histogram = histogramOf([0, 12, 7]);
    const before = state(histogram);
    histogram.merge(new DurationHistogram());
    expect(state(histogram)).toEqual(before);
  });
});

describe('the duration histogram as OTLP', () => {
  it('names scale, offset and counts by the data model', () => {
    // 1 is the upper end of bucket -1, 2 that of bucket 31; 1.01 is in bucket 0.
    expect(histogramOf([0, 1, 1.01, 2, 2]).toOtlp()).toEqual({
      scale: 5,
      count: 5,
      sum: 6.01,
      min: 0,
      max: 2,
      zeroCount: 1,
      positive: { offset: -1, bucketCounts: [1, 1, ...Array(30).fill(0), 2] },
    });
    expect(new DurationHistogram().toOtlp()).toEqual({
      scale: 5,
      count: 0,
      sum: 0,
      zeroCount: 0,
      positive: { offset: 0, bucketCounts: [] },
    });
  });

  it('survives the way to JSON and back, and can be recorded into again', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })), (values) => {
        const original = histogramOf(values);
        const copy = DurationHistogram.fromOtlp(JSON.parse(JSON.stringify(original.toOtlp())));
        expect(copy.toOtlp()).toEqual(original.toOtlp());
        copy.record(42);
        original.record(42);
        expect(copy.quantile(0.5)).toBe(original.quantile(0.5));
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('folds foreign buckets beyond the range into the outermost ones, and counts them as clamped', () => {
    const positive = { offset: -400, bucketCounts: [2, ...Array(1399).fill(0), 3] };
    const histogram = DurationHistogram.fromOtlp({
      scale: 5,
      count: 5,
      sum: 9e9,
      min: 1e-4,
      max: 3e9,
      zeroCount: 0,
      positive,
    });
    expect(histogram.clampedCount).toBe(5);
    expect(histogram.toOtlp().positive).toMatchObject({ offset: -319 });
  });

  it('is refused when it is not whole', () => {
    const good = histogramOf([1, 2]).toOtlp();
    const bad = { ...good, count: 3, sum: NaN };
    expect(() => DurationHistogram.fromOtlp({ ...good, scale: 4 })).toThrow(
      'The histogram has scale 4, expected 5. Pass data that DurationHistogram.toOtlp() gave.',
    );
    expect(() => DurationHistogram.fromOtlp(bad)).toThrow(
      'The histogram says 3 durations, but its buckets hold 2; it has the sum NaN, which is not a sum of durations. ' +
        'Pass data that DurationHistogram.toOtlp() gave.',
    );
    expect(() => DurationHistogram.fromOtlp({ ...good, zeroCount: -1, count: 1 })).toThrow('not a whole number from 0');
    expect(() => DurationHistogram.fromOtlp({ ...good, min: 5 })).toThrow('has the minimum 5 and the maximum 2');
  });
});
