import { computeMsAvgOf, lookupsOf, savedMsOf, type CachePatternUse } from '../core/cache-pattern-use.ts';

/**
 * Look-ups of one pattern in one cache and what became of them, since the cache was made. What needs at least one computation or
 * look-up is `undefined` while there is none. Plain data.
 */
export interface CachePatternStatistics {
  readonly cacheName: string;
  readonly pattern: string;
  /** Those that asked the cache: all but `bypassed`. */
  readonly lookupCount: number;
  /** Hits, stale ones included, over look-ups, 0–1. */
  readonly hitRate: number | undefined;
  readonly hits: number;
  readonly staleHits: number;
  /** Those of `hits` that the second tier answered. */
  readonly secondTierHits: number;
  readonly misses: number;
  /** Look-ups that waited for the computation of another. */
  readonly coalesced: number;
  readonly bypassed: number;
  readonly errors: number;
  readonly sets: number;
  readonly evictions: number;
  readonly expirations: number;
  readonly invalidations: number;
  readonly discardedStores: number;
  readonly computeCount: number;
  readonly computeErrors: number;
  /** Milliseconds; so the next two. */
  readonly computeMsAvg: number | undefined;
  readonly computeMsTotal: number;
  /** What the values of all hits took to compute: an estimate of what the cache has saved. */
  readonly savedMsTotal: number;
}

/** The patterns as statistics: by what they saved, then by what their computations took, most first. */
export function cachePatternStatistics(uses: readonly CachePatternUse[]): readonly CachePatternStatistics[] {
  return uses
    .map(toStatistics)
    .sort((a, b) => b.savedMsTotal - a.savedMsTotal || b.computeMsTotal - a.computeMsTotal || byName(a, b));
}

function toStatistics(use: CachePatternUse): CachePatternStatistics {
  const lookupCount = lookupsOf(use);
  return {
    cacheName: use.cacheName,
    pattern: use.pattern,
    lookupCount,
    hitRate: lookupCount > 0 ? (use.hits + use.staleHits) / lookupCount : undefined,
    hits: use.hits,
    staleHits: use.staleHits,
    secondTierHits: use.secondTierHits,
    misses: use.misses,
    coalesced: use.coalesced,
    bypassed: use.bypassed,
    errors: use.errors,
    sets: use.sets,
    evictions: use.evictions,
    expirations: use.expirations,
    invalidations: use.invalidations,
    discardedStores: use.discardedStores,
    computeCount: use.computeDurations.count,
    computeErrors: use.computeErrors,
    computeMsAvg: computeMsAvgOf(use),
    computeMsTotal: 1000 * use.computeDurations.sum,
    savedMsTotal: savedMsOf(use),
  };
}

function byName(a: CachePatternStatistics, b: CachePatternStatistics): number {
  return `${a.cacheName}\n${a.pattern}` < `${b.cacheName}\n${b.pattern}` ? -1 : 1;
}
