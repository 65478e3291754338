import { systemClock } from '../core/clock.ts';
import { RELATIVE_ERROR_BOUND } from '../core/duration-histogram.ts';
import type { Endpoint } from '../core/types.ts';
import { EndpointSeries, OTHER_ENDPOINTS } from './endpoint-series.ts';
import { HandTracking, type TrackedQuery, type TrackingOutcome } from './hand-tracking.ts';
import {
  checkMonitorOptions,
  MAX_ENDPOINTS,
  MAX_QUERIES,
  SLOW_REQUEST_MIN_MS,
  type PerformanceMonitorOptions,
} from './monitor-options.ts';
import type { MonitoredQueries, MonitoredRequest } from './monitored-request.ts';
import { QueryCounts } from './query-counts.ts';
import { OTHER_QUERIES, QuerySeries } from './query-series.ts';
import { byDurationP95, byTotalTime } from './rankings.ts';
import { RequestCounts } from './request-counts.ts';
import { BoundedSeries } from './bounded-series.ts';
import type {
  EndpointStatistics,
  QueryReport,
  QueryStatistics,
  QueryWindow,
  Statistics,
  StatisticsWindow,
} from './statistics.ts';
import { SteadyClock } from './steady-clock.ts';
import { checkWindow, ENDPOINT_LEVELS, QUERY_LEVELS, windowLengthMs } from './windows.ts';

export type { PerformanceMonitorOptions } from './monitor-options.ts';

/** How many entries a list of the slowest or the costliest has if nothing else is said. */
const LIST_LENGTH = 10;

/**
 * Statistics over finished requests, by endpoint, by query shape and in all, for several windows of time. In bounded memory,
 * without a timer: time moves when something is added or read.
 * @throws {SetupError} SLOWPATH_MONITOR_OPTIONS, naming every option that is out of range.
 */
export class PerformanceMonitor {
  readonly #options: Required<PerformanceMonitorOptions>;
  readonly #tracking = new HandTracking((request) => this.add(request));
  #slowRequestMinMs: number;
  #clock: SteadyClock;
  #endpoints: BoundedSeries<Endpoint, EndpointSeries>;
  /** By fingerprint; of further systems than the first by fingerprint and system. */
  #queries: BoundedSeries<string, QuerySeries>;
  #system: string | undefined;
  #lateQueryCount = 0;
  #orphanQueryCount = 0;
  #queriesNotGroupedCount = 0;

