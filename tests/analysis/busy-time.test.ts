import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusyTime } from '../../analysis/busy-time.ts';

type Interval = readonly [startMs: number, endMs: number];

function busy(intervals: readonly Interval[]): { unionMs: number; runCount: number } {
  const time = new BusyTime();
  for (const [startMs, endMs] of intervals) time.add(startMs, endMs);
  return { unionMs: time.unionMs, runCount: time.runCount };
}

/** The same from the whole list, sorted: the textbook's way. */
function textbook(intervals: readonly Interval[]): { unionMs: number; runCount: number } {
  let unionMs = 0;
  let runCount = 0;
  let reachMs = -Infinity;
  for (const [startMs, endMs] of intervals.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (startMs >= reachMs) {
      runCount++;
      unionMs += endMs - startMs;
      reachMs = endMs;
    } else if (endMs > reachMs) {
      unionMs += endMs - reachMs;
      reachMs = endMs;
    }
  }
  return { unionMs, runCount };
}

const interval = fc
  .tuple(fc.nat(300), fc.integer({ min: 0, max: 40 }))
  .map(([start, ms]): Interval => [start, start + ms]);

describe('BusyTime', () => {
  it('counts what overlaps once, and what touches as two runs', () => {
    expect(
      busy([
        [0, 4],
        [2, 6],
        [6, 8],
        [10, 11],
      ]),
    ).toEqual({ unionMs: 9, runCount: 3 });
  });

  it('joins runs when one comes late that covers the gap between them', () => {
    expect(
      busy([
        [0, 2],
        [4, 6],
        [1, 5],
      ]),
    ).toEqual({ unionMs: 6, runCount: 1 });
  });

  it('agrees with the textbook in whatever order the intervals come, up to 16 runs', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 16 }), (intervals) => {
        expect(busy(intervals)).toEqual(textbook(intervals));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('agrees with the textbook on any number of intervals in the order of their starts, and on disjoint ones in any', () => {
    const many = fc.array(interval, { minLength: 20, maxLength: 200 });
    fc.assert(
      fc.property(many, (intervals) => {
        const sorted = intervals.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(busy(sorted)).toEqual(textbook(sorted));
      }),
      { seed: 2, numRuns: 200 },
    );
    const disjoint = Array.from({ length: 100 }, (_, n): Interval => [n * 3, n * 3 + 2]);
    expect(busy(disjoint)).toEqual({ unionMs: 200, runCount: 100 });
    expect(busy(disjoint.toReversed())).toEqual({ unionMs: 200, runCount: 100 });
  });

  it('never claims more time than there was, nor more runs, in the order of ends', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 200 }), (intervals) => {
        const inOrder = intervals.toSorted((a, b) => a[1] - b[1]);
        const { unionMs, runCount } = busy(inOrder);
        const exact = textbook(intervals);
        expect(unionMs).toBeLessThanOrEqual(exact.unionMs);
        expect(runCount).toBeGreaterThanOrEqual(exact.runCount);
        if (exact.runCount <= 16 && runCount === exact.runCount) expect(unionMs).toBe(exact.unionMs);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
