import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countDatadogSpans } from '../../bench/overhead/lib/count-datadog-spans.ts';
import { countOtlpSpans } from '../../bench/overhead/lib/count-otlp-spans.ts';
import { encodeMessagePack } from './encode-message-pack.ts';

describe('countOtlpSpans', () => {
  it.each([0, 1, 2, 300])('counts %i spans as the SDK encodes them', (count) => {
    expect(countOtlpSpans(encodedSpans(count))).toBe(count);
  });

  it('refuses a message that is cut off', () => {
    const body = encodedSpans(3);
    expect(() => countOtlpSpans(body.subarray(0, body.length - 5))).toThrow(RangeError);
  });
});

describe('countDatadogSpans', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.string({ maxLength: 300 }),
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(fc.string({ maxLength: 40 }), tie('value'), { maxKeys: 20 }),
    ),
  })).value;
  const span = fc.dictionary(fc.string({ maxLength: 40 }), value, { maxKeys: 20 });

  it('counts the spans of all traces, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.array(span, { maxLength: 20 }), { maxLength: 20 }), (traces) => {
        expect(countDatadogSpans(encodeMessagePack(traces))).toBe(traces.flat().length);
      }),
    );
  });

  it('counts more spans than fit into a short array', () => {
    const traces = [Array.from({ length: 70_000 }, () => ({ name: 'x' })), Array.from({ length: 17 }, () => ({}))];
    expect(countDatadogSpans(encodeMessagePack(traces))).toBe(70_017);
  });

  it('passes over values of every length', () => {
    const lengths = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536];
    const span = Object.fromEntries(
      lengths.flatMap((length) => [
        [`text ${length}`, 'x'.repeat(length)],
        [`list ${length}`, Array.from({ length }, () => 1)],
        [`map ${length}`, Object.fromEntries(Array.from({ length }, (_, n) => [n, n]))],
      ]),
    );
    expect(countDatadogSpans(encodeMessagePack([[span, {}], [span]]))).toBe(3);
  });

  it('refuses what is no list of traces, is cut off, or goes on', () => {
    const body = encodeMessagePack([[{ name: 'pg.query', meta: { text: 'SELECT 1' } }]]);
    expect(() => countDatadogSpans(encodeMessagePack({ traces: [] }))).toThrow('begins no array');
    expect(() => countDatadogSpans(body.subarray(0, body.length - 3))).toThrow(RangeError);
    expect(() => countDatadogSpans(Buffer.concat([body, body]))).toThrow('left after the traces');
  });
});

/** By the official SDK and serialiser; two scopes, attributes and an event on each span. */
function encodedSpans(count: number): Uint8Array {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  for (let n = 0; n < count; n++) {
    const span = provider
      .getTracer(`scope ${n % 2}`)
      .startSpan(`span ${n}`, { attributes: { n, text: 'x'.repeat(n) } });
    span.addEvent('event', { a: [1, 2, 3] });
    span.end();
  }
  return ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? new Uint8Array();
}
