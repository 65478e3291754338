import type { CacheParts } from './cache-parts.ts';
import type { GuardedStoreCounters } from './guarded-store.ts';
import type { PatternCounts } from './pattern-counts.ts';

/** Look-ups of one pattern, or of a cache, and what became of them. Since the cache was made. Plain data. */
export interface LookupStatistics {
  /** Fresh values that were found. */
  readonly hits: number;
  /** Those of `hits` that the second tier answered. */
  readonly secondTierHits: number;
  /** Values past their time that were served. */
  readonly staleHits: number;
  readonly misses: number;
  /** Look-ups that waited for a computation of another. */
  readonly coalesced: number;
  readonly bypassed: number;
  readonly errors: number;
  /** Hits, stale ones included, over all look-ups that asked the cache, 0–1; `undefined` while none did. */
  readonly hitRate: number | undefined;
  readonly sets: number;
  /** Values that went for lack of room. */
  readonly evictions: number;
  /** Values that went because their time was up. */
  readonly expirations: number;
  readonly invalidations: number;
  /** Computed values that were invalidated before they could be stored. */
  readonly discardedStores: number;
  readonly computeCount: number;
  readonly computeErrors: number;
  /** Milliseconds; `undefined` while nothing was computed. */
  readonly computeMsAvg: number | undefined;
  /** Milliseconds, an estimate: what the values of all hits took to compute. */
  readonly savedMsTotal: number;
}

export interface PatternStatistics extends LookupStatistics {
  readonly pattern: string;
}

export interface CacheStatistics extends LookupStatistics {
  readonly name: string;
  /** Entries in the first tier. */
  readonly size: number;
  /** Of those, the ones that could be served as fresh, and the others, as they were counted `countedAgoMs` ago. */
  readonly validCount: number;
  readonly expiredCount: number;
  readonly countedAgoMs: number;
  /** As `sizeOf` told; 0 without it. */
  readonly bytes: number;
  readonly computationsInFlight: number;
  /** Tags that are kept, of values and of invalidations. */
  readonly tagCount: number;
  /** How the second tier is doing; absent without one. */
  readonly secondTier?: GuardedStoreCounters;
  /** By look-ups, most first. */
  readonly patterns: readonly PatternStatistics[];
}

/** Up to so many entries are counted when they are asked for; beyond, the last sweep's count is given. */
const COUNTED_AT_ONCE = 2000;

/** `exact`: every entry is counted now. */
export function cacheStatistics(parts: CacheParts, exact: boolean): CacheStatistics {
  const { table, sweeper, patterns, options, computations, tagClock, store } = parts;
  const { size, bytes } = table;
  const last = exact || size <= COUNTED_AT_ONCE ? undefined : sweeper.last;
  const { validCount, expiredCount, atMs } = last ?? sweeper.count();
  const uses = patterns.all();
  return {
    name: options.name,
    size,
    validCount,
    expiredCount,
    countedAgoMs: options.entryClock.nowMs() - atMs,
    bytes,
    computationsInFlight: computations.size,
    tagCount: tagClock.size,
    ...lookupStatistics(uses),
    ...(store !== undefined && { secondTier: store.counters }),
    patterns: patternStatistics(uses),
  };
}

/** Adds up what was done with some patterns. */
export function lookupStatistics(uses: readonly PatternCounts[]): LookupStatistics {
  const sum = (read: (use: PatternCounts) => number): number => uses.reduce((total, use) => total + read(use), 0);
  const hits = sum((use) => use.hits);
  const staleHits = sum((use) => use.staleHits);
  const misses = sum((use) => use.misses);
  const coalesced = sum((use) => use.coalesced);
  const errors = sum((use) => use.errors);
  const lookups = hits + staleHits + misses + coalesced + errors;
  const computeCount = sum((use) => use.computeDurations.count);
  const computeSeconds = sum((use) => use.computeDurations.sum);
  return {
    hits,
    secondTierHits: sum((use) => use.secondTierHits),
    staleHits,
    misses,
    coalesced,
    bypassed: sum((use) => use.bypassed),
    errors,
    hitRate: lookups === 0 ? undefined : (hits + staleHits) / lookups,
    sets: sum((use) => use.sets),
    evictions: sum((use) => use.evictions),
    expirations: sum((use) => use.expirations),
    invalidations: sum((use) => use.invalidations),
    discardedStores: sum((use) => use.discardedStores),
    computeCount,
    computeErrors: sum((use) => use.computeErrors),
    computeMsAvg: computeCount === 0 ? undefined : (1000 * computeSeconds) / computeCount,
    savedMsTotal: sum((use) => use.savedMs),
  };
}

/** The patterns by their look-ups, most first. */
export function patternStatistics(uses: readonly PatternCounts[]): readonly PatternStatistics[] {
  const lookups = (use: LookupStatistics): number => use.hits + use.staleHits + use.misses + use.coalesced + use.errors;
  return uses
    .map((use) => ({ pattern: use.pattern, ...lookupStatistics([use]) }))
    .sort((a, b) => lookups(b) - lookups(a) || (a.pattern < b.pattern ? -1 : 1));
}
