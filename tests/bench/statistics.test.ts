import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometricMean, median, middleMean, shuffled, spreadOf } from '../../bench/overhead/lib/statistics.ts';

describe('median', () => {
  it('is the one in the middle, or between the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(median([])).toBeNaN();
  });

  it('has as many values below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});

it('spreads by the median of the distances from the median', () => {
  // Around 4: 3, 2, 0, 1 and 96, of which the middle one is 2.
  expect(spreadOf([1, 2, 4, 5, 100])).toEqual({ median: 4, deviation: 2 });
});

it('multiplies for the geometric mean', () => {
  expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 9);
});

it('leaves the extremes out of the mean in the middle', () => {
  expect(middleMean([1000, 3, 1, 2, 4, 5, 6, -1000, 7, 8])).toBe((2 + 3 + 4 + 5 + 6 + 7) / 6);
  expect(middleMean([1, 2, 9])).toBe(4);
  expect(middleMean([])).toBeNaN();
});

describe('shuffled', () => {
  it('draws every order equally often', () => {
    // Three items take three draws of 6, 2 and 1 parts: each combination once.
    const orders = [0, 1, 2].flatMap((first) =>
      [0, 1].map((second) => {
        const drawn = [first / 3, second / 2, 0];
        return shuffled(['a', 'b', 'c'], () => drawn.shift() ?? Number.NaN).join('');
      }),
    );
    expect(orders.toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });

  it('leaves the list as it is', () => {
    const items = [1, 2, 3];
    shuffled(items, () => 0.9);
    expect(items).toEqual([1, 2, 3]);
  });
});
