import type { Endpoint, QueryFingerprint } from '../core/types.ts';

/** The stretch of time that statistics speak of. `all`: since the start of the monitor or its last reset. */
export type StatisticsWindow = '1m' | '5m' | '1h' | 'all';

/** Queries are kept for fewer windows than requests: there are more shapes of them. */
export type QueryWindow = '5m' | 'all';

/**
 * Durations, in milliseconds. What needs at least one is `undefined` while there is none; percentiles are the nearest rank,
 * with a relative error of at most `errorBound`.
 */
export interface DurationStatistics {
  readonly durationMsAvg: number | undefined;
  readonly durationMsMin: number | undefined;
  readonly durationMsMax: number | undefined;
  readonly durationMsP50: number | undefined;
  readonly durationMsP95: number | undefined;
  readonly durationMsP99: number | undefined;
  /** Sum of the durations. */
  readonly totalMs: number;
  /** Durations that were negative or no number: they are counted in `count`, and in no duration. */
  readonly durationsRefusedCount: number;
}

/**
 * Statistics over requests. What needs at least one request is `undefined` while there is none. All but `abortedCount`,
 * `streamCount` and `upgradeCount` leave out the requests that stand apart: their length is what their client liked.
 */
export interface RequestStatistics extends DurationStatistics {
  readonly count: number;
  /** `count` over the length of the window; `undefined` while it has none. */
  readonly requestsPerSecond: number | undefined;
  /** 5xx, or a root span with status ERROR. */
  readonly errorCount: number;
  /** The client went away before the answer was written. */
  readonly abortedCount: number;
  /** Streams of server-sent events. */
  readonly streamCount: number;
  /** Connections that became something else, such as a WebSocket. */
  readonly upgradeCount: number;
  /** Queries per request speak of the requests whose queries were observed. */
  readonly queriesPerRequestAvg: number | undefined;
  readonly queriesPerRequestMin: number | undefined;
  readonly queriesPerRequestMax: number | undefined;
  /** A whole number, exact up to 1000; so the next two. */
  readonly queriesPerRequestP50: number | undefined;
  readonly queriesPerRequestP95: number | undefined;
  readonly queriesPerRequestP99: number | undefined;
  readonly queryCount: number;
  /** Requests that ran while nothing observed a database: how many queries they made is not known. */
  readonly queriesNotObservedCount: number;
  /** Query time over request time, 0–1. Parallel queries of a request count for no more than the request took. */
  readonly databaseShare: number | undefined;
  /** Look-ups in a cache, those that found a value, and their share, 0–1: `undefined` when nothing was looked up. */
  readonly cacheLookupCount: number;
  readonly cacheHitCount: number;
  readonly cacheHitRate: number | undefined;
  /** Hits whose value was past its time. */
  readonly cacheStaleHitCount: number;
  /** Look-ups that waited for the computation of another: no hits. */
  readonly cacheCoalescedCount: number;
  /** Requests that looked something up; and the share of them that found all of it, 0–1: what `X-Cache-Hit` says. */
  readonly cacheRequestCount: number;
  readonly cacheAllHitRate: number | undefined;
  /** Time that requests spent computing what a cache lacked. */
  readonly cacheComputeMsTotal: number;
  /** What the values that were found took to compute: an estimate of what caches have saved. */
  readonly cacheSavedMsTotal: number;
  /** Requests of at least the monitor's `slowRequestMinMs`. */
  readonly slowRequestCount: number;
  readonly slowQueryCount: number;
}

export interface EndpointStatistics extends RequestStatistics {
  readonly endpoint: Endpoint;
}

/** What statistics of any kind speak of. */
export interface StatisticsScope<Window extends StatisticsWindow> {
  readonly window: Window;
  /** How long the window has been so far, milliseconds. */
  readonly sinceMs: number;
  /** The relative error of the duration percentiles, 0–1. */
  readonly errorBound: number;
}

/** Plain data, safe to serialise. */
export interface Statistics extends StatisticsScope<StatisticsWindow>, RequestStatistics {
  /** Queries that ended after their request: in no other count. Since the start or the last reset; so the next two. */
  readonly lateQueryCount: number;
  /** Queries that ran outside of any request: in no other count. */
  readonly orphanQueryCount: number;
  /** Requests that `startTracking` began and that nobody ended in time: in no other count. */
  readonly trackingsNotEndedCount: number;
  /** Requests of every kind whose endpoints found no place and are counted as `(other)`. */
  readonly requestsInOther: number;
  /** By total time, most first. */
  readonly endpoints: readonly EndpointStatistics[];
}

/** Numbers over the queries of one shape, those of aborted requests and of streams included. */
export interface QueryNumbers extends DurationStatistics {
  readonly count: number;
  readonly errorCount: number;
  /**
   * Of the queries of one shape in one request, the first 100 durations are known; of those beyond, the least, the greatest and
   * the sum. This many were taken to be as long as their mean: `errorBound` does not hold for them.
   */
  readonly durationsAveragedCount: number;
  /** Queries of at least the `slow-query` threshold. */
  readonly slowQueryCount: number;
  /** Sum of the rows of those queries whose driver said; `rowsKnownCount` says how many did. */
  readonly rowCount: number;
  readonly rowsKnownCount: number;
  readonly rowsPerQueryAvg: number | undefined;
  readonly rowsPerQueryMax: number | undefined;
}

export interface QueryStatistics extends QueryNumbers {
  readonly fingerprint: QueryFingerprint;
  /** `db.system.name`. */
  readonly system: string;
  /** Without literals; the first 500 characters. */
  readonly text: string;
  readonly summary: string;
  /** The first ten endpoints that ran it, since the start or the last reset. */
  readonly endpoints: readonly Endpoint[];
  /** Queries of this shape that ran in further endpoints, since the start or the last reset. */
  readonly unlistedEndpointsCount: number;
}

/** Plain data, safe to serialise. */
export interface QueryReport extends StatisticsScope<QueryWindow> {
  /** By total time, most first. */
  readonly queries: readonly QueryStatistics[];
  /** Queries whose shapes found no place and are counted as `(other)`. */
  readonly queriesInOther: number;
  /** Queries beyond the bound on the shapes of one request: in no shape. Since the start or the last reset. */
  readonly queriesNotGroupedCount: number;
}
