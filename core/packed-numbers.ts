/**
 * Numbers in few bytes, kept in a string of characters 0–255: beside its content a string costs 16 bytes, a typed array
 * some 250, which is more than most slices of statistics hold.
 */
export type Packed = string;

const double = new Float64Array(1);
const bytesOfDouble = new Uint8Array(double.buffer);

/** Writes numbers one after the other. To be used again and again: it keeps its buffer. */
export class PackedWriter {
  #bytes = Buffer.alloc(1024);
  #length = 0;

  /**
   * Writes a whole number from 0 to 2^53 - 1: one byte under 128, two under 16 384, and so on. What is none is written as
   * the nearest one, NaN as 0, so that what follows can be read all the same.
   */
  count(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    let rest = value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Writes any number in eight bytes. */
  double(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    double[0] = value;
    this.#bytes.set(bytesOfDouble, this.#length);
    this.#length += 8;
  }

  /** What was written since the last call, or since the start. */
  take(): Packed {
    const packed = this.#bytes.toString('latin1', 0, this.#length);
    this.#length = 0;
    return packed;
  }

  #grow(): void {
    this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
  }
}

/** Reads numbers in the order in which they were written. */
export class PackedReader {
  #packed: Packed = '';
  #position = 0;

  /** Starts over with other numbers. */
  open(packed: Packed): this {
    this.#packed = packed;
    this.#position = 0;
    return this;
  }

  count(): number {
    let byte = this.#packed.charCodeAt(this.#position++);
    if (byte < 128) return byte;
    let value = byte - 128;
    for (let factor = 128; ; factor *= 128) {
      byte = this.#packed.charCodeAt(this.#position++);
      if (!(byte >= 128)) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  }

  double(): number {
    for (let byte = 0; byte < 8; byte++) bytesOfDouble[byte] = this.#packed.charCodeAt(this.#position++);
    return double[0] as number;
  }
}
