import {
  context as contextApi,
  INVALID_SPAN_CONTEXT,
  SamplingDecision,
  SpanKind,
  TraceFlags,
  trace as traceApi,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { cleanAttributes, isTracingSuppressed, type InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { LeanTracerProvider } from './lean-tracer-provider.ts';
import { LeanSpan, type SpanOwner } from './lean-span.ts';
import { LeanTrace } from './lean-trace.ts';
import type { SpanLimits } from './span-limits.ts';

type SpanFunction = (span: Span) => unknown;

/** Makes the spans of one instrumentation scope. Every span records: what is not sampled is measured and not exported. */
export class LeanTracer implements Tracer, SpanOwner {
  readonly scope: InstrumentationScope;
  readonly #provider: LeanTracerProvider;
  readonly resource: Resource;
  readonly limits: SpanLimits;

  constructor(provider: LeanTracerProvider, scope: InstrumentationScope) {
    this.#provider = provider;
    this.scope = scope;
    this.resource = provider.resource;
    this.limits = provider.limits;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): Span {
    if (isTracingSuppressed(context)) return traceApi.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const from = options.root === true ? traceApi.deleteSpan(context) : context;
    const parent = traceApi.getSpan(from);
    const kind = options.kind ?? SpanKind.INTERNAL;
    const { attributes = {}, links, startTime } = options;
    let trace: LeanTrace;
    let origin = parent?.spanContext();
    if (parent instanceof LeanSpan) trace = parent.trace;
    else if (origin !== undefined && traceApi.isSpanContextValid(origin)) trace = LeanTrace.join(origin);
    else {
      origin = undefined;
      trace = LeanTrace.start();
    }
    const { sampler } = this.#provider;
    let sampled: boolean;
    let given = attributes;
    // OpenTelemetry's default, parent-based and always on at the root.
    if (sampler === undefined) sampled = origin === undefined || (origin.traceFlags & TraceFlags.SAMPLED) !== 0;
    else {
      const result = sampler.shouldSample(from, trace.id, name, kind, attributes, links ?? []);
      sampled = result.decision === SamplingDecision.RECORD_AND_SAMPLED;
      if (result.attributes !== undefined) given = { ...attributes, ...result.attributes };
      if (result.traceState !== undefined) trace = trace.withState(result.traceState);
    }
    const span = this.#make(name, kind, trace, origin, sampled, given, links, startTime);
    this.#provider.started(span, from);
    return span;
  }

  startActiveSpan<F extends SpanFunction>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
    const run = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = (rest.length > 2 ? (rest[1] as Context | undefined) : undefined) ?? contextApi.active();
    const span = this.startSpan(name, options, parent);
    return contextApi.with(traceApi.setSpan(parent, span), run as (span: Span) => ReturnType<F>, undefined, span);
  }

  ending(span: LeanSpan): void {
    this.#provider.ending(span);
  }

  ended(span: LeanSpan): void {
    this.#provider.ended(span);
  }

  #make(
    name: string,
    kind: SpanKind,
    trace: LeanTrace,
    parent: SpanContext | undefined,
    sampled: boolean,
    given: Attributes,
    links: Link[] | undefined,
    startTime: SpanOptions['startTime'],
  ): LeanSpan {
    const count = plainCount(given, this.limits);
    const cleaned = count === undefined ? cleanAttributes(given, this.limits) : undefined;
    const attributes = cleaned === undefined ? { ...given } : (cleaned.attributes ?? {});
    const span = new LeanSpan({
      owner: this,
      trace,
      name,
      kind,
      parent,
      sampled,
      attributes,
      attributeCount: count ?? Object.keys(attributes).length,
      attributesDropped: cleaned?.droppedAttributesCount ?? 0,
      startTime,
    });
    if (links !== undefined) span.addLinks(links);
    return span;
  }
}

/** How many there are, if they can be taken as they are; `undefined` where something must be left out, cut or copied. */
function plainCount(attributes: Attributes, limits: SpanLimits): number | undefined {
  let count = 0;
  for (const key in attributes) {
    const value = attributes[key];
    const type = typeof value;
    const isPlain =
      type === 'number' ||
      type === 'boolean' ||
      (type === 'string' && (value as string).length <= limits.attributeValueLengthLimit);
    if (!isPlain || key === '') return undefined;
    count++;
  }
  return count <= limits.attributeCountLimit ? count : undefined;
}
