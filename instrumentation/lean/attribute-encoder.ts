import type { Attributes } from '@opentelemetry/api';
import { ByteWriter } from './byte-writer.ts';

/** Keys, values of each, letters of a value, and bytes of all that are kept; what is beyond is encoded each time. */
export const MAX_CACHED_KEYS = 500;
export const MAX_CACHED_VALUES = 500;
const MAX_CACHED_LETTERS = 2048;
const MAX_CACHED_BYTES = 2_097_152;

interface KnownKey {
  /** The key's part of a KeyValue message. */
  readonly bytes: Uint8Array;
  readonly values: Map<unknown, Uint8Array>;
}

/**
 * Writes attributes as OTLP's KeyValue messages, and keeps those whose key and value come again: of a span with fourteen
 * attributes all but a few do.
 */
export class AttributeEncoder {
  readonly #known = new Map<string, KnownKey>();
  readonly #scratch = new ByteWriter(256);
  #cachedBytes = 0;

  /** `tag`: that of the field in the message whose attributes these are; one encoder serves one tag. */
  write(writer: ByteWriter, tag: number, attributes: Attributes): void {
    for (const key in attributes) {
      if (!Object.hasOwn(attributes, key)) continue;
      const value = attributes[key];
      const known = this.#known.get(key) ?? this.#learnKey(key);
      const cached = known?.values.get(value);
      if (cached !== undefined) writer.raw(cached);
      else this.#writeNew(writer, tag, key, value, known);
    }
  }

  #writeNew(writer: ByteWriter, tag: number, key: string, value: unknown, known: KnownKey | undefined): void {
    if (known === undefined || !this.#isWorthKeeping(value, known)) {
      writeKeyValue(writer, tag, key, value, known?.bytes);
      return;
    }
    writeKeyValue(this.#scratch, tag, key, value, known.bytes);
    const bytes = this.#scratch.take();
    this.#cachedBytes += bytes.length;
    known.values.set(value, bytes);
    writer.raw(bytes);
  }

  #isWorthKeeping(value: unknown, { values }: KnownKey): boolean {
    if (values.size >= MAX_CACHED_VALUES || this.#cachedBytes >= MAX_CACHED_BYTES) return false;
    // A Map takes 0 and -0 for the same.
    if (typeof value === 'number') return !Object.is(value, -0);
    return typeof value === 'boolean' || (typeof value === 'string' && value.length <= MAX_CACHED_LETTERS);
  }

  #learnKey(key: string): KnownKey | undefined {
    if (this.#known.size >= MAX_CACHED_KEYS || key.length > MAX_CACHED_LETTERS) return undefined;
    this.#scratch.text(0x0a, key);
    const known: KnownKey = { bytes: this.#scratch.take(), values: new Map() };
    this.#known.set(key, known);
    return known;
  }
}

function writeKeyValue(writer: ByteWriter, tag: number, key: string, value: unknown, keyBytes?: Uint8Array): void {
  const pair = writer.open(tag);
  if (keyBytes === undefined) writer.text(0x0a, key);
  else writer.raw(keyBytes);
  const inner = writer.open(0x12);
  writeValue(writer, value);
  writer.close(inner);
  writer.close(pair);
}

const MIN_INT64 = -(2 ** 63);
const MAX_INT64 = 2 ** 63;

/** The body of an AnyValue. What is none of its types is an empty one, as in OpenTelemetry's own encoder. */
function writeValue(writer: ByteWriter, value: unknown): void {
  if (typeof value === 'string') writer.text(0x0a, value);
  else if (typeof value === 'boolean') {
    writer.byte(0x10);
    writer.byte(value ? 1 : 0);
  } else if (typeof value === 'number') writeNumber(writer, value);
  else if (value instanceof Uint8Array) {
    writer.byte(0x3a);
    writer.varint(value.length);
    writer.raw(value);
  } else if (Array.isArray(value)) {
    const list = writer.open(0x2a);
    for (const item of value as unknown[]) {
      const element = writer.open(0x0a);
      writeValue(writer, item);
      writer.close(element);
    }
    writer.close(list);
  } else if (typeof value === 'object' && value !== null) {
    const map = writer.open(0x32);
    for (const [key, item] of Object.entries(value)) writeKeyValue(writer, 0x0a, key, item);
    writer.close(map);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isInteger(value) && value >= MIN_INT64 && value < MAX_INT64) {
    writer.byte(0x18);
    writer.varint64(value);
  } else {
    writer.byte(0x21);
    writer.double(value);
  }
}
