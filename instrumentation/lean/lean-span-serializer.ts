import { createRequire } from 'node:module';
import type { IExportTraceServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanSerializer } from '../export/otlp-exporter.ts';
import { LeanSpan } from './lean-span.ts';
import { SpanEncoder } from './span-encoder.ts';

/** What one turn may take of the event loop, with a wide margin to 5 ms: one step is begun before it is over. */
const TURN_MS = 2;

/** Encodes batches as OTLP's protobuf, a few spans at a time, so that no request waits for the export of others. */
export class LeanSpanSerializer implements SpanSerializer {
  readonly #encoder = new SpanEncoder();
  /** Batches are encoded one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  serializeRequest(spans: ReadableSpan[]): Promise<Uint8Array> {
    const encoded = this.#last.then(() => this.#encode(spans));
    this.#last = encoded.catch(() => undefined);
    return encoded;
  }

  deserializeResponse(body: Uint8Array): IExportTraceServiceResponse {
    // Collectors answer with something to read only when they have refused spans.
    const require = createRequire(import.meta.url);
    const { ProtobufTraceSerializer } = require('@opentelemetry/otlp-transformer') as {
      ProtobufTraceSerializer: ISerializer<ReadableSpan[], IExportTraceServiceResponse>;
    };
    return ProtobufTraceSerializer.deserializeResponse(body);
  }

  async #encode(spans: readonly ReadableSpan[]): Promise<Buffer<ArrayBuffer>> {
    // The queue before it takes spans of the lean provider alone.
    const own = spans.filter((span) => span instanceof LeanSpan);
    const steps = this.#encoder.encode(own);
    // The batch before may have had this turn.
    let turnEndMs = 0;
    for (;;) {
      if (performance.now() >= turnEndMs) {
        await new Promise((resolve) => setImmediate(resolve));
        turnEndMs = performance.now() + TURN_MS;
      }
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}
