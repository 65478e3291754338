import {
  ROOT_CONTEXT,
  SpanKind,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
  type Span,
  type SpanLimits,
} from '@opentelemetry/sdk-trace';
import { DropCounters } from '../../core/drop-counters.ts';
import { FaultLog } from '../../core/fault-log.ts';
import type { AnalyzedRequest } from '../../core/types.ts';
import { RequestSpanProcessor, type RequestSpanProcessorOptions } from '../../processors/request-span-processor.ts';
import { FakeClock } from '../../testing/index.ts';

export interface TracedAppOptions extends Omit<RequestSpanProcessorOptions, 'clock' | 'drops' | 'faults'> {
  readonly sampler?: Sampler;
  readonly spanLimits?: SpanLimits;
}

const WALL_START_MS = 1_700_000_000_000;

/** A span as it may stand in a context: the SDK's, or one of another process. */
type Parent = Span | Context | undefined;

/**
 * An application with the SDK's own tracer, our processor and an exporter behind it, as `start` puts them together;
 * nothing global, and time passes only where a test says so.
 */
export class TracedApp {
  readonly clock = new FakeClock(5000);
  readonly drops = new DropCounters();
  readonly faultLines: string[] = [];
  /** What `onRequest` was given. */
  readonly records: AnalyzedRequest[] = [];
  /** What the monitor was given. */
  readonly monitored: AnalyzedRequest[] = [];
  lateQueries = 0;
  orphanQueries = 0;
  /** Set to make the wall clock jump while the monotonic one does not. */
  wallJumpMs = 0;
  readonly exporter = new InMemorySpanExporter();
  readonly #tracer: Tracer;

  constructor({ sampler, spanLimits, ...options }: TracedAppOptions = {}) {
    const processor = new RequestSpanProcessor({
      monitor: {
        add: (request) => void this.monitored.push(request),
        addLateQueries: (count) => void (this.lateQueries += count),
        addOrphanQueries: (count) => void (this.orphanQueries += count),
      },
      onRequest: (request) => void this.records.push(request),
      ...options,
      clock: this.clock,
      drops: this.drops,
      faults: new FaultLog(this.clock, this.drops, (line) => void this.faultLines.push(line)),
    });
    const provider = new TracerProvider({
      spanProcessors: [processor, new SimpleSpanProcessor({ exporter: this.exporter })],
      ...(sampler !== undefined && { sampler }),
      ...(spanLimits !== undefined && { spanLimits }),
    });
    this.#tracer = provider.getTracer('traced-app');
  }

  /** Starts a span now. */
  start(name: string, kind: SpanKind, parent: Parent, attributes: Attributes = {}): Span {
    const options = { kind, attributes, startTime: this.#wallTime() };
    const span = this.#tracer.startSpan(name, options, toContext(parent));
    if (!('attributes' in span)) throw new Error(`the span ${name} is not recorded`);
    return span as Span;
  }

  /** Ends a span now. */
  end(span: Span): void {
    span.end(this.#wallTime());
  }

  /** Opens a `GET /orders`. */
  request(parent?: Parent, attributes: Attributes = {}): Span {
    return this.start('GET', SpanKind.SERVER, parent, {
      'http.request.method': 'GET',
      'http.route': '/orders',
      'url.path': '/orders',
      'http.response.status_code': 200,
      ...attributes,
    });
  }

  /** Opens a query's span. */
  startQuery(parent: Parent, text: string, attributes: Attributes = {}): Span {
    return this.start('pg.query', SpanKind.CLIENT, parent, {
      'db.system.name': 'postgresql',
      'db.query.text': text,
      ...attributes,
    });
  }

  /** Runs a query for `ms`. */
  query(parent: Parent, text: string, ms = 1, attributes: Attributes = {}): Span {
    const span = this.startQuery(parent, text, attributes);
    this.clock.advance(ms);
    this.end(span);
    return span;
  }

  get exported(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The span as it was exported. */
  exportedOf(span: Span): ReadableSpan {
    const found = this.exported.find((other) => other.spanContext().spanId === span.spanContext().spanId);
    if (found === undefined) throw new Error(`the span ${span.name} was not exported`);
    return found;
  }

  /** The only request so far. */
  get record(): AnalyzedRequest {
    const [record, ...more] = this.records;
    if (record === undefined || more.length > 0) throw new Error(`${this.records.length} requests, expected one`);
    return record;
  }

  #wallTime(): [number, number] {
    const ms = WALL_START_MS + this.wallJumpMs + this.clock.nowMs();
    const seconds = Math.floor(ms / 1000);
    return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
  }
}

/** The context of a caller in another process. */
export function remoteParent(traceId = 'a'.repeat(32), sampled = true): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: 'b'.repeat(16),
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function toContext(parent: Parent): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return 'spanContext' in parent ? trace.setSpan(ROOT_CONTEXT, parent) : parent;
}
