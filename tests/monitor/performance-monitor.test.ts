import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../core/types.ts';
import { PerformanceMonitor } from '../../monitor/performance-monitor.ts';
import type { RequestStatistics } from '../../monitor/statistics.ts';
import { seededRandom } from '../core/seeded-random.ts';
import { requestRecord } from './request-record.ts';

function monitorOf(records: readonly RequestRecord[], options?: ConstructorParameters<typeof PerformanceMonitor>[0]) {
  const monitor = new PerformanceMonitor(options);
  for (const record of records) monitor.add(record);
  return monitor;
}

/** The same numbers from arrays: sorted, counted and added up one by one. */
function exactStatistics(records: readonly RequestRecord[], slowRequestMinMs = 1000): RequestStatistics {
  const answered = records.filter((record) => !record.aborted);
  const observed = answered.filter((record) => record.queriesObserved);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
  const at = (values: readonly number[], percent: number): number | undefined =>
    values[Math.ceil((percent * values.length) / 100) - 1];
  const durations = sorted(answered.map((record) => record.durationMs));
  const queries = sorted(observed.map((record) => record.queryCount));
  const observedMs = sum(observed.map((record) => record.durationMs));
  return {
    count: answered.length,
    errorCount: answered.filter((record) => record.failed).length,
    abortedCount: records.length - answered.length,
    durationMsAvg: durations.length > 0 ? sum(durations) / durations.length : undefined,
    durationMsMin: durations[0],
    durationMsMax: durations.at(-1),
    durationMsP50: at(durations, 50),
    durationMsP95: at(durations, 95),
    durationMsP99: at(durations, 99),
    totalMs: sum(durations),
    durationsRefusedCount: 0,
    queriesPerRequestAvg: queries.length > 0 ? sum(queries) / queries.length : undefined,
    queriesPerRequestMin: queries[0],
    queriesPerRequestMax: queries.at(-1),
    queriesPerRequestP50: at(queries, 50),
    queriesPerRequestP95: at(queries, 95),
    queriesPerRequestP99: at(queries, 99),
    queryCount: sum(queries),
    queriesNotObservedCount: answered.length - observed.length,
    databaseShare:
      observedMs > 0
        ? sum(observed.map((record) => Math.min(record.queryTotalMs, record.durationMs))) / observedMs
        : undefined,
    slowRequestCount: answered.filter((record) => record.durationMs >= slowRequestMinMs).length,
    slowQueryCount: sum(observed.flatMap((record) => record.groups.map((group) => group.slowCount))),
  };
}

/** Durations are estimates within the error bound; sums differ by rounding; everything else is exact. */
function expectToMatch(actual: RequestStatistics, exact: RequestStatistics): void {
  const estimates = ['durationMsP50', 'durationMsP95', 'durationMsP99'] as const;
  for (const name of estimates) {
    const value = exact[name] ?? NaN;
    expect(Math.abs((actual[name] ?? NaN) - value), name).toBeLessThanOrEqual(0.011 * value);
  }
  const rounded = ['durationMsAvg', 'totalMs', 'databaseShare', 'queriesPerRequestAvg'] as const;
  for (const name of rounded) expect(actual[name], name).toBeCloseTo(exact[name] ?? NaN, 6);
  const compared = new Set<string>([...estimates, ...rounded]);
  const rest = Object.entries(exact).filter(([name]) => !compared.has(name));
  expect(rest.length).toBe(15);
  expect(actual).toMatchObject(Object.fromEntries(rest));
}

function randomRecords(count: number): RequestRecord[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => {
    const durationMs = Math.exp(8 * random());
    return requestRecord({
      endpoint: `GET /${Math.floor(5 * random())}`,
      durationMs,
      failed: random() < 0.1,
      aborted: random() < 0.1,
      queriesObserved: random() < 0.8,
      queryCount: Math.floor(random() ** 4 * 900),
      queryTotalMs: durationMs * random() * 2,
      slowCounts: [Math.floor(3 * random()), Math.floor(2 * random())],
    });
  }).map((record) => (record.queriesObserved ? record : { ...record, queryCount: 0, queryTotalMs: 0, groups: [] }));
}

