import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RequestRecord } from '../../core/types.ts';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import type { QueryWindow, StatisticsWindow } from '../../monitor/statistics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { exactQueryNumbers, exactStatistics, expectToMatch, type ModelQuery } from './exact-statistics.ts';
import { queryGroup, requestRecord } from './request-record.ts';

/** Width and number of the slices of each window, the running one included. */
const SLICES: Readonly<Record<StatisticsWindow, readonly [widthMs: number, slots: number]>> = {
  '1m': [10_000, 6],
  '5m': [60_000, 5],
  '1h': [300_000, 12],
  all: [Infinity, 1],
};
const WINDOWS = Object.keys(SLICES) as StatisticsWindow[];
const QUERY_WINDOWS: readonly QueryWindow[] = ['5m', 'all'];

interface Seen {
  readonly atMs: number;
  readonly record: RequestRecord;
  readonly queries: readonly (ModelQuery & { readonly shape: string })[];
}

/** What is in the window at `nowMs`, and how long it is: everything from the start of its first slice on. */
function windowAt(window: StatisticsWindow, nowMs: number, seen: readonly Seen[]) {
  const [widthMs, slots] = SLICES[window];
  const startMs = widthMs === Infinity ? 0 : Math.max(0, nowMs - (nowMs % widthMs) - (slots - 1) * widthMs);
  return { within: seen.filter(({ atMs }) => atMs >= startMs), sinceMs: nowMs - startMs };
}

const duration = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.double({ min: 0.001, max: 100_000, noNaN: true }));
// At most a hundred durations: of so many the monitor knows each.
const group = fc.record({
  shape: fc.constantFrom('users', 'orders', 'items'),
  durationsMs: fc.oneof(
    { weight: 4, arbitrary: fc.array(duration, { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.array(duration, { minLength: 90, maxLength: 100, size: 'max' }) },
  ),
  rows: fc.option(fc.nat(50), { nil: undefined }),
  failed: fc.boolean(),
});
const request = fc.record({
  endpoint: fc.constantFrom('GET /a', 'GET /b', 'POST /c'),
  durationMs: duration,
  failed: fc.boolean(),
  aborted: fc.boolean(),
  connection: fc.constantFrom('request', 'request', 'request', 'stream', 'upgrade'),
  queriesObserved: fc.boolean(),
  // Percentiles of so many queries are exact.
  queryCount: fc.nat(1000),
  queryTotalMs: duration,
  cache: fc.option(
    fc.record({
      lookups: fc.constantFrom(0, 5),
      hits: fc.nat(5),
      staleHits: fc.nat(3),
      coalesced: fc.nat(3),
      computeMs: duration,
      savedMs: duration,
    }),
    { nil: undefined },
  ),
  groups: fc.uniqueArray(group, { maxLength: 3, selector: ({ shape }) => shape }),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: request }) },
  { weight: 4, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 25_000 }) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.constantFrom(9_999, 10_000, 60_000, 300_000, 59_999) }) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.integer({ min: 60_000, max: 4_000_000 }) }) },
  { weight: 1, arbitrary: fc.record({ read: fc.constantFrom(...WINDOWS) }) },
);

function seenOf(
  { groups, cache, ...parts }: typeof request extends fc.Arbitrary<infer R> ? R : never,
  atMs: number,
): Seen {
  const queryGroups = groups.map(({ shape, durationsMs, rows, failed }) =>
    queryGroup(shape, durationsMs, {
      errorCount: failed ? durationsMs.length : 0,
      slowCount: durationsMs.filter((durationMs) => durationMs >= 200).length,
      ...(rows !== undefined && {
        rowCount: rows * durationsMs.length,
        rowCountKnown: durationsMs.length,
        rowCountMax: rows,
      }),
    }),
  );
  return {
    atMs,
    record: requestRecord({ ...parts, groups: queryGroups, ...(cache !== undefined && { cache }) }),
    queries: groups.flatMap(({ shape, durationsMs, rows, failed }) =>
      durationsMs.map((durationMs) => ({ shape, durationMs, rowCount: rows, failed, slow: durationMs >= 200 })),
    ),
  };
}

function checkRequests(
  monitor: PerformanceMonitor,
  window: StatisticsWindow,
  nowMs: number,
  seen: readonly Seen[],
): void {
  const { within, sinceMs } = windowAt(window, nowMs, seen);
  const records = within.map(({ record }) => record);
  const statistics = monitor.getStatistics({ window });
  expect(statistics.sinceMs).toBe(sinceMs);
  expectToMatch(statistics, exactStatistics(records, { sinceMs }) as typeof statistics);
  expect(statistics.endpoints.map(({ endpoint }) => endpoint).sort()).toEqual(
    [...new Set(records.map(({ endpoint }) => endpoint))].sort(),
  );
  for (const one of statistics.endpoints) {
    const own = records.filter(({ endpoint }) => endpoint === one.endpoint);
    expectToMatch(one, exactStatistics(own, { sinceMs }) as typeof one);
  }
}

function checkQueries(monitor: PerformanceMonitor, window: QueryWindow, nowMs: number, seen: readonly Seen[]): void {
  const { within, sinceMs } = windowAt(window, nowMs, seen);
  const report = monitor.getQueryStatistics({ window });
  expect(report.sinceMs).toBe(sinceMs);
  const queries = within.flatMap((one) => one.queries);
  expect(report.queries.map(({ fingerprint }) => fingerprint).sort()).toEqual(
    [...new Set(queries.map(({ shape }) => shape))].sort(),
  );
  for (const one of report.queries) {
    const own = queries.filter(({ shape }) => shape === one.fingerprint);
    expectToMatch(one, exactQueryNumbers(own) as typeof one);
    const endpoints = seen.filter((request) => request.queries.some(({ shape }) => shape === one.fingerprint));
    expect(one.endpoints).toEqual([...new Set(endpoints.map(({ record }) => record.endpoint))]);
  }
}

it('random traffic over time gives the statistics of plain arrays, in every window', () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const clock = new FakeClock(77);
      const monitor = new PerformanceMonitor({ clock });
      const seen: Seen[] = [];
      let nowMs = 0;
      for (const one of steps) {
        if ('waitMs' in one) {
          clock.advance(one.waitMs);
          nowMs += one.waitMs;
        } else if ('add' in one) {
          const made = seenOf(one.add, nowMs);
          seen.push(made);
          monitor.add(made.record);
        } else checkRequests(monitor, one.read, nowMs, seen);
      }
      for (const window of WINDOWS) checkRequests(monitor, window, nowMs, seen);
      for (const window of QUERY_WINDOWS) checkQueries(monitor, window, nowMs, seen);
      compared += seen.length;
    }),
    { seed: 21, numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(2000);
});
