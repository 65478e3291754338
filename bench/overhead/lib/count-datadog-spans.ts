/**
 * How many spans a request to Datadog's trace intake (`/v0.4/traces`) carries: a MessagePack array of traces, each one an
 * array of spans, https://github.com/msgpack/msgpack/blob/master/spec.md
 * @throws {RangeError} if the bytes are nothing of that form.
 */
export function countDatadogSpans(body: Uint8Array): number {
  const reader = new Reader(body);
  const traces = reader.arrayLength();
  let spans = 0;
  for (let trace = 0; trace < traces; trace++) {
    const length = reader.arrayLength();
    spans += length;
    reader.skip(length);
  }
  if (reader.at !== body.length) throw new RangeError(`${body.length - reader.at} bytes are left after the traces.`);
  return spans;
}

class Reader {
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  arrayLength(): number {
    const head = this.#unsigned(1);
    if (head >= 0x90 && head <= 0x9f) return head - 0x90;
    if (head === 0xdc) return this.#unsigned(2);
    if (head === 0xdd) return this.#unsigned(4);
    throw new RangeError(`0x${head.toString(16)} begins no array.`);
  }

  /** So many values, with all that is in them. */
  skip(values: number): void {
    // By a count and not by recursion: what is in a value are further values.
    for (let left = values; left > 0; left--) left += this.#skipOne();
  }

  /** Returns how many values of it come next. */
  #skipOne(): number {
    const head = this.#unsigned(1);
    if (head <= 0x7f || head >= 0xe0) return 0;
    if (head <= 0x8f) return 2 * (head - 0x80);
    if (head <= 0x9f) return head - 0x90;
    if (head <= 0xbf) return this.#pass(head - 0xa0);
    if (head === 0xc0 || head === 0xc2 || head === 0xc3) return 0;
    if (head >= 0xc4 && head <= 0xc6) return this.#pass(this.#unsigned(2 ** (head - 0xc4)));
    if (head >= 0xc7 && head <= 0xc9) return this.#pass(this.#unsigned(2 ** (head - 0xc7)) + 1);
    if (head === 0xca || head === 0xcb) return this.#pass(head === 0xca ? 4 : 8);
    if (head >= 0xcc && head <= 0xcf) return this.#pass(2 ** (head - 0xcc));
    if (head >= 0xd0 && head <= 0xd3) return this.#pass(2 ** (head - 0xd0));
    if (head >= 0xd4 && head <= 0xd8) return this.#pass(2 ** (head - 0xd4) + 1);
    if (head >= 0xd9 && head <= 0xdb) return this.#pass(this.#unsigned(2 ** (head - 0xd9)));
    if (head === 0xdc || head === 0xdd) return this.#unsigned(head === 0xdc ? 2 : 4);
    if (head === 0xde || head === 0xdf) return 2 * this.#unsigned(head === 0xde ? 2 : 4);
    throw new RangeError('0xc1 is no value of MessagePack.');
  }

  #pass(bytes: number): 0 {
    this.at += bytes;
    if (this.at > this.#view.byteLength) throw new RangeError('The message ends in the middle of a value.');
    return 0;
  }

  #unsigned(bytes: number): number {
    const from = this.at;
    this.#pass(bytes);
    if (bytes === 1) return this.#view.getUint8(from);
    return bytes === 2 ? this.#view.getUint16(from) : this.#view.getUint32(from);
  }
}
