import { currentRequest } from '../request/request-on-span.ts';
import { bytesOf } from './bytes-of.ts';
import type { CacheEntry } from './cache-entry.ts';
import { CacheUsageError } from './cache-errors.ts';
import type { CacheKey, CounterKey } from './cache-key.ts';
import { checkCacheOptions, type CacheManagerOptions } from './cache-options.ts';
import { createCacheParts, type CacheParts } from './cache-parts.ts';
import { cacheStatistics, type CacheStatistics } from './cache-statistics.ts';
import type { ComputeContext } from './compute-context.ts';
import type { EntryClock } from './entry-clock.ts';
import { isInvalidated, type EntryTable } from './entry-table.ts';
import type { CacheMark } from './invalidations.ts';
import type { WindowCount } from './store.ts';
import type { TagClock } from './tag-clock.ts';
import {
  checkCounterKey,
  checkSeconds,
  isPlain,
  jittered,
  MAX_TAGS,
  partsOf,
  staleSecondsOf,
  tagsOf,
  ttlOf,
} from './value-policy.ts';
import type { AnyKey, GetOrComputeOptions, SetOptions } from './value-policy.ts';

const NO_OPTIONS: GetOrComputeOptions = {};

export interface FirstTierSetOptions extends SetOptions {
  /** From `mark()`: the value is not stored if its key, a tag of it or everything was set or invalidated since. */
  readonly since?: CacheMark;
}

/**
 * A cache that cannot serve what was invalidated: a value whose computation began before its key, a tag of it or everything was
 * invalidated goes to the callers who waited for it, and is not stored. One computation per key; errors reach every caller as they
 * were thrown, and are not stored; the first tier is bounded; look-ups are counted on the request that makes them.
 *
 * `get`, `set`, `has` and `delete` are synchronous and speak of the first tier, the memory of this process. `getOrCompute`,
 * `getAsync`, `setAsync`, `deleteAsync`, `invalidateTag` and `clear` speak of the second as well, where there is one.
 * Values are shared, not copied: who changes one changes it for all.
 *
 * Methods throw, or reject with, a CacheUsageError for what cannot be a key, a tag, a time to live or a computation.
 */
export class CacheManager {
  readonly name: string;
  readonly #parts: CacheParts;
  /** What a hit needs, at hand. */
  readonly #table: EntryTable;
  readonly #clock: EntryClock;
  readonly #tagClock: TagClock;
  readonly #showsLookups: boolean;

  /** @throws {SetupError} SLOWPATH_CACHE_OPTIONS, naming every option that cannot be used. */
  constructor(options: CacheManagerOptions = {}) {
    const parts = createCacheParts(checkCacheOptions(options));
    this.name = parts.options.name;
    this.#parts = parts;
    this.#table = parts.table;
    this.#clock = parts.options.entryClock;
    this.#tagClock = parts.tagClock;
    this.#showsLookups = parts.spans.showsLookups;
  }

  /** The fresh value in the first tier; `undefined` if there is none. */
  // The compiler explains a call that fits none by the last overload: the one of typed keys.
  get<Value = unknown>(key: string): Value | undefined;
  get<Value>(key: CacheKey<Value>): Value | undefined;
  get(key: AnyKey): unknown {
    const entry = this.#table.get(typeof key === 'string' ? key : key?.key);
    if (entry !== undefined) {
      const freshMs = entry.expiresAtMs - this.#clock.recentMs();
      if (freshMs > 0 && this.#tagClock.holds(entry)) {
        this.#countHit(key, entry, freshMs, 'get');
        return entry.value;
      }
    }
    this.#parts.lookups.countMissed(key, entry);
    return undefined;
  }

  /** Whether `get` would find a value. Counted as no look-up. */
  has(key: AnyKey): boolean {
    const entry = this.#table.peek(partsOf(key).text);
    return entry !== undefined && this.#clock.nowMs() < entry.expiresAtMs && !isInvalidated(entry);
  }

