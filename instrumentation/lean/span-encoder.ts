import { AttributeEncoder } from './attribute-encoder.ts';
import { ByteWriter } from './byte-writer.ts';
import type { LeanSpan, SpanOwner } from './lean-span.ts';
import { wordOfHex } from './random-ids.ts';
import type { WallClock } from './wall-clock.ts';

/** Of a span's flags, beside the lowest: that the next one says something; and what it says. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
/** Spans between two looks at the clock. */
const SPANS_PER_STEP = 16;
const TWO_TO_32 = 4_294_967_296;

/**
 * Encodes spans as OTLP's ExportTraceServiceRequest, field by field from the spans, with nothing in between.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export class SpanEncoder {
  readonly #writer = new ByteWriter();
  /** One for each tag, for what they keep begins with it. */
  readonly #ofResource = new AttributeEncoder();
  readonly #ofSpan = new AttributeEncoder();
  readonly #ofEvent = new AttributeEncoder();
  readonly #ofLink = new AttributeEncoder();
  #clock: WallClock | undefined;
  #epochLow = 0;
  #epochHigh = 0;

  /** Pauses after every few spans, so that the caller can let others have their turn; one batch at a time. */
  *encode(spans: readonly LeanSpan[]): Generator<void, Buffer<ArrayBuffer>> {
    const writer = this.#writer;
    writer.clear();
    let sinceLast = 0;
    for (const [resource, byOwner] of grouped(spans)) {
      const resourceSpans = writer.open(0x0a);
      const resourceMessage = writer.open(0x0a);
      this.#ofResource.write(writer, 0x0a, resource.attributes);
      writer.close(resourceMessage);
      for (const [owner, ownSpans] of byOwner) {
        const scopeSpans = writer.open(0x12);
        this.#writeScope(owner);
        for (const span of ownSpans) {
          this.#writeSpan(span);
          if (++sinceLast < SPANS_PER_STEP) continue;
          sinceLast = 0;
          yield;
        }
        if (owner.scope.schemaUrl !== undefined) writer.text(0x1a, owner.scope.schemaUrl);
        writer.close(scopeSpans);
      }
      if (resource.schemaUrl !== undefined) writer.text(0x1a, resource.schemaUrl);
      writer.close(resourceSpans);
    }
    return writer.take();
  }

  #writeScope({ scope }: SpanOwner): void {
    const writer = this.#writer;
    const message = writer.open(0x0a);
    writer.text(0x0a, scope.name);
    if (scope.version !== undefined && scope.version !== '') writer.text(0x12, scope.version);
    writer.close(message);
  }

  #writeSpan(span: LeanSpan): void {
    const writer = this.#writer;
    const { trace, parentSpanContext: parent } = span;
    const message = writer.open(0x12);
    writer.longId(0x0a, trace.a, trace.b, trace.c, trace.d);
    writer.id(0x12, span.id0, span.id1);
    if (trace.serializedState !== '') writer.text(0x1a, trace.serializedState);
    if (parent !== undefined) writer.id(0x22, wordOfHex(parent.spanId, 0), wordOfHex(parent.spanId, 8));
    writer.text(0x2a, span.name);
    writer.byte(0x30);
    writer.byte(span.kind + 1);
    this.#writeTime(0x39, span.clock, span.startMs);
    this.#writeTime(0x41, span.clock, span.endMs);
    this.#ofSpan.write(writer, 0x4a, span.attributes);
    this.#writeCount(0x50, span.droppedAttributesCount);
    for (const event of span.events) {
      const eventMessage = writer.open(0x5a);
      writer.byte(0x09);
      this.#writeNanoseconds(event.time[0] * 1000, event.time[1]);
      writer.text(0x12, event.name);
      if (event.attributes !== undefined) this.#ofEvent.write(writer, 0x1a, event.attributes);
      this.#writeCount(0x20, event.droppedAttributesCount ?? 0);
      writer.close(eventMessage);
    }
    this.#writeCount(0x60, span.droppedEventsCount);
    for (const link of span.links) {
      const linkMessage = writer.open(0x6a);
      const { traceId, spanId, traceFlags, isRemote, traceState } = link.context;
      const [a, b, c, d] = [0, 8, 16, 24].map((offset) => wordOfHex(traceId, offset)) as [
        number,
        number,
        number,
        number,
      ];
      writer.longId(0x0a, a, b, c, d);
      writer.id(0x12, wordOfHex(spanId, 0), wordOfHex(spanId, 8));
      const state = traceState?.serialize() ?? '';
      if (state !== '') writer.text(0x1a, state);
      if (link.attributes !== undefined) this.#ofLink.write(writer, 0x22, link.attributes);
      this.#writeCount(0x28, link.droppedAttributesCount ?? 0);
      writer.byte(0x35);
      writer.fixed32((traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0));
      writer.close(linkMessage);
    }
    this.#writeCount(0x70, span.droppedLinksCount);
    if (span.status.code !== 0) {
      const status = writer.open(0x7a);
      if (span.status.message !== undefined) writer.text(0x12, span.status.message);
      writer.byte(0x18);
      writer.byte(span.status.code);
      writer.close(status);
    }
    // Field 16: its tag has two bytes.
    writer.byte(0x85);
    writer.byte(0x01);
    writer.fixed32((span.sampled ? 1 : 0) | HAS_IS_REMOTE | (parent?.isRemote === true ? IS_REMOTE : 0));
    writer.close(message);
  }

  /** Nothing for 0, which is what a field that is not there means. */
  #writeCount(tag: number, count: number): void {
    if (count === 0) return;
    this.#writer.byte(tag);
    this.#writer.varint(count);
  }

  #writeTime(tag: number, clock: WallClock, ms: number): void {
    this.#writer.byte(tag);
    if (clock !== this.#clock) {
      const epochNs = BigInt(clock.epochMs) * 1_000_000n;
      this.#clock = clock;
      this.#epochLow = Number(epochNs & 0xffffffffn);
      this.#epochHigh = Number(epochNs >> 32n);
    }
    // Nanoseconds since 1970 are beyond what a number holds; those since the clock's epoch are not.
    const low = this.#epochLow + Math.round(ms * 1e6);
    const carry = Math.floor(low / TWO_TO_32);
    this.#writer.fixed64((low - carry * TWO_TO_32) | 0, (this.#epochHigh + carry) | 0);
  }

  #writeNanoseconds(unixMs: number, ns: number): void {
    const total = BigInt(unixMs) * 1_000_000n + BigInt(Math.round(ns));
    this.#writer.fixed64(Number(total & 0xffffffffn) | 0, Number(total >> 32n) | 0);
  }
}

type Resource = LeanSpan['resource'];

function grouped(spans: readonly LeanSpan[]): ReadonlyMap<Resource, ReadonlyMap<SpanOwner, readonly LeanSpan[]>> {
  const byResource = new Map<Resource, Map<SpanOwner, LeanSpan[]>>();
  for (const span of spans) {
    const { owner } = span;
    const byOwner = byResource.get(owner.resource) ?? new Map<SpanOwner, LeanSpan[]>();
    byResource.set(owner.resource, byOwner);
    const list = byOwner.get(owner);
    if (list === undefined) byOwner.set(owner, [span]);
    else list.push(span);
  }
  return byResource;
}
