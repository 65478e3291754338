import { LRUCache } from 'lru-cache';
import type { CacheEntry } from './cache-entry.ts';
import { asOwnTable } from './own-table.ts';
import { invalidatedSince, type TagClock } from './tag-clock.ts';

export interface EntryTableOptions {
  readonly tagClock: TagClock;
  readonly maxEntries: number;
  readonly maxBytes: number | undefined;
  /** Called when the first entry comes. */
  readonly onFirstEntry: () => void;
  /** Called when all entries have gone. */
  readonly onClear: () => void;
}

/**
 * The first tier: what is kept, and which value goes when there is no room. lru-cache orders and bounds; times and tags are ours,
 * for it takes a time to live of 0 for eternity, hides what has expired, and knows no tags.
 */
export class EntryTable {
  readonly #options: EntryTableOptions;
  readonly #hasBytes: boolean;
  #entries: LRUCache<string, CacheEntry>;
  #isUsed = false;

  constructor(options: EntryTableOptions) {
    this.#options = options;
    this.#hasBytes = options.maxBytes !== undefined;
    this.#entries = newTable(options);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Bytes, as `sizeOf` told; 0 without it. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** The entry, whatever its time and its tags; it counts as used. */
  get(key: string): CacheEntry | undefined {
    return this.#entries.get(key);
  }

  /** The same, without counting as a use. */
  peek(key: string): CacheEntry | undefined {
    return this.#entries.peek(key);
  }

  /** Takes the entry and the holds on its tags. False when it is larger than the whole table: then nothing is under the key. */
  set(key: string, entry: CacheEntry, bytes: number): boolean {
    if (!this.#isUsed) {
      this.#isUsed = true;
      this.#options.onFirstEntry();
    }
    this.#entries.set(key, entry, this.#hasBytes ? { size: Math.max(1, Math.ceil(bytes)) } : undefined);
    if (!this.#hasBytes || this.#entries.peek(key) === entry) return true;
    releaseTags(entry, this.#options.tagClock);
    return false;
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** Removes everything, in the same time whatever there is: what was is left to the garbage collector. */
  clear(): void {
    this.#entries = newTable(this.#options);
    this.#options.tagClock.forgetAll();
    this.#options.onClear();
  }

  /** Removes the entry because its time is up or a tag of it was invalidated, and counts why. */
  remove(key: string, entry: CacheEntry): void {
    if (isInvalidated(entry)) entry.counts.invalidations++;
    else entry.counts.expirations++;
    this.#entries.delete(key);
  }

  /** Keys, least recently used first. Entries that come or move during the walk may be missed. */
  keysFromOldest(): IterableIterator<string> {
    return this.#entries.rkeys();
  }
}

function newTable({ tagClock, maxEntries, maxBytes }: EntryTableOptions): LRUCache<string, CacheEntry> {
  const table = new LRUCache<string, CacheEntry>({
    max: maxEntries,
    ...(maxBytes !== undefined && { maxSize: maxBytes }),
    dispose(entry, _key, reason) {
      if (reason === 'evict') entry.counts.evictions++;
      releaseTags(entry, tagClock);
    },
  });
  return asOwnTable(table);
}

function releaseTags({ tags }: CacheEntry, tagClock: TagClock): void {
  if (tags !== undefined) for (const state of tags) tagClock.release(state);
}

export function isInvalidated(entry: CacheEntry): boolean {
  return entry.tags !== undefined && invalidatedSince(entry.tags, entry.epoch) > 0;
}
