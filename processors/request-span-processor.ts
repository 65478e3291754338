import { diag, trace, TraceFlags, type Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ThresholdOverrides } from '../analysis/find-in-request.ts';
import { recordLimits, type RecordLimits } from '../analysis/record-limits.ts';
import { requireSuppressions, type Suppression } from '../analysis/suppression.ts';
import { Suppressor } from '../analysis/suppressor.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { DropCounters } from '../core/drop-counters.ts';
import { FaultLog } from '../core/fault-log.ts';
import type { AnalyzedRequest, SpanId, TraceId } from '../core/types.ts';
import { CallSites } from '../request/call-sites.ts';
import { EndpointNames } from '../request/endpoint-names.ts';
import { LiveRequest, type RequestAnalysis } from '../request/live-request.ts';
import { attachRequest, requestOf } from '../request/request-on-span.ts';
import { takeNotedBindValues } from './bind-values.ts';
import { enterFromSpan } from './call-entry.ts';
import { databaseSystemOf, isKeyValueSystem } from './database-span.ts';
import { recordHttpSpan, startHttpSpan } from './record-http-span.ts';
import { recordDatabaseSpan } from './record-database-span.ts';
import { markAsWithinQuery, markAsWrapper } from './query-hints.ts';
import { redactStrayStatement } from './redact-statement.ts';
import { redactBlindly, redactSpan, UNREDACTED, type Unredacted } from './redact-span.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { describeRequestEnd, localRootKind, routeOf } from './request-span.ts';
import { takeToldCallSite } from './told-call-site.ts';
import { summarizeOnSpan } from './summary-attributes.ts';

/** What takes finished requests: a `PerformanceMonitor`, or anything of its shape. */
export interface RequestSink {
  add(request: AnalyzedRequest): void;
  addLateQueries?(count: number): void;
  addOrphanQueries?(count: number): void;
}

export interface RequestSpanProcessorOptions {
  /** Thresholds by kind of finding; what is not named keeps its default. */
  readonly thresholds?: ThresholdOverrides;
  /** Findings that are known and accepted until a day. */
  readonly suppress?: readonly Suppression[];
  /** Takes every finished request, for statistics. */
  readonly monitor?: RequestSink;
  /** Takes every finished request and every query that has ended, for metrics. */
  readonly metrics?: RequestMetrics | undefined;
  /** Called once per finished request, after its summary is on the span. What it throws is caught and counted. */
  readonly onRequest?: (request: AnalyzedRequest) => void;
  /** What may leave the process unredacted; nothing by default. */
  readonly unredacted?: readonly Unredacted[];
  /** False while nothing observes queries: a count of 0 then means "unknown". Default: true. */
  readonly queriesObserved?: () => boolean;
  /** Finds the lines of the application; a process with several processors may share one. */
  readonly callSites?: CallSites;
  readonly clock?: Clock;
  readonly drops?: DropCounters;
  readonly faults?: FaultLog;
}

/**
 * Measures every request from its spans: counts and groups its queries while it runs, and when its local root ends puts
 * the summary and one `slowpath.finding` event per finding on that span.
 *
 * Needs spans that are recorded; wrap the sampler in `createAlwaysRecordSampler` so that sampling decides what is exported
 * and never what is measured. Place it before the exporting processor. No method of it throws.
 */
export class RequestSpanProcessor implements SpanProcessor {
  readonly #clock: Clock;
  readonly #faults: FaultLog;
  readonly #endpoints = new EndpointNames();
  readonly #analysis: RequestAnalysis;
  readonly #limits: RecordLimits;
  readonly #callSites: CallSites;
  readonly #unredacted: ReadonlySet<Unredacted>;
  readonly #monitor: RequestSink | undefined;
  readonly #metrics: RequestMetrics | undefined;
  readonly #onRequest: ((request: AnalyzedRequest) => void) | undefined;
  readonly #queriesObserved: () => boolean;

  constructor(options: RequestSpanProcessorOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#faults =
      options.faults ??
      new FaultLog(this.#clock, options.drops ?? new DropCounters(), (message) => diag.error(message));
    this.#analysis = {
      thresholds: options.thresholds ?? {},
      suppressor: new Suppressor(requireSuppressions(options.suppress ?? [])),
      onFault: (code, thrown) => this.#faults.caught(code, thrown),
    };
    this.#limits = recordLimits(this.#analysis.thresholds);
    this.#callSites = options.callSites ?? new CallSites(this.#clock);
    this.#unredacted = new Set(options.unredacted?.filter((name) => UNREDACTED.includes(name)));
    this.#monitor = options.monitor;
    this.#metrics = options.metrics;
    this.#onRequest = options.onRequest;
    this.#queriesObserved = options.queriesObserved ?? (() => true);
  }

