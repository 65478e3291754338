import type { CacheEntry } from './cache-entry.ts';
import type { EntryClock } from './entry-clock.ts';
import { isInvalidated, type EntryTable } from './entry-table.ts';

/** Between two sweeps. */
export const SWEEP_INTERVAL_MS = 300_000;
/** Entries that are looked at before the event loop has its turn. */
export const SLICE_ENTRIES = 2000;

/** So often a walk that was cut short begins anew. */
const RESTARTS_MAX = 4;

/** What a walk over all entries found, of those that it has left there. */
export interface SweepCounts {
  /** Entries that could be served as fresh. */
  readonly validCount: number;
  /** Entries past their time, or invalidated. After a sweep: those that a stale answer may still be made of. */
  readonly expiredCount: number;
  /** On the cache's clock. */
  readonly atMs: number;
}

/**
 * Removes what has expired and was asked for by nobody since, every five minutes and a slice at a time: a hundred thousand entries
 * at once would hold up every request. Its timer keeps neither the process nor a forgotten cache alive.
 */
export class Sweeper {
  readonly #table: EntryTable;
  readonly #clock: EntryClock;
  #timer: NodeJS.Timeout | undefined;
  #slice: NodeJS.Immediate | undefined;
  #last: SweepCounts | undefined;

  constructor(table: EntryTable, clock: EntryClock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Begins to sweep: nothing need be looked at before there is something. */
  start(): void {
    if (this.#timer !== undefined) return;
    const self = new WeakRef(this);
    const timer = setInterval(() => {
      const sweeper = self.deref();
      if (sweeper === undefined) clearInterval(timer);
      else sweeper.#begin();
    }, SWEEP_INTERVAL_MS);
    timer.unref();
    this.#timer = timer;
  }

  /** Of the last sweep that came to its end; `undefined` before the first. */
  get last(): SweepCounts | undefined {
    return this.#last;
  }

  /** Looks at every entry now, and removes nothing. */
  count(): SweepCounts {
    const nowMs = this.#clock.nowMs();
    let validCount = 0;
    for (const key of this.#table.keysFromOldest()) {
      const entry = this.#table.peek(key);
      if (entry !== undefined && nowMs < entry.expiresAtMs && !isInvalidated(entry)) validCount++;
    }
    return { validCount, expiredCount: this.#table.size - validCount, atMs: nowMs };
  }

  /** There is nothing of what the last sweep has seen. */
  forget(): void {
    this.#last = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#slice !== undefined) clearImmediate(this.#slice);
    this.#timer = this.#slice = undefined;
  }

  /** One walk. A call while one is under way changes nothing. */
  #begin(): void {
    if (this.#slice !== undefined) return;
    let walk = new Walk(this.#table);
    let restartsLeft = RESTARTS_MAX;
    const step = (): void => {
      const nowMs = this.#clock.nowMs();
      let hasMore = walk.slice(nowMs);
      if (!hasMore && walk.isCutShort && restartsLeft-- > 0) {
        walk = new Walk(this.#table);
        hasMore = true;
      }
      this.#slice = hasMore ? setImmediate(step).unref() : undefined;
      if (!hasMore) this.#last = { ...walk.counts, atMs: nowMs };
    };
    this.#slice = setImmediate(step).unref();
  }
}

class Walk {
  readonly counts = { validCount: 0, expiredCount: 0 };
  readonly #table: EntryTable;
  readonly #keys: IterableIterator<string>;
  /** What a look-up moves to the front of the order may be met twice or not at all: the walk ends after as many as there were. */
  #left: number;
  /** The walk stands on it. It goes when the walk has moved on, for its place in the order may be another's by then. */
  #doomed: { readonly key: string; readonly entry: CacheEntry } | undefined;

  constructor(table: EntryTable) {
    this.#table = table;
    this.#keys = table.keysFromOldest();
    this.#left = table.size;
  }

  /**
   * At its end: there are entries that it has not seen, though it had steps left. The entry that it stood on between two slices
   * was looked up, and is the newest now; or all entries have gone, and others have come.
   */
  get isCutShort(): boolean {
    return this.#left > 0 && this.counts.validCount + this.counts.expiredCount < this.#table.size;
  }

  /** True when there is more. */
  slice(nowMs: number): boolean {
    for (let i = 0; i < SLICE_ENTRIES; i++) {
      const next = this.#left-- > 0 ? this.#keys.next() : undefined;
      if (this.#doomed !== undefined && this.#table.peek(this.#doomed.key) === this.#doomed.entry)
        this.#table.remove(this.#doomed.key, this.#doomed.entry);
      this.#doomed = undefined;
      if (next === undefined || next.done === true) return false;
      this.#look(next.value, nowMs);
    }
    return true;
  }

  #look(key: string, nowMs: number): void {
    const entry = this.#table.peek(key);
    if (entry === undefined) return;
    const isVoid = isInvalidated(entry);
    if (nowMs < entry.expiresAtMs && !isVoid) {
      this.counts.validCount++;
      return;
    }
    if (isVoid || nowMs >= entry.staleUntilMs) this.#doomed = { key, entry };
    else this.counts.expiredCount++;
  }
}
