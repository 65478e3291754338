import { CacheEntry, type EntryParts } from './cache-entry.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { CheckedOptions } from './cache-options.ts';
import { FIRST_TIER_TTL } from './cache-options.ts';
import type { Flight } from './flight.ts';
import type { GuardedStore } from './guarded-store.ts';
import type { PatternCounts } from './pattern-counts.ts';
import type { StoredEntry, StoreRead } from './store.ts';
import type { TagClock } from './tag-clock.ts';
import { MAX_TAGS, type KeyParts } from './value-policy.ts';

/** `absent`: there is none that holds. `unavailable`: the second tier could not be asked. */
export type Found = 'absent' | 'unavailable' | { readonly result: 'hit' | 'stale'; readonly entry: CacheEntry };

export interface SecondTierParts {
  readonly store: GuardedStore;
  readonly options: CheckedOptions;
  readonly tagClock: TagClock;
  readonly spans: CacheSpans;
  /** Whether the store tells this process of what others invalidate. */
  readonly isTold: () => boolean;
}

/** Values to and from the second tier, in the first tier's terms. */
export class SecondTierValues {
  readonly #parts: SecondTierParts;

  constructor(parts: SecondTierParts) {
    this.#parts = parts;
  }

  /** Reads for a flight, which gets the tags of the value that is found, and the fence for one that is computed. */
  async read(key: KeyParts, flight: Flight, counts: PatternCounts): Promise<Found> {
    const { spans, store } = this.#parts;
    const tags = flight.tags.map(({ tag }) => tag);
    const read = await spans.around(
      'get',
      { key: key.text, pattern: key.pattern },
      () => store.read(key.text, tags),
      (outcome) => ({ result: resultOf(outcome), failed: outcome === undefined }),
    );
    if (read === undefined) {
      flight.isUnfenced = true;
      return 'unavailable';
    }
    flight.fence = read.fence;
    const { entry } = read;
    const result = resultOf(read);
    if (entry === undefined || (result !== 'hit' && result !== 'stale')) return 'absent';
    if (flight.purpose === 'early' || (flight.purpose === 'refresh' && result === 'stale')) return 'absent';
    if (entry.tags.length > MAX_TAGS) return 'absent';
    for (const tag of entry.tags) if (!tags.includes(tag)) flight.tags.push(this.#parts.tagClock.hold(tag));
    return { result, entry: this.#adopt(entry, flight, counts) };
  }

  /** Sends a computed value on its way; nobody waits for it. */
  write(key: KeyParts, { fence, tags }: Flight, { value, freshMs, staleMs, computeMs }: EntryParts): void {
    if (fence === undefined) return;
    const { spans, store } = this.#parts;
    const stored: StoredEntry = { value, freshMs, staleMs, computeMs, tags: tags.map(({ tag }) => tag) };
    void spans.around(
      'set',
      { key: key.text, pattern: key.pattern, tagPatterns: key.definition?.tagPatterns ?? [] },
      () => store.write(key.text, stored, fence),
      describeWrite,
    );
  }

  /** Writes a value that nobody computes here. False when it was not taken, or the store could not be reached. */
  async put(key: KeyParts, value: unknown, keep: Pick<StoredEntry, 'tags' | 'freshMs' | 'staleMs'>): Promise<boolean> {
    const { store, spans } = this.#parts;
    const write = async (): Promise<number | undefined> => {
      const read = await store.read(key.text, keep.tags);
      return read === undefined ? undefined : await store.write(key.text, { value, ...keep, computeMs: 0 }, read.fence);
    };
    const bytes = await spans.around('set', { key: key.text, pattern: key.pattern }, write, describeWrite);
    return bytes !== undefined;
  }

  /**
   * The entry as the first tier may keep it: for a few seconds where nobody tells this process what others invalidate, and never
   * past its time without asking the second tier.
   */
  withinReach(parts: EntryParts, isUnfenced: boolean): CacheEntry {
    const { options, isTold } = this.#parts;
    const ttl = options.firstTierTtl ?? (isTold() && !isUnfenced ? Infinity : FIRST_TIER_TTL);
    const isShort = 1000 * ttl < parts.freshMs;
    return new CacheEntry(isShort ? { ...parts, freshMs: 1000 * ttl, staleMs: 0 } : parts, options.entryClock.nowMs());
  }

  #adopt(stored: StoredEntry, flight: Flight, counts: PatternCounts): CacheEntry {
    const { value, freshMs, staleMs, computeMs } = stored;
    const { epoch, tags } = flight;
    return this.withinReach({ value, freshMs, staleMs, computeMs, epoch, tags, counts }, false);
  }
}

function describeWrite(bytes: number | undefined): { readonly bytes?: number; readonly failed?: boolean } {
  return bytes === undefined ? { failed: true } : { bytes };
}

function resultOf(read: StoreRead | undefined): 'hit' | 'stale' | 'miss' | 'error' {
  if (read === undefined) return 'error';
  if (read.entry === undefined) return 'miss';
  if (read.entry.freshMs > 0) return 'hit';
  return read.entry.freshMs + read.entry.staleMs > 0 ? 'stale' : 'miss';
}
