import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/clock.ts';
import type { RequestRecord } from '../../core/types.ts';
import { PerformanceMonitor, type PerformanceMonitorOptions } from '../../monitor/performance-monitor.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { exactStatistics, expectToMatch } from './exact-statistics.ts';
import { requestRecord } from './request-record.ts';

const still: Clock = { nowMs: () => 100 };

function monitorOf(records: readonly RequestRecord[], options: PerformanceMonitorOptions = {}) {
  const monitor = new PerformanceMonitor({ clock: still, ...options });
  for (const record of records) monitor.add(record);
  return monitor;
}

function randomCacheUse(random: () => number) {
  const hits = Math.floor(4 * random());
  return {
    lookups: 3,
    hits,
    staleHits: Math.floor(hits * random()),
    coalesced: Math.floor((4 - hits) * random()),
    computeMs: 7 * random(),
    savedMs: 90 * random(),
  };
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
      connection: random() < 0.9 ? 'request' : random() < 0.5 ? 'stream' : 'upgrade',
      ...(random() < 0.5 && { cache: randomCacheUse(random) }),
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
    expect(one.getStatistics()).toEqual(two.getStatistics());
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
    const statistics = new PerformanceMonitor({ clock: still }).getStatistics();
    expect(statistics).toEqual({
      window: 'all',
      sinceMs: 0,
      errorBound: 0.011,
      ...exactStatistics([]),
      lateQueryCount: 0,
      orphanQueryCount: 0,
      trackingsNotEndedCount: 0,
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

  it('are counted apart when they are streams or upgraded connections, whoever ended them', () => {
    const lasting = [
      requestRecord({ connection: 'stream', durationMs: 900_000, aborted: true, queryCount: 70 }),
      requestRecord({ connection: 'stream', durationMs: 800_000 }),
      requestRecord({ connection: 'upgrade', durationMs: 3_600_000, failed: true, slowCounts: [4] }),
    ];
    expect(monitorOf([requestRecord({ durationMs: 10 }), ...lasting]).getStatistics()).toMatchObject({
      count: 1,
      streamCount: 2,
      upgradeCount: 1,
      abortedCount: 0,
      errorCount: 0,
      durationMsMax: 10,
      totalMs: 10,
      queryCount: 0,
      slowRequestCount: 0,
      slowQueryCount: 0,
    });
    // An endpoint of nothing but streams is still an endpoint.
    expect(monitorOf(lasting).getStatistics().endpoints).toMatchObject([{ count: 0, streamCount: 2, upgradeCount: 1 }]);
  });

  it('leave the cache hit rate unknown while nothing was looked up, and weigh requests by their look-ups', () => {
    expect(monitorOf([requestRecord()]).getStatistics().cacheHitRate).toBeUndefined();
    const records = [{ lookups: 1, hits: 1 }, { lookups: 9, hits: 0 }, undefined].map((cache) =>
      requestRecord(cache === undefined ? {} : { cache }),
    );
    expect(monitorOf(records).getStatistics()).toMatchObject({
      cacheLookupCount: 10,
      cacheHitCount: 1,
      cacheHitRate: 0.1,
    });
  });

  it('tell the share of requests that were answered from a cache alone, which is not the hit rate', () => {
    const bypassed = requestRecord({ cache: { lookups: 0, hits: 0, bypassed: 3 } });
    expect(monitorOf([requestRecord(), bypassed]).getStatistics()).toMatchObject({
      cacheRequestCount: 0,
      cacheAllHitRate: undefined,
      cacheHitRate: undefined,
    });
    const uses = [
      { lookups: 4, hits: 4, staleHits: 1, savedMs: 80 },
      { lookups: 4, hits: 3, computeMs: 20, savedMs: 60 },
      { lookups: 2, hits: 1, coalesced: 1, savedMs: 20 },
      { lookups: 2, hits: 2, savedMs: 40 },
    ];
    const records = [requestRecord(), bypassed, ...uses.map((cache) => requestRecord({ cache }))];
    expect(monitorOf(records).getStatistics()).toMatchObject({
      cacheRequestCount: 4,
      cacheAllHitRate: 0.5,
      cacheHitRate: 10 / 12,
      cacheStaleHitCount: 1,
      cacheCoalescedCount: 1,
      cacheComputeMsTotal: 20,
      cacheSavedMsTotal: 200,
    });
    // An aborted request is in no number but its own.
    const aborted = requestRecord({ aborted: true, cache: { lookups: 9, hits: 0 } });
    expect(monitorOf([...records, aborted]).getStatistics()).toMatchObject({ cacheRequestCount: 4, abortedCount: 1 });
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
    expect(() => new PerformanceMonitor({ maxEndpoints: 0, maxQueries: 1.5, slowRequestMinMs: NaN })).toThrow(
      expect.objectContaining({
        code: 'SLOWPATH_MONITOR_OPTIONS',
        message:
          'PerformanceMonitor: maxEndpoints 0 is not a whole number from 1; the default is 1000. ' +
          'maxQueries 1.5 is not a whole number from 1; the default is 5000. ' +
          'slowRequestMinMs NaN is not a number of milliseconds from 0; the default is 1000.',
      }),
    );
  });

  it('refuse a window that is not known, and name the ones that are', () => {
    const monitor = new PerformanceMonitor();
    for (const window of ['2m', 'toString']) {
      expect(() => monitor.getStatistics({ window: window as 'all' })).toThrow(
        expect.objectContaining({
          code: 'SLOWPATH_STATISTICS_WINDOW',
          message:
            `There are no such statistics for the window '${window}'. Accepted: '1m' (the last minute), ` +
            `'5m' (the last five minutes), '1h' (the last hour), 'all' (everything since the start or the last reset).`,
        }),
      );
    }
  });
});

describe('the life of a monitor', () => {
  it('changes from when a request counts as slow for the requests to come', () => {
    const monitor = monitorOf([requestRecord({ durationMs: 600 })]);
    monitor.setSlowRequestMinMs(500);
    monitor.setSlowRequestMinMs(undefined);
    monitor.add(requestRecord({ durationMs: 600 }));
    expect(monitor.getStatistics().slowRequestCount).toBe(1);
    expect(() => monitor.setSlowRequestMinMs(-1)).toThrow('slowRequestMinMs -1 is not a number of milliseconds');
  });

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
    expect(monitor.getStatistics()).toEqual({ ...fresh, sinceMs: 100, requestsPerSecond: 0 });
  });
});