  constructor(options: PerformanceMonitorOptions = {}) {
    const { clock = systemClock, maxEndpoints = MAX_ENDPOINTS, maxQueries = MAX_QUERIES } = options;
    const { slowRequestMinMs = SLOW_REQUEST_MIN_MS } = options;
    this.#options = { clock, maxEndpoints, maxQueries, slowRequestMinMs };
    checkMonitorOptions(this.#options);
    this.#slowRequestMinMs = slowRequestMinMs;
    this.#clock = new SteadyClock(clock);
    this.#endpoints = endpointTable(maxEndpoints);
    this.#queries = queryTable(maxQueries);
  }

  /** Counts a finished request. */
  add(request: MonitoredRequest): void {
    const elapsedMs = this.#clock.elapsedMs();
    const name = request.endpoint;
    const endpoint = this.#endpoints.find(name) ?? this.#endpoints.add(name, new EndpointSeries(name));
    endpoint.counts.at(elapsedMs).add(request, this.#slowRequestMinMs);
    const queries = this.#queries;
    for (const group of request.groups) {
      const key = this.#keyOf(group);
      const series = queries.find(key) ?? queries.add(key, new QuerySeries(group));
      series.add(group, endpoint, elapsedMs);
    }
    this.#queriesNotGroupedCount += request.queriesNotGrouped;
  }

  /** A fingerprint is that of the text alone. Most processes have one system: its key is the fingerprint as it is. */
  #keyOf({ fingerprint, system }: MonitoredQueries): string {
    this.#system ??= system;
    return system === this.#system ? fingerprint : `${fingerprint}\n${system}`;
  }

  /** Counts queries that ended after their request. */
  addLateQueries(count: number): void {
    this.#lateQueryCount += count;
  }

  /** Counts queries that ran outside of any request. */
  addOrphanQueries(count: number): void {
    this.#orphanQueryCount += count;
  }

  /**
   * The statistics of a window, `all` if none is named, as plain data. With `endpoint` they speak of that endpoint only, and
   * are empty if it was not seen; what belongs to no endpoint (late and orphan queries) is given all the same.
   * @throws {SetupError} SLOWPATH_STATISTICS_WINDOW if `window` is none of the accepted names.
   */
  getStatistics(options: { readonly window?: StatisticsWindow; readonly endpoint?: string } = {}): Statistics {
    const { window = 'all', endpoint } = options;
    checkWindow(window, ENDPOINT_LEVELS);
    const elapsedMs = this.#clock.elapsedMs();
    const sinceMs = windowLengthMs(window, ENDPOINT_LEVELS, elapsedMs);
    // The whole is added up from its parts here, where it is read, so that a request is counted once, not twice.
    const all = new RequestCounts();
    const one = new RequestCounts();
    const endpoints: EndpointStatistics[] = [];
    let requestsInOther = 0;
    for (const series of this.#endpoints.series()) {
      const isWanted = endpoint === undefined || endpoint === series.endpoint;
      const isOther = series === this.#endpoints.other;
      if (!isWanted && !isOther) continue;
      one.clear();
      series.counts.addTo(one, window, elapsedMs);
      if (isOther) requestsInOther = one.everyRequestCount;
      if (!isWanted || one.isEmpty) continue;
      all.merge(one);
      endpoints.push({ endpoint: series.endpoint, ...one.toStatistics(sinceMs) });
    }
    return {
      window,
      sinceMs,
      errorBound: RELATIVE_ERROR_BOUND,
      ...all.toStatistics(sinceMs),
      lateQueryCount: this.#lateQueryCount,
      orphanQueryCount: this.#orphanQueryCount,
      trackingsNotEndedCount: this.#tracking.notEndedCount,
      requestsInOther,
      endpoints: endpoints.sort(byTotalTime(({ endpoint }) => endpoint)),
    };
  }

  /**
   * The queries by shape, with the endpoints that ran them, as plain data. Window: `all` if none is named, or `5m`.
   * @throws {SetupError} SLOWPATH_STATISTICS_WINDOW if `window` is neither.
   */
  getQueryStatistics({ window = 'all' }: { readonly window?: QueryWindow } = {}): QueryReport {
    checkWindow(window, QUERY_LEVELS);
    const elapsedMs = this.#clock.elapsedMs();
    const one = new QueryCounts();
    const queries: QueryStatistics[] = [];
    let queriesInOther = 0;
    for (const series of this.#queries.series()) {
      one.clear();
      series.counts.addTo(one, window, elapsedMs);
      if (series === this.#queries.other) queriesInOther = one.count;
      if (!one.isEmpty) queries.push(series.describe(one));
    }
    return {
      window,
      sinceMs: windowLengthMs(window, QUERY_LEVELS, elapsedMs),
      errorBound: RELATIVE_ERROR_BOUND,
      queries: queries.sort(byTotalTime(({ fingerprint }) => fingerprint)),
      queriesInOther,
      queriesNotGroupedCount: this.#queriesNotGroupedCount,
    };
  }

  /** The endpoints that had slow requests, the one with the highest 95th percentile first. Ten, if `limit` says nothing else. */
  slowEndpoints(
    options: { readonly window?: StatisticsWindow; readonly limit?: number } = {},
  ): readonly EndpointStatistics[] {
    const { window = 'all', limit = LIST_LENGTH } = options;
    const { endpoints } = this.getStatistics({ window });
    return byDurationP95(endpoints.filter(({ slowRequestCount }) => slowRequestCount > 0)).slice(0, limit);
  }

  /** The query shapes that had slow queries, the one with the highest 95th percentile first. */
  slowQueries(options: { readonly window?: QueryWindow; readonly limit?: number } = {}): readonly QueryStatistics[] {
    const { window = 'all', limit = LIST_LENGTH } = options;
    const { queries } = this.getQueryStatistics({ window });
    return byDurationP95(queries.filter(({ slowQueryCount }) => slowQueryCount > 0)).slice(0, limit);
  }

  /** The `n` endpoints and the `n` query shapes that took the most time. */
  topByTotalTime(
    n: number = LIST_LENGTH,
    { window = 'all' }: { readonly window?: QueryWindow } = {},
  ): { readonly endpoints: readonly EndpointStatistics[]; readonly queries: readonly QueryStatistics[] } {
    const { endpoints } = this.getStatistics({ window });
    const { queries } = this.getQueryStatistics({ window });
    return { endpoints: endpoints.slice(0, n), queries: queries.slice(0, n) };
  }

  /** From how many milliseconds on a request counts as slow, for those to come; `undefined` changes nothing. */
  setSlowRequestMinMs(slowRequestMinMs: number | undefined): void {
    if (slowRequestMinMs === undefined) return;
    checkMonitorOptions({ ...this.#options, slowRequestMinMs });
    this.#slowRequestMinMs = slowRequestMinMs;
  }

  /** Forgets everything, open trackings included, and starts anew. */
  reset(): void {
    this.#clock = new SteadyClock(this.#options.clock);
    this.#endpoints = endpointTable(this.#options.maxEndpoints);
    this.#queries = queryTable(this.#options.maxQueries);
    this.#tracking.reset();
    this.#lateQueryCount = this.#orphanQueryCount = this.#queriesNotGroupedCount = 0;
  }

  /**
   * Begins a request that is tracked by hand. `endpoint` is its route (`/orders/:id`), never the path. An id that is open
   * already starts over; what it had is counted in `trackingsNotEndedCount`. Throws nothing; so the next three.
   */
  startTracking(id: string, endpoint: string, method: string): TrackingOutcome {
    return this.#tracking.start(id, endpoint, method, this.#clock.elapsedMs());
  }

  /** Counts a query of a tracked request. With its text it is counted under its shape, too. */
  recordQuery(id: string, durationMs: number, query: TrackedQuery = {}): TrackingOutcome {
    return this.#tracking.recordQuery(id, durationMs, query);
  }

  /** Counts a look-up in a cache by a tracked request: a hit, or with `false` a miss. */
  recordCacheHit(id: string, hit = true): TrackingOutcome {
    return this.#tracking.recordCacheHit(id, hit);
  }

  /** Ends a tracked request and counts it. */
  endTracking(id: string, statusCode: number): TrackingOutcome {
    return this.#tracking.end(id, statusCode, this.#clock.elapsedMs());
  }
}

function endpointTable(limit: number): BoundedSeries<Endpoint, EndpointSeries> {
  return new BoundedSeries(limit, OTHER_ENDPOINTS, new EndpointSeries(OTHER_ENDPOINTS));
}

function queryTable(limit: number): BoundedSeries<string, QuerySeries> {
  const names = { fingerprint: OTHER_QUERIES, system: '', text: '', summary: OTHER_QUERIES };
  return new BoundedSeries(limit, OTHER_QUERIES, new QuerySeries(names));
}
