/** Bytes of the buffer that is kept between batches; a larger one was for one large batch. */
const KEPT_BYTES = 1_048_576;
/** A string of so many UTF-16 units has at most three times as many bytes, whose count fits into one byte. */
const SHORT_TEXT = 42;

/**
 * Writes protobuf. Where the length of a message is not known before its content, it is written in four bytes whatever it is,
 * which protobuf allows: nothing is measured before, nor moved after.
 */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 65_536) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** A copy of what was written; the writer is empty then. */
  take(): Buffer<ArrayBuffer> {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(KEPT_BYTES);
    return taken;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** Of a whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Of any whole number that 64 bits hold; a negative one has ten bytes. */
  varint64(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 127n) | 128;
    this.#buffer[this.#length++] = Number(rest);
  }

  /** Begins a message; give the result to `close` when its content is written. */
  open(tag: number): number {
    this.#reserve(5);
    this.#buffer[this.#length] = tag;
    this.#length += 5;
    return this.#length;
  }

  close(start: number): void {
    const size = this.#length - start;
    this.#buffer[start - 4] = (size & 127) | 128;
    this.#buffer[start - 3] = ((size >>> 7) & 127) | 128;
    this.#buffer[start - 2] = ((size >>> 14) & 127) | 128;
    this.#buffer[start - 1] = size >>> 21;
  }

  text(tag: number, text: string): void {
    this.#reserve(text.length * 3 + 5);
    if (text.length > SHORT_TEXT) {
      const start = this.open(tag);
      this.#length += this.#buffer.write(text, this.#length, 'utf8');
      this.close(start);
      return;
    }
    this.#buffer[this.#length] = tag;
    const size = this.#buffer.write(text, this.#length + 2, 'utf8');
    this.#buffer[this.#length + 1] = size;
    this.#length += 2 + size;
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    // A call of `set` costs more than a few bytes do.
    if (length > 24) this.#buffer.set(bytes, this.#length);
    else for (let i = 0; i < length; i++) this.#buffer[this.#length + i] = bytes[i] ?? 0;
    this.#length += length;
  }

  /** Two words as the eight bytes of an id. */
  id(tag: number, id0: number, id1: number): void {
    this.#reserve(10);
    this.#buffer[this.#length++] = tag;
    this.#buffer[this.#length++] = 8;
    this.#bigEndian(id0);
    this.#bigEndian(id1);
  }

  /** Four words as the sixteen bytes of an id. */
  longId(tag: number, a: number, b: number, c: number, d: number): void {
    this.#reserve(18);
    this.#buffer[this.#length++] = tag;
    this.#buffer[this.#length++] = 16;
    this.#bigEndian(a);
    this.#bigEndian(b);
    this.#bigEndian(c);
    this.#bigEndian(d);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#littleEndian(value);
  }

  fixed64(low: number, high: number): void {
    this.#reserve(8);
    this.#littleEndian(low);
    this.#littleEndian(high);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  #bigEndian(word: number): void {
    this.#buffer[this.#length++] = word >>> 24;
    this.#buffer[this.#length++] = word >>> 16;
    this.#buffer[this.#length++] = word >>> 8;
    this.#buffer[this.#length++] = word;
  }

  #littleEndian(word: number): void {
    this.#buffer[this.#length++] = word;
    this.#buffer[this.#length++] = word >>> 8;
    this.#buffer[this.#length++] = word >>> 16;
    this.#buffer[this.#length++] = word >>> 24;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe((this.#length + size) * 2);
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
