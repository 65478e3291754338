import type { DurationHistogram } from './duration-histogram.ts';

/** What was done with the keys of one pattern in one cache. Numbers are cumulative since the cache was made. */
export interface CachePatternUse {
  readonly cacheName: string;
  /** `user:{userId}:settings`; `(unregistered)` for keys that are plain strings. */
  readonly pattern: string;
  /** Look-ups that found a fresh value, in the second tier too. */
  readonly hits: number;
  /** Look-ups that were served a value past its time: in no other count. */
  readonly staleHits: number;
  readonly misses: number;
  /** Look-ups that waited for the computation of another. */
  readonly coalesced: number;
  /** Look-ups that did not ask the cache. */
  readonly bypassed: number;
  /** Look-ups whose second tier could not be asked, or that were answered by a remembered error. */
  readonly errors: number;
  /** Those of `hits` that the second tier answered. */
  readonly secondTierHits: number;
  /** Values that were stored. */
  readonly sets: number;
  /** Values that went because there was no room for them. */
  readonly evictions: number;
  /** Values that went because their time was up. */
  readonly expirations: number;
  /** Values that were deleted, or found void because their key, a tag of theirs or everything had been invalidated. */
  readonly invalidations: number;
  /** Values that were invalidated while they were computed, and so not stored. */
  readonly discardedStores: number;
  /** Seconds, of the computations that ended, those that failed included. */
  readonly computeDurations: DurationHistogram;
  readonly computeErrors: number;
  /** Set where nobody tells of what went: then `evictions`, `expirations` and `invalidations` are the least there was. */
  readonly lossesUnknown?: boolean;
  /** Milliseconds, an estimate: what the values of all hits took to compute. Where a cache does not count it, it is hits times average. */
  readonly savedMs?: number;
  /** Milliseconds since the first look-up; a cache that does not know is as old as its registration. */
  readonly observedMs?: number;
}

/** Look-ups that asked the cache: those that bypassed it are not among them. */
export function lookupsOf({ hits, staleHits, misses, coalesced, errors }: CachePatternUse): number {
  return hits + staleHits + misses + coalesced + errors;
}

/** The average of its computations, milliseconds; `undefined` while there was none. */
export function computeMsAvgOf({ computeDurations }: CachePatternUse): number | undefined {
  return computeDurations.count === 0 ? undefined : (1000 * computeDurations.sum) / computeDurations.count;
}

/** What the values of all hits took to compute, milliseconds: as the cache counted it, else hits times average. */
export function savedMsOf(use: CachePatternUse): number {
  return use.savedMs ?? (use.hits + use.staleHits) * (computeMsAvgOf(use) ?? 0);
}
