import { context, SpanKind, trace, type Span } from '@opentelemetry/api';
import { TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { setParametersHash, setRowCount } from '../../processors/query-hints.ts';
import { RequestSpanProcessor } from '../../processors/request-span-processor.ts';
import type { Case } from '../lib/measure.ts';

const TEXT = 'SELECT id, name, email FROM users WHERE id = $1 AND active = true';

const NOOP: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

const CALLS = 500;

/** The end of a query's span, with a processor that does nothing and with ours: the difference is what we cost there. */
export function queryEndCases(): readonly Case[] {
  return [
    caseOf('a processor that does nothing', NOOP),
    caseOf('a processor that does nothing, again', NOOP),
    caseOf('RequestSpanProcessor', new RequestSpanProcessor()),
  ];
}

function caseOf(name: string, processor: SpanProcessor): Case {
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': TEXT };
  let root: Span | undefined;
  let spans: readonly Span[] = [];
  return {
    name,
    // A request of its own for each batch.
    prepare() {
      root?.end();
      root = tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: { 'http.request.method': 'GET' } });
      const parent = trace.setSpan(context.active(), root);
      const options = { kind: SpanKind.CLIENT, attributes };
      spans = Array.from({ length: CALLS }, (_, n) => {
        const span = tracer.startSpan('pg.query:SELECT shop', options, parent);
        // As the driver's hooks do.
        setParametersHash(span, n + 1);
        setRowCount(span, 1);
        return span;
      });
    },
    run(call) {
      spans[call]?.end();
      return spans;
    },
  };
}
