import type { CacheResult } from '../core/cache-result.ts';
import type { CacheCounts } from '../core/types.ts';

/** What one request does with caches: counts and sums, whatever the number of look-ups. */
export class CacheUse {
  lookupCount = 0;
  readonly #counts: Record<CacheResult, number> = { hit: 0, stale: 0, miss: 0, coalesced: 0, bypass: 0, error: 0 };
  #computeMs = 0;
  #savedMs = 0;
  #freshMsMin = Infinity;

  /** Counts a look-up. `savedMs`: what its value took to compute, for a hit. `freshMs`: how long it will still be fresh. */
  add(result: CacheResult, savedMs: number, freshMs: number): void {
    this.lookupCount++;
    this.#counts[result]++;
    if (result !== 'hit' && result !== 'stale') return;
    this.#savedMs += savedMs;
    if (freshMs < this.#freshMsMin) this.#freshMsMin = freshMs;
  }

  /** Counts a computation of this request's own. */
  addCompute(durationMs: number): void {
    this.#computeMs += durationMs;
  }

  /** True while every look-up that asked a cache was answered by it; undefined while there was none. */
  get allHit(): boolean | undefined {
    const { hit, stale, miss, coalesced, error } = this.#counts;
    if (hit + stale + miss + coalesced + error === 0) return undefined;
    return miss + coalesced + error === 0;
  }

  /** Milliseconds until the first of the values that were hit is no longer fresh; Infinity without one. */
  get freshMsMin(): number {
    return this.#freshMsMin;
  }

  toCounts(): CacheCounts {
    const { hit, stale, miss, coalesced, bypass, error } = this.#counts;
    return {
      lookups: hit + stale + miss + coalesced + error,
      hits: hit + stale,
      staleHits: stale,
      misses: miss,
      coalesced,
      bypassed: bypass,
      errors: error,
      computeMs: this.#computeMs,
      savedMs: this.#savedMs,
    };
  }
}
