import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { savedByAskingOnce, savedByBatching, type SavedTime } from '../../analysis/saved-time.ts';
import type { AnalyzedRequest, QueryGroup } from '../../core/types.ts';
import { drawnRequest } from '../../testing/index.ts';
import { queryEvent, requestWith, type TimedQuery } from './query-event.ts';

const drawn = (line: string, requestMs = 9000): AnalyzedRequest =>
  drawnRequest(`GET /x ${requestMs}ms\n  pg: SELECT * FROM t WHERE id = $1 with (#) ${line}`);

/** The group that the request has most queries of. */
function largestOf(request: AnalyzedRequest): QueryGroup {
  const [group] = request.groups.toSorted((a, b) => b.count - a.count);
  if (group === undefined) throw new Error('the request has no query');
  return group;
}

const batched = (request: AnalyzedRequest): SavedTime => savedByBatching(largestOf(request), request);

describe('what a batch saves', () => {
  it('is the round trips, where each query does next to nothing', () => {
    expect(batched(drawn('4ms x10'))).toEqual({
      savedMs: [expect.closeTo(40 - 4 - 0.1), expect.closeTo(40 - 4 - 0.1)],
      estimate:
        '40.0 ms now; batched at the best 4.0 + 10 × 0.0 × 0.3 ms, at the worst 4.0 + 10 × 0.0 ms, and 10 × 0.01 ms',
    });
  });

  it('is less, the more of the time is work', () => {
    const queries = [2, 2, 2, 2, 12].map((durationMs, n) =>
      queryEvent({ id: n, startMs: [0, 2, 4, 6, 8][n] ?? 0, durationMs }),
    );
    // 20 ms now. A round trip of 2 ms; 4 - 2 ms of work each, 5 times, of which 30 % to all is left; 0.05 ms for the rows.
    expect(batched(requestWith(queries))).toEqual({
      savedMs: [expect.closeTo(20 - 2 - 10 - 0.05), expect.closeTo(20 - 2 - 3 - 0.05)],
      estimate:
        '20.0 ms now; batched at the best 2.0 + 5 × 2.0 × 0.3 ms, at the worst 2.0 + 5 × 2.0 ms, and 5 × 0.01 ms',
    });
  });

  it('may be little where all are slow: the fastest of them may have worked, too', () => {
    const { savedMs, estimate } = batched(drawn('90ms x10'));
    // At the worst a round trip is 5 ms, and each of them did 85 ms of work that is left to do.
    expect(savedMs).toEqual([expect.closeTo(900 - 5 - 850 - 0.1), expect.closeTo(900 - 90 - 0.1)]);
    expect(estimate).toContain('at the best 90.0 + 10 × 0.0 × 0.3 ms, at the worst 5.0 + 10 × 85.0 ms');
  });

  it('takes no longer for a round trip than the fastest query to the same database', () => {
    const after = (line: string) =>
      batched(
        drawnRequest(`GET /x 9000ms\n  pg: SELECT a FROM u ${line}\n  pg: SELECT * FROM t WHERE id = $1 4ms x10`),
      );
    expect(after('1ms').savedMs).toEqual([expect.closeTo(40 - 1 - 30 - 0.1), expect.closeTo(40 - 4 - 0.1)]);
    expect(after('1ms on shard1').savedMs[0]).toBeCloseTo(40 - 4 - 0.1);
  });

  it('of queries at the same time is what they held up, and says what they hold of the pool', () => {
    expect(batched(drawn('4ms x10 at once'))).toEqual({
      savedMs: [0, 0],
      estimate:
        '4.0 ms now; batched at the best 4.0 + 10 × 0.0 × 0.3 ms, at the worst 4.0 + 10 × 0.0 ms, and 10 × 0.01 ms; ' +
        'now they hold connections for 40.0 ms in all',
    });
  });

  it('is never more than the request took', () => {
    expect(batched(drawn('4ms x10', 10))).toMatchObject({
      savedMs: [expect.closeTo(10 - 4 - 0.1), expect.closeTo(10 - 4 - 0.1)],
      estimate: expect.stringMatching(/^10\.0 ms now;/),
    });
  });

  it('takes queries whose starts nobody told to have run one after the other', () => {
    const queries = Array.from({ length: 5 }, (_, n) => ({
      ...queryEvent({ id: n, durationMs: 4 }),
      startMs: undefined,
    }));
    expect(batched(requestWith(queries)).savedMs[0]).toBeCloseTo(20 - 4 - 0.05);
  });

  const durations = fc.array(
    fc.integer({ min: 1, max: 400 }).map((n) => n / 3),
    { minLength: 1, maxLength: 40 },
  );

  it('is what the formula gives on the queries themselves', () => {
    fc.assert(
      fc.property(durations, fc.boolean(), (list, atOnce) => {
        let cursorMs = 0;
        const queries: TimedQuery[] = list.map((durationMs, n) => {
          const query = queryEvent({ id: n, startMs: cursorMs, durationMs });
          if (!atOnce) cursorMs += durationMs;
          return query;
        });
        const { savedMs } = batched(requestWith(queries, 1e6));
        const sorted = list.toSorted((a, b) => a - b);
        const fastest = sorted[0] ?? 0;
        const now = atOnce ? (sorted.at(-1) ?? 0) : list.reduce((a, b) => a + b, 0);
        const at = (trip: number, share: number) => {
          const work = list.map((ms) => ms - trip).reduce((a, b) => a + b, 0);
          return Math.max(0, now - trip - share * work - list.length / 100);
        };
        expect(savedMs[0]).toBeCloseTo(at(Math.min(5, fastest), 1), 6);
        expect(savedMs[1]).toBeCloseTo(at(fastest, 0.3), 6);
        expect(savedMs[0]).toBeLessThanOrEqual(savedMs[1]);
        expect(savedMs[1]).toBeLessThanOrEqual(now);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('what asking once saves', () => {
  const once = (line: string, count: number, totalMs: number, repeatMs: number) => {
    const request = drawn(line);
    return savedByAskingOnce({ group: largestOf(request), count, setCount: 1, totalMs, repeatMs }, request).savedMs;
  };

  it('is the repeats, one after the other', () => {
    expect(once('5ms x4', 4, 20, 15)).toEqual([15, 15]);
  });

  it('is nothing where all are asked for at the same moment', () => {
    expect(once('5ms x4 at once', 4, 20, 15)).toEqual([0, 0]);
  });
});
