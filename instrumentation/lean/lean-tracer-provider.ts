import type { Context, Tracer, TracerOptions, TracerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { FaultLog } from '../../core/fault-log.ts';
import type { LeanSpan } from './lean-span.ts';
import { LeanTracer } from './lean-tracer.ts';
import type { SpanLimits } from './span-limits.ts';

export interface LeanTracerProviderOptions {
  readonly resource: Resource;
  readonly limits: SpanLimits;
  /** `undefined`: parent-based, always on at the root, which is decided without a call. */
  readonly sampler: Sampler | undefined;
  /** In this order; each sees every span. */
  readonly processors: readonly SpanProcessor[];
  readonly faults: FaultLog;
}

/** Names and versions of scopes are written in code; whoever makes them up at run time gets tracers that are not kept. */
const MAX_TRACERS = 1000;

/** The SDK's tracer provider over lean spans. What a processor throws stays here, and the next one is called all the same. */
export class LeanTracerProvider implements TracerProvider {
  readonly resource: Resource;
  readonly limits: SpanLimits;
  readonly sampler: Sampler | undefined;
  readonly #processors: readonly SpanProcessor[];
  readonly #endingProcessors: readonly SpanProcessor[];
  readonly #faults: FaultLog;
  readonly #tracers = new Map<string, LeanTracer>();

  constructor({ resource, limits, sampler, processors, faults }: LeanTracerProviderOptions) {
    this.resource = resource;
    this.limits = limits;
    this.sampler = sampler;
    this.#processors = processors;
    this.#endingProcessors = processors.filter((processor) => processor.onEnding !== undefined);
    this.#faults = faults;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const key = `${name}@${version ?? ''}:${options?.schemaUrl ?? ''}`;
    const known = this.#tracers.get(key);
    if (known !== undefined) return known;
    const tracer = new LeanTracer(this, {
      name,
      ...(version !== undefined && { version }),
      ...(options?.schemaUrl !== undefined && { schemaUrl: options.schemaUrl }),
    });
    if (this.#tracers.size < MAX_TRACERS) this.#tracers.set(key, tracer);
    return tracer;
  }

  started(span: LeanSpan, context: Context): void {
    for (const processor of this.#processors) {
      try {
        processor.onStart(span, context);
      } catch (thrown) {
        this.#faults.caught('a span processor, onStart', thrown);
      }
    }
  }

  ending(span: LeanSpan): void {
    for (const processor of this.#endingProcessors) {
      try {
        processor.onEnding?.(span);
      } catch (thrown) {
        this.#faults.caught('a span processor, onEnding', thrown);
      }
    }
  }

  ended(span: LeanSpan): void {
    for (const processor of this.#processors) {
      try {
        processor.onEnd(span);
      } catch (thrown) {
        this.#faults.caught('a span processor, onEnd', thrown);
      }
    }
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.forceFlush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.shutdown()));
  }
}
