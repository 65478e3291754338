const LENGTH_DELIMITED = 2;

/** ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans, by field number. */
const PATH_TO_SPANS = [1, 2, 2] as const;

/**
 * How many spans an OTLP request in protobuf carries. Nothing of them is decoded:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 * @throws {RangeError} if the bytes are no protobuf message, or end in the middle of one.
 */
export function countOtlpSpans(body: Uint8Array): number {
  return countAt(new Message(body), body.length, 0);
}

function countAt(message: Message, end: number, depth: number): number {
  let count = 0;
  while (message.at < end) {
    const tag = message.varint();
    if (tag % 8 !== LENGTH_DELIMITED) {
      message.skip(tag % 8);
      continue;
    }
    const length = message.varint();
    const fieldEnd = message.at + length;
    if (fieldEnd > end) throw new RangeError('The message ends in the middle of a field.');
    if (Math.floor(tag / 8) === PATH_TO_SPANS[depth]) {
      count += depth === PATH_TO_SPANS.length - 1 ? 1 : countAt(message, fieldEnd, depth + 1);
    }
    message.at = fieldEnd;
  }
  return count;
}

class Message {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new RangeError('The message ends in the middle of a number.');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** The value of a field that is not length-delimited. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.at += 8;
    else if (wireType === 5) this.at += 4;
    else throw new RangeError(`Wire type ${wireType} is none of protobuf's.`);
  }
}
