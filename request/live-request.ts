import { findInRequest, type ThresholdOverrides } from '../analysis/find-in-request.ts';
import { QueryGroups } from '../analysis/query-groups.ts';
import type {
  AnalyzedRequest,
  Endpoint,
  QueryEvent,
  RequestKind,
  RequestRecord,
  SpanId,
  TraceId,
} from '../core/types.ts';

/** What a request knows when it starts. */
export interface RequestStart {
  readonly traceId: TraceId;
  readonly rootSpanId: SpanId;
  readonly kind: RequestKind;
  readonly sampled: boolean;
  /** The root span's start, `[seconds, nanoseconds]` of the wall clock: what the starts of its queries are counted from. */
  readonly startTime: readonly [number, number];
  /** On the monotonic clock, for the headers. */
  readonly startedAtMs: number;
  readonly slowQueryMinMs: number;
}

/** What is known only when it ends. */
export interface RequestEnd {
  readonly endpoint: Endpoint;
  readonly statusCode: number;
  readonly failed: boolean;
  readonly aborted: boolean;
  readonly durationMs: number;
  readonly queriesObserved: boolean;
}

/**
 * The record of a request in flight. Spans reach it along the span chain; it keeps no span itself,
 * so that a forgotten reference to it holds some hundred bytes and not a trace.
 */
export class LiveRequest {
  readonly start: RequestStart;
  readonly #groups: QueryGroups;
  #transactionCount = 0;
  #closed = false;
  /** `http.route` taken from a nested span, when the root never learns it. */
  route: string | undefined = undefined;
  /** The client went away before the response was written. */
  aborted = false;

  constructor(start: RequestStart) {
    this.start = start;
    this.#groups = new QueryGroups(start.slowQueryMinMs);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Data statements that have ended so far. */
  get queryCount(): number {
    return this.#groups.queryCount;
  }

  /** Milliseconds, the sum of their durations. */
  get queryTotalMs(): number {
    return this.#groups.queryTotalMs;
  }

  /** Counts a query. False when the request is over: the query came late and belongs to no request's counts. */
  addQuery(query: QueryEvent): boolean {
    if (this.#closed) return false;
    this.#groups.add(query);
    return true;
  }

  /** Counts a BEGIN. */
  addTransaction(): void {
    if (!this.#closed) this.#transactionCount++;
  }

  /** Ends the record and runs the detectors. Call once; a second call finds nothing new and must not be made. */
  close(
    end: RequestEnd,
    thresholds: ThresholdOverrides,
    onFault: (code: string, thrown: unknown) => void,
  ): AnalyzedRequest {
    this.#closed = true;
    const record: RequestRecord = {
      traceId: this.start.traceId,
      rootSpanId: this.start.rootSpanId,
      kind: this.start.kind,
      sampled: this.start.sampled,
      slowQueryMinMs: this.start.slowQueryMinMs,
      ...end,
      queryCount: this.#groups.queryCount,
      queryTotalMs: this.#groups.queryTotalMs,
      transactionCount: this.#transactionCount,
      groups: this.#groups.toGroups(),
      queriesNotGrouped: this.#groups.notGrouped,
    };
    return { ...record, findings: findInRequest(record, thresholds, onFault) };
  }
}
