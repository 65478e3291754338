import { SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  createAlwaysRecordSampler,
  TracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';

/** Makes real spans and ends them into `processor`. */
export class SpanSource {
  readonly #sampled: TracerProvider;
  readonly #unsampled: TracerProvider;

  constructor(processor: SpanProcessor) {
    this.#sampled = new TracerProvider({ spanProcessors: [processor] });
    this.#unsampled = new TracerProvider({
      sampler: createAlwaysRecordSampler(new AlwaysOffSampler()),
      spanProcessors: [processor],
    });
  }

  /** Ends `count` sampled spans. */
  end(count: number, name = 'span'): void {
    const tracer = this.#sampled.getTracer('tests');
    for (let n = 0; n < count; n++) tracer.startSpan(name, { kind: SpanKind.CLIENT }).end();
  }

  /** Ends `count` spans that are recorded and not sampled. */
  endUnsampled(count: number): void {
    const tracer = this.#unsampled.getTracer('tests');
    for (let n = 0; n < count; n++) tracer.startSpan('unsampled').end();
  }
}

/** `count` ended spans. */
export function endedSpans(count: number, name = 'span'): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const collector: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => void spans.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  new SpanSource(collector).end(count, name);
  return spans;
}