describe('statistics over requests', () => {
  it('agree with arrays that are sorted and added up, in all and per endpoint', () => {
    const records = randomRecords(3000);
    const statistics = monitorOf(records).getStatistics();
    expectToMatch(statistics, exactStatistics(records));
    expect(statistics.endpoints.map(({ endpoint }) => endpoint).sort()).toEqual(
      [0, 1, 2, 3, 4].map((n) => `GET /${n}`),
    );
    for (const endpoint of statistics.endpoints) {
      expectToMatch(endpoint, exactStatistics(records.filter((record) => record.endpoint === endpoint.endpoint)));
    }
  });

  it('sort endpoints by total time, equal ones by name', () => {
    const records = [
      requestRecord({ endpoint: 'GET /b', durationMs: 50 }),
      requestRecord({ endpoint: 'GET /c', durationMs: 99 }),
      requestRecord({ endpoint: 'GET /a', durationMs: 20 }),
      requestRecord({ endpoint: 'GET /a', durationMs: 30 }),
    ];
    const { endpoints } = monitorOf(records).getStatistics();
    expect(endpoints.map(({ endpoint, totalMs }) => [endpoint, totalMs])).toEqual([
      ['GET /c', 99],
      ['GET /a', 50],
      ['GET /b', 50],
    ]);
  });

  it('can be asked for one endpoint', () => {
    const records = randomRecords(500);
    const monitor = monitorOf(records);
    const statistics = monitor.getStatistics({ endpoint: 'GET /3' });
    expectToMatch(statistics, exactStatistics(records.filter((record) => record.endpoint === 'GET /3')));
    expect(statistics.endpoints).toHaveLength(1);
    expect(monitor.getStatistics({ endpoint: 'GET /unknown' })).toMatchObject({
      count: 0,
      durationMsP50: undefined,
      endpoints: [],
    });
  });

  it('are the same from the same requests in two monitors, which know nothing of each other', () => {
    const [one, two] = [monitorOf(randomRecords(50)), monitorOf(randomRecords(50))];
    const clock = { sinceMs: 0 };
    expect({ ...one.getStatistics(), ...clock }).toEqual({ ...two.getStatistics(), ...clock });
    one.add(requestRecord());
    expect(one.getStatistics().count).toBe(two.getStatistics().count + 1);
  });

  it('are plain data: what was read does not change with later requests', () => {
    const monitor = monitorOf([requestRecord({ durationMs: 5 })]);
    const before = monitor.getStatistics();
    const copy = structuredClone(before);
    monitor.add(requestRecord({ durationMs: 500 }));
    expect(before).toEqual(copy);
  });
});

describe('statistics without requests', () => {
  it('say undefined for what does not exist yet, and 0 for what was counted', () => {
    const clock = { nowMs: () => 100 };
    const statistics = new PerformanceMonitor({ clock }).getStatistics();
    expect(statistics).toEqual({
      window: 'all',
      sinceMs: 0,
      errorBound: 0.011,
      ...exactStatistics([]),
      lateQueryCount: 0,
      orphanQueryCount: 0,
      requestsInOther: 0,
      endpoints: [],
    });
    expect([statistics.durationMsAvg, statistics.durationMsP99, statistics.databaseShare]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(statistics)).not.toContain('null');
  });
});

describe('requests that say less than others', () => {
  it('are counted apart when their client went away, and spoil no percentile', () => {
    const answered = Array.from({ length: 20 }, () => requestRecord({ durationMs: 10, queryCount: 2 }));
    const aborted = Array.from({ length: 80 }, () =>
      requestRecord({ durationMs: 60_000, aborted: true, failed: true, queryCount: 50, slowCounts: [9] }),
    );
    expect(monitorOf([...answered, ...aborted]).getStatistics()).toMatchObject({
      count: 20,
      abortedCount: 80,
      errorCount: 0,
      durationMsP99: 10,
      durationMsMax: 10,
      totalMs: 200,
      queryCount: 40,
      queriesPerRequestMax: 2,
      slowRequestCount: 0,
      slowQueryCount: 0,
    });
  });

  it('leave the queries per request unknown when nothing observed them, not 0', () => {
    const unobserved = requestRecord({ queriesObserved: false });
    expect(monitorOf([unobserved]).getStatistics()).toMatchObject({
      count: 1,
      queriesNotObservedCount: 1,
      queryCount: 0,
      queriesPerRequestAvg: undefined,
      queriesPerRequestMin: undefined,
      queriesPerRequestP95: undefined,
      databaseShare: undefined,
    });
    const observed = requestRecord({ queryCount: 4, queryTotalMs: 5 });
    expect(monitorOf([unobserved, observed]).getStatistics()).toMatchObject({
      queriesPerRequestAvg: 4,
      databaseShare: 0.5,
    });
  });

  it('are counted, but in no duration, when their duration is none', () => {
    const records = [
      requestRecord({ durationMs: NaN, queryTotalMs: 3 }),
      requestRecord({ durationMs: 8, queryTotalMs: 4 }),
    ];
    expect(monitorOf(records).getStatistics()).toMatchObject({
      count: 2,
      durationsRefusedCount: 1,
      durationMsAvg: 8,
      totalMs: 8,
      databaseShare: 0.5,
    });
  });

  it('give parallel queries no more than the time of their request', () => {
    const records = [
      requestRecord({ durationMs: 100, queryTotalMs: 900, queryCount: 10 }),
      requestRecord({ durationMs: 100, queryTotalMs: 20, queryCount: 1 }),
    ];
    expect(monitorOf(records).getStatistics().databaseShare).toBeCloseTo(0.6);
  });
});

