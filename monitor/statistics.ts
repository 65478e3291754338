import type { Endpoint } from '../core/types.ts';

/** The stretch of time that statistics speak of. `all`: since the start of the monitor or its last reset. */
export type StatisticsWindow = 'all';

/**
 * Statistics over requests. Times are milliseconds; what needs at least one request is `undefined` while there is none.
 * All but `abortedCount` leave out the requests whose client went away: their length is the client's patience.
 */
export interface RequestStatistics {
  readonly count: number;
  /** 5xx, or a root span with status ERROR. */
  readonly errorCount: number;
  readonly abortedCount: number;
  readonly durationMsAvg: number | undefined;
  readonly durationMsMin: number | undefined;
  readonly durationMsMax: number | undefined;
  /** The nearest rank, with a relative error of at most `errorBound`; so the next two. */
  readonly durationMsP50: number | undefined;
  readonly durationMsP95: number | undefined;
  readonly durationMsP99: number | undefined;
  /** Sum of the durations. */
  readonly totalMs: number;
  /** Requests whose duration was negative or no number: in `count`, in no duration. */
  readonly durationsRefusedCount: number;
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
  /** Requests of at least the monitor's `slowRequestMinMs`. */
  readonly slowRequestCount: number;
  readonly slowQueryCount: number;
}

export interface EndpointStatistics extends RequestStatistics {
  readonly endpoint: Endpoint;
}

/** Plain data, safe to serialise. */
export interface Statistics extends RequestStatistics {
  readonly window: StatisticsWindow;
  /** Length of the window so far, milliseconds. */
  readonly sinceMs: number;
  /** The relative error of the duration percentiles, 0–1. */
  readonly errorBound: number;
  /** Queries that ended after their request: in no other count. */
  readonly lateQueryCount: number;
  /** Queries that ran outside of any request: in no other count. */
  readonly orphanQueryCount: number;
  /** Requests, aborted ones included, of the endpoints that found no place and are counted as `(other)`. */
  readonly requestsInOther: number;
  /** By total time, most first. */
  readonly endpoints: readonly EndpointStatistics[];
}
