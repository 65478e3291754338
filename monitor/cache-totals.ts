import type { PackedReader, PackedWriter } from '../core/packed-numbers.ts';
import type { CacheCounts } from '../core/types.ts';
import type { RequestStatistics } from './statistics.ts';

/** What the monitor reads of a request's look-ups. */
export type MonitoredCacheUse = Pick<
  CacheCounts,
  'lookups' | 'hits' | 'staleHits' | 'coalesced' | 'computeMs' | 'savedMs'
>;

/** The part of the statistics that speaks of caches. */
export type RequestCacheStatistics = Pick<RequestStatistics, Extract<keyof RequestStatistics, `cache${string}`>>;

/** Adds up what requests did with caches. */
export class CacheTotals {
  /** Requests that looked something up, and those of them that found all of it. */
  #requestCount = 0;
  #allHitCount = 0;
  #lookupCount = 0;
  #hitCount = 0;
  #staleHitCount = 0;
  #coalescedCount = 0;
  #computeMs = 0;
  #savedMs = 0;

  /** Counts a request that looked something up. */
  add({ lookups, hits, staleHits, coalesced, computeMs, savedMs }: MonitoredCacheUse): void {
    this.#requestCount++;
    if (hits === lookups) this.#allHitCount++;
    this.#lookupCount += lookups;
    this.#hitCount += hits;
    this.#staleHitCount += staleHits;
    this.#coalescedCount += coalesced;
    this.#computeMs += computeMs;
    this.#savedMs += savedMs;
  }

  merge(other: CacheTotals): void {
    this.#requestCount += other.#requestCount;
    this.#allHitCount += other.#allHitCount;
    this.#lookupCount += other.#lookupCount;
    this.#hitCount += other.#hitCount;
    this.#staleHitCount += other.#staleHitCount;
    this.#coalescedCount += other.#coalescedCount;
    this.#computeMs += other.#computeMs;
    this.#savedMs += other.#savedMs;
  }

  clear(): void {
    this.#requestCount = this.#allHitCount = this.#lookupCount = this.#hitCount = this.#staleHitCount = 0;
    this.#coalescedCount = this.#computeMs = this.#savedMs = 0;
  }

  /** One byte where nothing was looked up: most slices of most endpoints. */
  pack(writer: PackedWriter): void {
    writer.count(this.#requestCount);
    if (this.#requestCount === 0) return;
    writer.count(this.#allHitCount);
    writer.count(this.#lookupCount);
    writer.count(this.#hitCount);
    writer.count(this.#staleHitCount);
    writer.count(this.#coalescedCount);
    writer.double(this.#computeMs);
    writer.double(this.#savedMs);
  }

  addPacked(reader: PackedReader): void {
    const requestCount = reader.count();
    if (requestCount === 0) return;
    this.#requestCount += requestCount;
    this.#allHitCount += reader.count();
    this.#lookupCount += reader.count();
    this.#hitCount += reader.count();
    this.#staleHitCount += reader.count();
    this.#coalescedCount += reader.count();
    this.#computeMs += reader.double();
    this.#savedMs += reader.double();
  }

  toStatistics(): RequestCacheStatistics {
    return {
      cacheRequestCount: this.#requestCount,
      cacheAllHitRate: this.#requestCount > 0 ? this.#allHitCount / this.#requestCount : undefined,
      cacheLookupCount: this.#lookupCount,
      cacheHitCount: this.#hitCount,
      cacheHitRate: this.#lookupCount > 0 ? this.#hitCount / this.#lookupCount : undefined,
      cacheStaleHitCount: this.#staleHitCount,
      cacheCoalescedCount: this.#coalescedCount,
      cacheComputeMsTotal: this.#computeMs,
      cacheSavedMsTotal: this.#savedMs,
    };
  }
}