describe('thresholds and bounds', () => {
  it('count a request as slow from the threshold on', () => {
    const records = [999.9, 1000, 1000.1].map((durationMs) => requestRecord({ durationMs }));
    expect(monitorOf(records).getStatistics().slowRequestCount).toBe(2);
    expect(monitorOf(records, { slowRequestMinMs: 1000.1 }).getStatistics().slowRequestCount).toBe(1);
  });

  it('keep 1000 endpoints, and count the requests of further ones as (other)', () => {
    const records = Array.from({ length: 1000 }, (_, n) => requestRecord({ endpoint: `GET /${n}` }));
    const full = monitorOf(records);
    expect(full.getStatistics()).toMatchObject({ count: 1000, requestsInOther: 0 });
    for (const endpoint of ['GET /new', 'GET /newer', 'GET /7', 'GET /new']) full.add(requestRecord({ endpoint }));
    const statistics = full.getStatistics();
    expect(statistics).toMatchObject({ count: 1004, requestsInOther: 3 });
    expect(statistics.endpoints).toHaveLength(1001);
    expect(full.getStatistics({ endpoint: '(other)' }).count).toBe(3);
    expect(full.getStatistics({ endpoint: 'GET /7' }).count).toBe(2);
  });

  it('take another limit on endpoints', () => {
    const records = ['GET /a', 'GET /b', 'GET /c', 'GET /a'].map((endpoint) => requestRecord({ endpoint }));
    const { endpoints, requestsInOther } = monitorOf(records, { maxEndpoints: 1 }).getStatistics();
    expect([endpoints.map(({ endpoint }) => endpoint), requestsInOther]).toEqual([['(other)', 'GET /a'], 2]);
  });

  it('refuse options out of range, all at once', () => {
    expect(() => new PerformanceMonitor({ maxEndpoints: 0, slowRequestMinMs: NaN })).toThrow(
      expect.objectContaining({
        code: 'SLOWPATH_MONITOR_OPTIONS',
        message:
          'PerformanceMonitor: maxEndpoints 0 is not a whole number from 1; the default is 1000. ' +
          'slowRequestMinMs NaN is not a number of milliseconds from 0; the default is 1000.',
      }),
    );
  });

  it('refuse a window that is not known, and name the ones that are', () => {
    const monitor = new PerformanceMonitor();
    for (const window of ['5m', 'toString']) {
      expect(() => monitor.getStatistics({ window: window as 'all' })).toThrow(
        expect.objectContaining({
          code: 'SLOWPATH_STATISTICS_WINDOW',
          message: `There are no statistics for the window '${window}'. Accepted: 'all' (everything since the start or the last reset).`,
        }),
      );
    }
  });
});

describe('the life of a monitor', () => {
  it('measures its window by its clock, and forgets everything on reset', () => {
    let nowMs = 5000;
    const monitor = monitorOf(randomRecords(20), { clock: { nowMs: () => nowMs }, maxEndpoints: 2 });
    monitor.addLateQueries(3);
    monitor.addLateQueries(4);
    monitor.addOrphanQueries(2);
    nowMs = 6500;
    expect(monitor.getStatistics()).toMatchObject({ sinceMs: 1500, lateQueryCount: 7, orphanQueryCount: 2 });
    monitor.reset();
    nowMs = 6600;
    const fresh = new PerformanceMonitor({ clock: { nowMs: () => 0 } }).getStatistics();
    expect(monitor.getStatistics()).toEqual({ ...fresh, sinceMs: 100 });
  });
});