  onStart(span: Span, parentContext: Context): void {
    try {
      this.#attribute(span, trace.getSpan(parentContext));
    } catch (thrown) {
      this.#faults.caught('onStart', thrown);
    }
  }

  onEnding(span: Span): void {
    try {
      this.#measure(span);
    } catch (thrown) {
      this.#faults.caught('onEnding', thrown);
      redactBlindly(span);
    }
  }

  onEnd(): void {
    // Everything was done in onEnding: here the span can no longer be changed.
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** A span joins the request of its parent; a local root opens one. */
  #attribute(span: Span, parent: object | undefined): void {
    const inherited = requestOf(parent);
    const rootKind = inherited === undefined || inherited.closed ? localRootKind(span, parent) : undefined;
    if (rootKind === undefined) {
      if (inherited === undefined) return;
      attachRequest(span, inherited);
      const system = databaseSystemOf(span);
      if (system === undefined) {
        if (isQuerySpan(parent)) markAsWithinQuery(span);
        else startHttpSpan(span, inherited);
      } else {
        if (parent !== undefined) markIfWrapper(parent, span);
        if (isStatement(span, system)) inherited.statementStarted();
        takeNotedBindValues(span, system);
      }
      enterFromSpan(span, system, inherited);
      return;
    }
    const context = span.spanContext();
    const request = new LiveRequest({
      traceId: context.traceId as TraceId,
      rootSpanId: context.spanId as SpanId,
      kind: rootKind,
      sampled: (context.traceFlags & TraceFlags.SAMPLED) !== 0,
      startTime: span.startTime,
      startedAtMs: this.#clock.nowMs(),
      limits: this.#limits,
      callSites: this.#callSites,
    });
    attachRequest(span, request);
  }

  #measure(span: Span): void {
    const request = requestOf(span);
    const system = databaseSystemOf(span);
    if (system !== undefined) {
      if (isStatement(span, system)) request?.statementEnded();
      if (request !== undefined) this.#takeToldCallSite(span, system, request);
      const outcome = recordDatabaseSpan(span, system, request, this.#unredacted, this.#clock.nowMs(), this.#metrics);
      if (outcome === 'late') this.#monitor?.addLateQueries?.(1);
      else if (outcome === 'orphan') this.#monitor?.addOrphanQueries?.(1);
    } else {
      if (request !== undefined) recordHttpSpan(span, request, this.#clock.nowMs());
      if (!this.#unredacted.has('query-text')) redactStrayStatement(span);
    }
    // Before the summary: what is redacted then cannot be the findings' own events.
    redactSpan(span, this.#unredacted);
    if (request === undefined) return;
    if (isRootOf(span, request)) this.#close(span, request);
    else request.route ??= routeOf(span);
  }

  /** Guarded by itself: a query is counted whatever its line says. */
  #takeToldCallSite(span: Span, system: string, request: LiveRequest): void {
    try {
      takeToldCallSite(span, system, request);
    } catch (thrown) {
      this.#faults.caught('told call site', thrown);
    }
  }

  #close(span: Span, request: LiveRequest): void {
    if (request.closed) return;
    const end = describeRequestEnd(span, request, this.#endpoints, this.#queriesObserved());
    const record = request.close(end, this.#analysis);
    summarizeOnSpan(span, record);
    // Each sink is guarded by itself: one that throws must not hide the request from the other.
    try {
      this.#monitor?.add(record);
    } catch (thrown) {
      this.#faults.caught('monitor', thrown);
    }
    try {
      this.#metrics?.addRequest(record, span, routeOf(span) ?? request.route);
    } catch (thrown) {
      this.#faults.caught('metrics', thrown);
    }
    try {
      this.#onRequest?.(record);
    } catch (thrown) {
      this.#faults.caught('onRequest', thrown);
    }
  }
}

/** Spans for getting a connection, of any instrumentation. */
const CONNECT_NAMES = new Set(['pg.connect', 'pg-pool.connect', 'tcp.connect', 'connect']);

/** An ORM's span around its driver's: the inner one is the statement that reached the database. */
function markIfWrapper(parent: object, child: ReadableSpan): void {
  // A connect has no statement; whether there is one is not known before its end, but its name is.
  if (!CONNECT_NAMES.has(child.name) && isQuerySpan(parent)) markAsWrapper(parent);
}

function isQuerySpan(span: object | undefined): boolean {
  return span !== undefined && isReadable(span) && databaseSystemOf(span) !== undefined;
}

/** A span that stands for a statement on its way to an SQL or document database: no connect, no key-value command. */
function isStatement(span: ReadableSpan, system: string): boolean {
  return !isKeyValueSystem(system) && !CONNECT_NAMES.has(span.name);
}

function isReadable(span: object): span is ReadableSpan {
  return 'attributes' in span && 'kind' in span;
}

function isRootOf(span: ReadableSpan, request: LiveRequest): boolean {
  return span.spanContext().spanId === request.start.rootSpanId;
}
