import { systemClock, type Clock } from '../core/clock.ts';
import { RELATIVE_ERROR_BOUND } from '../core/duration-histogram.ts';
import { SetupError } from '../core/setup-error.ts';
import type { RequestRecord } from '../core/types.ts';
import { EndpointTable } from './endpoint-table.ts';
import { RequestCounts } from './request-counts.ts';
import type { EndpointStatistics, Statistics, StatisticsWindow } from './statistics.ts';

/** Endpoints with statistics of their own; the requests of further ones are counted as `(other)`. */
export const MAX_ENDPOINTS = 1000;
/** A request is slow from this many milliseconds on. */
export const SLOW_REQUEST_MIN_MS = 1000;

const WINDOWS: Readonly<Record<StatisticsWindow, string>> = { all: 'everything since the start or the last reset' };

export interface PerformanceMonitorOptions {
  readonly clock?: Clock;
  /** A whole number from 1; 1000 if not given. */
  readonly maxEndpoints?: number;
  /** Milliseconds from 0; 1000 if not given. */
  readonly slowRequestMinMs?: number;
}

/**
 * Statistics over finished requests, by endpoint and in all, in bounded memory: some 1–3 kB per endpoint.
 * @throws {SetupError} SLOWPATH_MONITOR_OPTIONS, naming every option that is out of range.
 */
export class PerformanceMonitor {
  readonly #clock: Clock;
  readonly #maxEndpoints: number;
  #slowRequestMinMs: number;
  #table: EndpointTable;
  #startMs: number;
  #lateQueryCount = 0;
  #orphanQueryCount = 0;

  constructor(options: PerformanceMonitorOptions = {}) {
    const { clock = systemClock, maxEndpoints = MAX_ENDPOINTS, slowRequestMinMs = SLOW_REQUEST_MIN_MS } = options;
    checkOptions(maxEndpoints, slowRequestMinMs);
    this.#clock = clock;
    this.#maxEndpoints = maxEndpoints;
    this.#slowRequestMinMs = slowRequestMinMs;
    this.#table = new EndpointTable(maxEndpoints);
    this.#startMs = clock.nowMs();
  }

  /** Counts a finished request. */
  add(record: RequestRecord): void {
    this.#table.add(record, this.#slowRequestMinMs);
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
   * The statistics so far, as plain data. With `endpoint` they speak of that endpoint only, and are empty if it was not
   * seen; the late and the orphan queries belong to no endpoint and are given all the same.
   * @throws {SetupError} SLOWPATH_STATISTICS_WINDOW if `window` is none of the accepted names.
   */
  getStatistics(options: { readonly window?: StatisticsWindow; readonly endpoint?: string } = {}): Statistics {
    const { window = 'all', endpoint } = options;
    checkWindow(window);
    // The whole is merged from its parts here, where it is read, so that a request is counted once, not twice.
    const all = new RequestCounts();
    const endpoints: EndpointStatistics[] = [];
    for (const [name, counts] of this.#table.entries()) {
      if (endpoint !== undefined && endpoint !== name) continue;
      all.merge(counts);
      endpoints.push({ endpoint: name, ...counts.toStatistics() });
    }
    return {
      window,
      sinceMs: this.#clock.nowMs() - this.#startMs,
      errorBound: RELATIVE_ERROR_BOUND,
      ...all.toStatistics(),
      lateQueryCount: this.#lateQueryCount,
      orphanQueryCount: this.#orphanQueryCount,
      requestsInOther: this.#table.requestsInOther,
      endpoints: endpoints.sort(byTotalTime),
    };
  }

  /** From how many milliseconds on a request counts as slow, for those to come; `undefined` changes nothing. */
  setSlowRequestMinMs(slowRequestMinMs: number | undefined): void {
    if (slowRequestMinMs === undefined) return;
    checkOptions(this.#maxEndpoints, slowRequestMinMs);
    this.#slowRequestMinMs = slowRequestMinMs;
  }

  /** Forgets everything and starts anew. */
  reset(): void {
    this.#table = new EndpointTable(this.#maxEndpoints);
    this.#startMs = this.#clock.nowMs();
    this.#lateQueryCount = 0;
    this.#orphanQueryCount = 0;
  }
}

/** Most time first; equal ones by name, so that the order is the same on every run. */
function byTotalTime(a: EndpointStatistics, b: EndpointStatistics): number {
  return b.totalMs - a.totalMs || (a.endpoint < b.endpoint ? -1 : 1);
}

function checkWindow(window: string): void {
  if (Object.hasOwn(WINDOWS, window)) return;
  const accepted = Object.entries(WINDOWS).map(([name, meaning]) => `'${name}' (${meaning})`);
  throw new SetupError(
    'SLOWPATH_STATISTICS_WINDOW',
    `There are no statistics for the window '${window}'. Accepted: ${accepted.join(', ')}.`,
  );
}

function checkOptions(maxEndpoints: number, slowRequestMinMs: number): void {
  const problems: string[] = [];
  if (!(Number.isSafeInteger(maxEndpoints) && maxEndpoints >= 1)) {
    problems.push(`maxEndpoints ${maxEndpoints} is not a whole number from 1; the default is ${MAX_ENDPOINTS}.`);
  }
  if (!(slowRequestMinMs >= 0 && slowRequestMinMs < Infinity)) {
    problems.push(
      `slowRequestMinMs ${slowRequestMinMs} is not a number of milliseconds from 0; the default is ${SLOW_REQUEST_MIN_MS}.`,
    );
  }
  if (problems.length > 0)
    throw new SetupError('SLOWPATH_MONITOR_OPTIONS', `PerformanceMonitor: ${problems.join(' ')}`);
}
