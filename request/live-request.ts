import { CallGroups, type CallEvent } from '../analysis/call-groups.ts';
import { findInRequest, type ThresholdOverrides } from '../analysis/find-in-request.ts';
import { QueryGroups } from '../analysis/query-groups.ts';
import type { RecordLimits } from '../analysis/record-limits.ts';
import type { Suppressor } from '../analysis/suppressor.ts';
import type { CacheResult } from '../core/cache-result.ts';
import type { Finding } from '../core/finding.ts';
import type {
  AnalyzedRequest,
  CallSite,
  ConnectionKind,
  Endpoint,
  QueryEvent,
  QueryFingerprint,
  RequestKind,
  RequestRecord,
  SpanId,
  TraceId,
} from '../core/types.ts';
import { CacheUse } from './cache-use.ts';
import { CallEntries, type EntryPoint } from './call-site-entries.ts';
import { withCallSites } from './call-site-findings.ts';
import type { CallSites } from './call-sites.ts';
import { OpenTransactions, type HoldMark } from './open-transactions.ts';

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
  readonly limits: RecordLimits;
  /** Without it no finding names a line of the application. */
  readonly callSites?: CallSites;
}

/** How a finished request is looked at. */
export interface RequestAnalysis {
  readonly thresholds: ThresholdOverrides;
  /** Takes out the findings that the user does not want to hear of. */
  readonly suppressor?: Suppressor | undefined;
  /** Takes what a detector threw. */
  readonly onFault: (code: string, thrown: unknown) => void;
}

/** What is known only when it ends. */
export interface RequestEnd {
  readonly endpoint: Endpoint;
  readonly statusCode: number;
  readonly failed: boolean;
  readonly aborted: boolean;
  readonly connection: ConnectionKind;
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
  readonly #transactions = new OpenTransactions();
  #calls: CallGroups | undefined;
  #cache: CacheUse | undefined;
  #entries: CallEntries | undefined;
  #transactionCount = 0;
  #closed = false;
  /** `http.route` taken from a nested span, when the root never learns it. */
  route: string | undefined = undefined;
  /** The client went away before the response was written. */
  aborted = false;
  /** The response is a stream of events: it ends when the client has had enough. */
  stream = false;

  constructor(start: RequestStart) {
    this.start = start;
    this.#groups = new QueryGroups(start.limits);
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

  /**
   * The application asks for something: to be called while it is on the stack. `text` and `system` are those of
   * `CallEntries.enter`. Takes the stack of repeats.
   */
  enter(text: string, system: string, point: EntryPoint, spanId?: SpanId): void {
    const { callSites } = this.start;
    if (this.#closed || callSites === undefined) return;
    (this.#entries ??= new CallEntries(callSites)).enter(text, system, point, spanId);
  }

  /** The line of a statement, as its span or a comment in it tells; a stack knows better. */
  tellCallSite(fingerprint: QueryFingerprint, callSite: CallSite): void {
    const { callSites } = this.start;
    if (this.#closed || callSites === undefined) return;
    (this.#entries ??= new CallEntries(callSites)).told(fingerprint, callSite);
  }

  /** A statement has started, transaction control included; `statementEnded` must follow. */
  statementStarted(): void {
    this.#transactions.queryStarted();
  }

  statementEnded(): void {
    this.#transactions.queryEnded();
  }

  /** Counts a query. False when the request is over: the query came late and belongs to no request's counts. */
  addQuery(query: QueryEvent): boolean {
    if (this.#closed) return false;
    this.#groups.add(query, this.#transactions.isOpen ? this.#transactionCount : 0);
    return true;
  }

  /** Counts a BEGIN that has ended. */
  beginTransaction(): void {
    if (this.#closed) return;
    this.#transactionCount++;
    this.#transactions.begin();
  }

  /** A COMMIT or ROLLBACK has ended. `rolledBack`: what the transaction did was taken back. */
  endTransaction(rolledBack = false): void {
    this.#transactions.end(rolledBack);
  }

  /** To be called when an HTTP call starts; what it returns goes to `addCall` when the call has ended. */
  callStarted(): HoldMark {
    return this.#transactions.callStarted();
  }

  /** Counts a call to another service that has ended. False when the request is over. */
  addCall(call: CallEvent, mark: HoldMark = -1): boolean {
    if (this.#closed) return false;
    (this.#calls ??= new CallGroups(this.start.limits.longCallMinMs, this.start.limits.callGapMaxMs)).add(call);
    this.#transactions.callEnded(mark, call);
    return true;
  }

  /** What it did with caches so far; `undefined` while it did nothing. */
  get cacheUse(): CacheUse | undefined {
    return this.#cache;
  }

  /** Counts a look-up in a cache: see `CacheUse`. After the end of the request it is nobody's. */
  addCacheLookup(result: CacheResult, savedMs: number, freshMs: number): void {
    if (!this.#closed) (this.#cache ??= new CacheUse()).add(result, savedMs, freshMs);
  }

  /** Counts a computation that filled a cache for this request. */
  addCacheCompute(durationMs: number): void {
    if (!this.#closed) (this.#cache ??= new CacheUse()).addCompute(durationMs);
  }

  /** Ends the record and runs the detectors. Call once; a second call finds nothing new and must not be made. */
  close(end: RequestEnd, analysis: RequestAnalysis): AnalyzedRequest {
    this.#closed = true;
    const { thresholds, suppressor, onFault } = analysis;
    const blank: RequestRecord = {
      traceId: this.start.traceId,
      rootSpanId: this.start.rootSpanId,
      kind: this.start.kind,
      sampled: this.start.sampled,
      slowQueryMinMs: this.start.limits.slowQueryMinMs,
      ...end,
      queryCount: this.#groups.queryCount,
      queryTotalMs: this.#groups.queryTotalMs,
      queryUnionMs: this.#groups.queryUnionMs,
      transactionCount: this.#transactionCount,
      rollbackCount: this.#transactions.rollbackCount,
      groups: this.#groups.toGroups(),
      longQueries: this.#groups.longQueries,
      calls: this.#calls?.toGroups() ?? [],
      longCalls: this.#calls?.longCalls ?? [],
      heldTransactions: this.#transactions.held,
      ...(this.#cache !== undefined && { cache: this.#cache.toCounts() }),
      queriesNotGrouped: this.#groups.notGrouped,
      callsNotGrouped: this.#calls?.notGrouped ?? 0,
    };
    const first = findInRequest(blank, thresholds, onFault);
    const record = this.#withCallSites(blank, first, onFault);
    const found = record === blank ? first : findInRequest(record, thresholds, onFault);
    const findings = suppressor === undefined ? found : found.filter((finding) => !suppressor.takesOut(finding));
    return { ...record, findings, findingsSuppressed: found.length - findings.length };
  }
  /** Detectors read records alone: what they find decides whose lines are looked up, and then they read them. */
  #withCallSites(record: RequestRecord, found: readonly Finding[], onFault: RequestAnalysis['onFault']): RequestRecord {
    const { callSites } = this.start;
    const entries = this.#entries;
    this.#entries = undefined;
    if (callSites === undefined || found.length === 0) return record;
    try {
      return withCallSites(record, found, entries, callSites) ?? record;
    } catch (thrown) {
      onFault('call sites', thrown);
      return record;
    }
  }
}
