import type { StoredEntry } from '../store.ts';
import { readEnvelope, writeEnvelope, type Envelope, type Seal } from './envelope.ts';
import type { Serializer } from './serializer.ts';

/** What kept entries out or made them misses, since the start. The counts only grow. */
export interface RedisStoreCounters {
  /** Read, but not made by this cache: cut, sealed with another key, poisoned, or not to be decoded. */
  readonly malformed: number;
  /** Larger than `maxItemBytes`: not stored, or found in Redis and left there. */
  readonly tooLarge: number;
  /** Values that the serializer could not turn into text. */
  readonly notEncodable: number;
  /** Messages of other processes that could not be understood, and times that the bus was silent. */
  readonly busFaults: number;
}

export interface EntryCodecOptions {
  /** Part of each value's key in Redis: versions do not see one another's values. */
  readonly version: string;
  readonly serializer: Serializer;
  readonly maxItemBytes: number;
  readonly hmacKey: string | Uint8Array | undefined;
}

/** Entries to text and back. Nothing here throws: an entry that cannot be read is a miss, one that cannot be written is not. */
export class EntryCodec {
  readonly version: string;
  readonly #serializer: Serializer;
  readonly #maxItemBytes: number;
  readonly #hmacKey: string | Uint8Array | undefined;
  readonly counters = { malformed: 0, tooLarge: 0, notEncodable: 0 };

  constructor({ version, serializer, maxItemBytes, hmacKey }: EntryCodecOptions) {
    this.version = version;
    this.#serializer = serializer;
    this.#maxItemBytes = maxItemBytes;
    this.#hmacKey = hmacKey;
  }

  encode(value: unknown): string | undefined {
    try {
      const text = this.#serializer.encode(value);
      if (typeof text === 'string') return text;
    } catch {
      // Counted below; the value stays in the first tier.
    }
    this.counters.notEncodable++;
    return undefined;
  }

  /** `undefined` for an entry that is too large. `context`: the key under which it will stand. */
  seal(envelope: Envelope, context: string): { readonly text: string; readonly bytes: number } | undefined {
    const text = writeEnvelope(envelope, this.#sealOf(context));
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.#maxItemBytes) return { text, bytes };
    this.counters.tooLarge++;
    return undefined;
  }

  /** `reply`: what stands in Redis under `context`, null for nothing. */
  open(reply: unknown, context: string): Envelope | undefined {
    if (reply === null || reply === undefined) return undefined;
    const text = Buffer.isBuffer(reply) ? reply.toString() : reply;
    if (typeof text === 'string' && Buffer.byteLength(text) > this.#maxItemBytes) {
      this.counters.tooLarge++;
      return undefined;
    }
    const envelope = typeof text === 'string' ? readEnvelope(text, this.#sealOf(context)) : undefined;
    if (envelope === undefined) this.counters.malformed++;
    return envelope;
  }

  /** `leftMs`: how long it will be kept. Redis's clock decides, so clocks of processes may differ. */
  toEntry({ body, versions, freshMs, staleMs, computeMs }: Envelope, leftMs: number): StoredEntry | undefined {
    try {
      if (leftMs >= 0) {
        const value = this.#serializer.decode(body);
        return { value, tags: [...versions.keys()], freshMs: Math.min(leftMs - staleMs, freshMs), staleMs, computeMs };
      }
    } catch {
      // Counted below; the value is computed again.
    }
    this.counters.malformed++;
    return undefined;
  }

  #sealOf(context: string): Seal | undefined {
    return this.#hmacKey === undefined ? undefined : { hmacKey: this.#hmacKey, context };
  }
}
