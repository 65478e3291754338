import { describe, expect, it } from 'vitest';
import { PerformanceMonitor, type PerformanceMonitorOptions } from '../../monitor/performance-monitor.ts';
import type { QueryNumbers } from '../../monitor/statistics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { requestFromTrace } from '../../testing/request-from-trace.ts';
import { exactQueryNumbers, expectToMatch } from './exact-statistics.ts';
import { queryGroup, requestRecord } from './request-record.ts';

function monitorAtZero(options: PerformanceMonitorOptions = {}) {
  const clock = new FakeClock();
  return { clock, monitor: new PerformanceMonitor({ clock, ...options }) };
}

describe('statistics over queries', () => {
  it('tell the same statement on two systems apart', () => {
    const { monitor } = monitorAtZero();
    monitor.add(requestFromTrace`
      GET /orders                     400ms
        pg: SELECT * FROM orders       40ms x2
        mysql: SELECT * FROM orders     3ms x5`);
    const { queries } = monitor.getQueryStatistics();
    expect(queries.map(({ system, count, durationMsMax }) => [system, count, durationMsMax])).toEqual([
      ['postgresql', 2, 40],
      ['mysql', 5, 3],
    ]);
    expect(new Set(queries.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  it('tell of each shape how often, how long, how many rows, and where', () => {
    const { monitor } = monitorAtZero();
    monitor.add(requestFromTrace`
      GET /orders                                    400ms
        pg: SELECT * FROM orders LIMIT 10             40ms rows 10
        pg: SELECT * FROM users WHERE id = $1 with (#) 6ms x10 rows 1`);
    monitor.add(requestFromTrace`
      GET /reports                                   900ms
        pg: SELECT * FROM orders LIMIT 20            300ms rows 20
        pg: SELECT * FROM broken                       2ms fails`);
    const { queries, ...report } = monitor.getQueryStatistics();
    expect(report).toEqual({
      window: 'all',
      sinceMs: 0,
      errorBound: 0.011,
      queriesInOther: 0,
      queriesNotGroupedCount: 0,
    });
    expect(queries).toMatchObject([
      {
        system: 'postgresql',
        summary: 'SELECT orders',
        count: 2,
        errorCount: 0,
        durationMsAvg: 170,
        durationMsMin: 40,
        durationMsMax: 300,
        totalMs: 340,
        slowQueryCount: 1,
        rowCount: 30,
        rowsKnownCount: 2,
        rowsPerQueryAvg: 15,
        rowsPerQueryMax: 20,
        endpoints: ['GET /orders', 'GET /reports'],
        unlistedEndpointsCount: 0,
      },
      { summary: 'SELECT users', count: 10, totalMs: 60, durationsAveragedCount: 0, endpoints: ['GET /orders'] },
      { summary: 'SELECT broken', count: 1, errorCount: 1, rowsPerQueryAvg: undefined, endpoints: ['GET /reports'] },
    ]);
    expect(JSON.stringify(queries)).not.toMatch(/LIMIT (?:10|20)/);
  });

  it('count the queries of aborted requests, too: they ran', () => {
    const { monitor } = monitorAtZero();
    monitor.add(requestRecord({ aborted: true, groups: [queryGroup('users', [5])] }));
    expect(monitor.getStatistics().queryCount).toBe(0);
    expect(monitor.getQueryStatistics().queries).toMatchObject([{ count: 1, totalMs: 5 }]);
  });

  it('know every duration of a loop of a hundred', () => {
    const { monitor } = monitorAtZero();
    // Nine in ten take 1 ms; were the rest averaged, no percentile but the last would be near 50 ms.
    const durations = Array.from({ length: 100 }, (_, n) => (n % 10 === 4 ? 40 + n / 10 : 1));
    monitor.add(requestRecord({ groups: [queryGroup('users', durations)] }));
    const [loop] = monitor.getQueryStatistics().queries;
    expect(loop).toMatchObject({ count: 100, durationsAveragedCount: 0, durationMsMin: 1, durationMsMax: 49.4 });
    const numbers = durations.map((durationMs) => ({ durationMs, rowCount: undefined, failed: false, slow: false }));
    expectToMatch(loop as QueryNumbers, exactQueryNumbers(numbers) as QueryNumbers);
  });

  it('are kept for five minutes and since the start', () => {
    const { clock, monitor } = monitorAtZero();
    monitor.add(requestRecord({ groups: [queryGroup('users', [5])] }));
    clock.advance(299_999);
    expect(monitor.getQueryStatistics({ window: '5m' })).toMatchObject({ sinceMs: 299_999, queries: [{ count: 1 }] });
    clock.advance(1);
    expect(monitor.getQueryStatistics({ window: '5m' })).toMatchObject({ sinceMs: 240_000, queries: [] });
    expect(monitor.getQueryStatistics().queries).toMatchObject([{ count: 1 }]);
    expect(() => monitor.getQueryStatistics({ window: '1m' as '5m' })).toThrow(
      "Accepted: '5m' (the last five minutes), 'all' (everything since the start or the last reset).",
    );
  });
});

describe('durations beyond the first hundred of a request', () => {
  const HUNDRED = Array.from({ length: 100 }, () => 5);
  const withMore = (...more: number[]) => {
    const { monitor } = monitorAtZero();
    const durations = [...HUNDRED, ...more];
    monitor.add(requestRecord({ groups: [queryGroup('users', durations)] }));
    const [loop] = monitor.getQueryStatistics().queries;
    expect(loop).toMatchObject({
      count: durations.length,
      durationMsMin: Math.min(...durations),
      durationMsMax: Math.max(...durations),
    });
    expect(loop?.totalMs).toBeCloseTo(
      durations.reduce((sum, durationMs) => sum + durationMs, 0),
      9,
    );
    return loop;
  };

  it.each([
    ['one', [9]],
    ['a least and a greatest', [1, 9]],
    ['one between them', [1, 6, 9]],
    ['none but those of the first hundred', [5, 5, 5]],
  ])('are known if they are %s', (_what, more) => {
    expect(withMore(...more)?.durationsAveragedCount).toBe(0);
  });

  it('are the mean of what is between their least and greatest, and counted', () => {
    expect(withMore(1, 9, 6, 8)?.durationsAveragedCount).toBe(2);
    // All of the rest are greater than what is known but their greatest: 15 ms each on average.
    const slower = withMore(...Array.from({ length: 100 }, (_, n) => 10 + n / 10), 20);
    expect(slower?.durationsAveragedCount).toBe(100);
    expect(Math.abs((slower?.durationMsP95 ?? NaN) - 14.95)).toBeLessThanOrEqual(0.011 * 14.95);
  });

  it('are all that is known of a group that tells none', () => {
    const { monitor } = monitorAtZero();
    const group = queryGroup('users', [1, 2, 3, 10], { durationsMs: [] });
    monitor.add(requestRecord({ groups: [group] }));
    const [loop] = monitor.getQueryStatistics().queries;
    expect(loop).toMatchObject({ count: 4, totalMs: 16, durationMsMin: 1, durationMsMax: 10 });
    expect(loop).toMatchObject({ durationsAveragedCount: 2, durationMsAvg: 4 });
    expect(Math.abs((loop?.durationMsP50 ?? NaN) - 2.5)).toBeLessThanOrEqual(0.011 * 2.5);
  });
});

describe('the bounds on query shapes', () => {
  it('are 5000; further ones are counted as (other)', () => {
    const { monitor } = monitorAtZero();
    const add = (n: number) => monitor.add(requestRecord({ groups: [queryGroup(`q${n}`, [1])] }));
    for (let n = 0; n < 5000; n++) add(n);
    expect(monitor.getQueryStatistics()).toMatchObject({ queriesInOther: 0, queries: { length: 5000 } });
    for (const n of [5000, 5001, 17]) add(n);
    const { queries, queriesInOther } = monitor.getQueryStatistics();
    expect([queries.length, queriesInOther]).toEqual([5001, 2]);
    expect(queries.find(({ fingerprint }) => fingerprint === '(other)')).toMatchObject({ count: 2, text: '' });
    expect(queries.find(({ fingerprint }) => fingerprint === 'q17')).toMatchObject({ count: 2 });
  });

  it('keep 500 characters of a text', () => {
    const { monitor } = monitorAtZero();
    const text = 'x'.repeat(501);
    monitor.add(
      requestRecord({ groups: [queryGroup('long', [1], { text }), queryGroup('fits', [1], { text: text.slice(1) })] }),
    );
    const texts = monitor.getQueryStatistics().queries.map((query) => query.text);
    expect(texts).toEqual([text.slice(1), `${'x'.repeat(499)}…`]);
  });

  it('list ten endpoints of a shape, and count the queries of further ones', () => {
    const { monitor } = monitorAtZero();
    for (let n = 0; n < 12; n++)
      monitor.add(requestRecord({ endpoint: `GET /${n}`, groups: [queryGroup('users', [1, 1])] }));
    monitor.add(requestRecord({ endpoint: 'GET /3', groups: [queryGroup('users', [1])] }));
    const [query] = monitor.getQueryStatistics().queries;
    expect(query?.endpoints).toEqual(Array.from({ length: 10 }, (_, n) => `GET /${n}`));
    expect(query?.unlistedEndpointsCount).toBe(4);
  });

  it('count the queries that a request could not group', () => {
    const { monitor } = monitorAtZero();
    monitor.add(requestRecord({ queryCount: 300, queriesNotGrouped: 40 }));
    expect(monitor.getQueryStatistics().queriesNotGroupedCount).toBe(40);
    monitor.reset();
    expect(monitor.getQueryStatistics()).toMatchObject({ queriesNotGroupedCount: 0, queries: [] });
  });
});

describe('the lists of the slowest and the costliest', () => {
  const { clock, monitor } = monitorAtZero();
  const add = (endpoint: string, durationMs: number, times: number, shape: string, queryMs: number) => {
    const slowCount = queryMs >= 200 ? 1 : 0;
    const groups = [queryGroup(shape, [queryMs], { slowCount })];
    for (let n = 0; n < times; n++) monitor.add(requestRecord({ endpoint, durationMs, groups }));
  };
  add('GET /quick', 10, 900, 'quick', 5);
  add('GET /slow', 1500, 2, 'slow', 250);
  add('GET /slower', 4000, 1, 'slower', 900);
  clock.advance(360_000);
  add('GET /late', 2000, 1, 'late', 300);

  it('name slow endpoints and queries, the slowest first', () => {
    const slow = monitor.slowEndpoints();
    expect(slow.map(({ endpoint }) => endpoint)).toEqual(['GET /slower', 'GET /late', 'GET /slow']);
    expect(monitor.slowEndpoints({ limit: 1 })).toEqual(slow.slice(0, 1));
    expect(monitor.slowEndpoints({ window: '5m' }).map(({ endpoint }) => endpoint)).toEqual(['GET /late']);
    expect(monitor.slowQueries().map(({ fingerprint }) => fingerprint)).toEqual(['slower', 'late', 'slow']);
    expect(monitor.slowQueries({ window: '5m', limit: 3 }).map(({ fingerprint }) => fingerprint)).toEqual(['late']);
  });

  it('name what took the most time', () => {
    const { endpoints, queries } = monitor.topByTotalTime(2);
    expect(endpoints.map(({ endpoint, totalMs }) => [endpoint, totalMs])).toEqual([
      ['GET /quick', 9000],
      ['GET /slower', 4000],
    ]);
    expect(queries.map(({ fingerprint, totalMs }) => [fingerprint, totalMs])).toEqual([
      ['quick', 4500],
      ['slower', 900],
    ]);
    expect(monitor.topByTotalTime(5, { window: '5m' }).endpoints).toMatchObject([{ endpoint: 'GET /late' }]);
  });
});
