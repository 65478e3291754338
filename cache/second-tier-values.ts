import type { CacheEntry, EntryParts } from './cache-entry.ts';
import type { CacheSpans } from './cache-spans.ts';
import type { FirstTierReach } from './first-tier-reach.ts';
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
  readonly tagClock: TagClock;
  readonly spans: CacheSpans;
  readonly reach: FirstTierReach;
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
    // A value is on its way to be computed: that of the second tier is taken only if somebody else was quicker.
    if (flight.purpose === 'early' || (flight.purpose !== 'caller' && result === 'stale')) return 'absent';
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

  /**
   * Writes a value that nobody computes here, if `isWanted` once the store is ready to take it. False when it was not taken, or the
   * store could not be reached.
   */
  async put(
    key: KeyParts,
    value: unknown,
    keep: Pick<StoredEntry, 'tags' | 'freshMs' | 'staleMs'>,
    isWanted: () => boolean,
  ): Promise<boolean> {
    const { store, spans } = this.#parts;
    const write = async (): Promise<number | undefined> => {
      const read = await store.read(key.text, keep.tags);
      if (read === undefined || !isWanted()) return undefined;
      return await store.write(key.text, { value, ...keep, computeMs: 0 }, read.fence);
    };
    const bytes = await spans.around('set', { key: key.text, pattern: key.pattern }, write, describeWrite);
    return bytes !== undefined;
  }

  #adopt(stored: StoredEntry, flight: Flight, counts: PatternCounts): CacheEntry {
    const { value, freshMs, staleMs, computeMs } = stored;
    const { epoch, tags } = flight;
    return this.#parts.reach.entryOf({ value, freshMs, staleMs, computeMs, epoch, tags, counts });
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