  /** The fresh value of the first tier, else of the second. Computes nothing. */
  getAsync<Value = unknown>(key: string, options?: Pick<SetOptions, 'tags'>): Promise<Value | undefined>;
  getAsync<Value>(key: CacheKey<Value>, options?: Pick<SetOptions, 'tags'>): Promise<Value | undefined>;
  async getAsync(key: AnyKey, options: Pick<SetOptions, 'tags'> = NO_OPTIONS): Promise<unknown> {
    if (this.#parts.store === undefined) return this.get(key as string);
    return await this.#parts.lookups.read(key, options);
  }

  /**
   * The value under the key: from the first tier, from the second, or computed, once however many ask for it at the same time.
   * A computation that fails rejects for every caller with what it threw. `undefined` is handed out and not stored; `null` is stored.
   */
  getOrCompute<Value>(
    key: string,
    compute: (context: ComputeContext) => Value | PromiseLike<Value>,
    options?: GetOrComputeOptions,
  ): Promise<Value>;
  getOrCompute<Value>(
    key: CacheKey<Value>,
    compute: (context: ComputeContext) => NoInfer<Value> | PromiseLike<NoInfer<Value>>,
    options?: GetOrComputeOptions,
  ): Promise<Value>;
  getOrCompute(
    key: AnyKey,
    compute: (context: ComputeContext) => unknown,
    options: GetOrComputeOptions = NO_OPTIONS,
  ): Promise<unknown> {
    if ((typeof key === 'string' || key?.key !== undefined) && (options === NO_OPTIONS || isPlain(options))) {
      const entry = this.#table.get(typeof key === 'string' ? key : key.key);
      if (entry !== undefined) {
        const freshMs = entry.expiresAtMs - this.#clock.recentMs();
        if (freshMs > 0 && this.#tagClock.holds(entry)) {
          this.#countHit(key, entry, freshMs, 'get_or_compute');
          return Promise.resolve(entry.value);
        }
      }
    }
    return this.#parts.lookups.getOrCompute(key, compute, options);
  }

  /**
   * Stores in the first tier; a computation of the key that is under way will not be stored. With a `ttl` of 0 or less, or
   * `undefined`, what is under the key goes. True when the value was stored.
   */
  set(key: string, value: unknown, options?: FirstTierSetOptions): boolean;
  set<Value>(key: CacheKey<Value>, value: NoInfer<Value>, options?: FirstTierSetOptions): boolean;
  set(key: AnyKey, value: unknown, options: FirstTierSetOptions = NO_OPTIONS): boolean {
    const parts = partsOf(key);
    const ttl = ttlOf(parts, options, this.#parts.options);
    const tags = tagsOf(parts, options);
    const staleSeconds = staleSecondsOf(parts, options);
    if (options.since !== undefined && !this.#parts.invalidations.holdsSince(options.since, parts.text, tags))
      return false;
    this.#parts.invalidations.touchHere(parts.text);
    if (value === undefined || !(ttl > 0) || tags.length > MAX_TAGS || !this.#parts.options.enabled) {
      this.#table.delete(parts.text);
      return false;
    }
    const counts = this.#parts.patterns.of(parts.pattern);
    // Asks the user's code, which may use the cache: before a tag is held.
    const freshMs = jittered(1000 * ttl, this.#parts.options);
    const bytes = bytesOf(value, this.#parts.options);
    const entry = this.#parts.reach.entryOf({
      value,
      freshMs,
      staleMs: 1000 * staleSeconds,
      epoch: this.#tagClock.now,
      tags: this.#tagClock.holdAll(tags, parts.definition?.tagPatterns),
      counts,
      computeMs: 0,
    });
    const wasStored = this.#table.set(parts.text, entry, bytes);
    if (wasStored) counts.sets++;
    return wasStored;
  }

  /**
   * Stores in both tiers. False when a tier did not take the value, or the second could not be reached; or when this process has set
   * or invalidated the key, a tag of it or everything meanwhile.
   */
  setAsync(key: string, value: unknown, options?: SetOptions): Promise<boolean>;
  setAsync<Value>(key: CacheKey<Value>, value: NoInfer<Value>, options?: SetOptions): Promise<boolean>;
  async setAsync(key: AnyKey, value: unknown, options: SetOptions = NO_OPTIONS): Promise<boolean> {
    const wasStored = this.set(key as string, value, options);
    const { secondTier, invalidations } = this.#parts;
    if (secondTier === undefined) return wasStored;
    const parts = partsOf(key);
    const tags = tagsOf(parts, options);
    const freshMs = 1000 * ttlOf(parts, options, this.#parts.options);
    const keep = { tags, freshMs, staleMs: 1000 * staleSecondsOf(parts, options) };
    const since = invalidations.mark();
    if (!(await invalidations.deleteThere(parts)) || !wasStored) return false;
    return await secondTier.put(parts, value, keep, () => invalidations.holdsSince(since, parts.text, tags));
  }

  /** Removes from the first tier; a computation under way will not be stored. True if there was a value. */
  delete(key: AnyKey): boolean {
    return this.#parts.invalidations.deleteHere(partsOf(key));
  }

  /**
   * Removes from both tiers. When it has resolved to true, nobody who asks gets the value of before, in no process; false: the second
   * tier could not be reached, this process no longer serves the value, and the others hear of it when the tier is back.
   */
  async deleteAsync(key: AnyKey): Promise<boolean> {
    const parts = partsOf(key);
    this.#parts.invalidations.deleteHere(parts);
    return await this.#parts.invalidations.deleteThere(parts);
  }

  /** Ends every value that carries the tag, in both tiers, and costs the same however many there are. Resolves as `deleteAsync` does. */
  invalidateTag(tag: string): Promise<boolean> {
    return this.invalidateTags([tag]);
  }

  invalidateTags(tags: readonly string[]): Promise<boolean> {
    return this.#parts.invalidations.invalidateTags(tags);
  }

  /** Ends everything, in both tiers. Resolves as `deleteAsync` does. */
  async clear(): Promise<boolean> {
    return await this.#parts.invalidations.clear();
  }

  /**
   * For code that reads, computes and sets by itself, in this process: take the mark before the source is read, and give it to
   * `set` as `since`. Without it a value that was invalidated meanwhile is stored as if it were new.
   */
  mark(): CacheMark {
    return this.#parts.invalidations.mark();
  }

  /**
   * Counts one more under the key, atomically, in a window that starts with its first increment: for rate limits. In the second tier
   * where there is one; if that cannot be reached, in this process alone.
   */
  async increment(key: CounterKey | string, options: { readonly windowSeconds: number }): Promise<WindowCount> {
    const text = typeof key === 'string' ? key : checkCounterKey(key);
    const windowMs = 1000 * checkWindow(options?.windowSeconds);
    return (await this.#parts.store?.increment(text, windowMs)) ?? this.#parts.counters.increment(text, windowMs);
  }

  /** What was looked up, and what came of it. `exact`: counts every entry now, however many there are. */
  stats({ exact = false }: { readonly exact?: boolean } = {}): CacheStatistics {
    return cacheStatistics(this.#parts, exact);
  }

  /** Forgets all values and stops its timers. A store that was passed in is told to give back what it opened itself. */
  async dispose(): Promise<void> {
    this.#parts.sweeper.stop();
    this.#parts.unregister();
    this.#parts.invalidations.stop();
    this.#parts.computations.groundAll();
    this.#table.clear();
    this.#parts.counters.clear();
    await this.#parts.store?.dispose();
  }

  #countHit(key: AnyKey, entry: CacheEntry, freshMs: number, operation: string): void {
    entry.counts.hits++;
    entry.counts.savedUs += entry.computeUs;
    currentRequest()?.addCacheLookup('hit', entry.computeMs, freshMs);
    if (this.#showsLookups) this.#parts.lookups.show(partsOf(key), operation, 'hit');
  }
}

function checkWindow(windowSeconds: number): number {
  const seconds = checkSeconds('windowSeconds', windowSeconds);
  if (seconds > 0) return seconds;
  throw new CacheUsageError(`windowSeconds ${seconds} is not above 0.`);
}
