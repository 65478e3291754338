import { savedMsOf, type CachePatternUse } from '../core/cache-pattern-use.ts';
import { DurationHistogram } from '../core/duration-histogram.ts';
import { PackedReader, PackedWriter } from '../core/packed-numbers.ts';
import type { Addition } from './bounded-sums.ts';
import type { CacheEntryCounts, CacheInvalidationUse, CacheOperationUse } from './cache-source.ts';

/** Stands for what found no place of its own. */
export const OTHER = '(other)';

const writer = new PackedWriter();
const reader = new PackedReader();

/** What caches of one name did with one pattern. */
export const patternUses: Addition<CachePatternUse> = {
  nameOf: ({ cacheName, pattern }) => `${cacheName}\n${pattern}`,
  sum: (a, b) => ({
    cacheName: a.cacheName,
    pattern: a.pattern,
    hits: a.hits + b.hits,
    staleHits: a.staleHits + b.staleHits,
    misses: a.misses + b.misses,
    coalesced: a.coalesced + b.coalesced,
    bypassed: a.bypassed + b.bypassed,
    errors: a.errors + b.errors,
    secondTierHits: a.secondTierHits + b.secondTierHits,
    sets: a.sets + b.sets,
    evictions: a.evictions + b.evictions,
    expirations: a.expirations + b.expirations,
    invalidations: a.invalidations + b.invalidations,
    discardedStores: a.discardedStores + b.discardedStores,
    computeDurations: sumOfHistograms(a.computeDurations, b.computeDurations),
    computeErrors: a.computeErrors + b.computeErrors,
    lossesUnknown: a.lossesUnknown === true || b.lossesUnknown === true,
    savedMs: savedMsOf(a) + savedMsOf(b),
    observedMs: Math.max(a.observedMs ?? 0, b.observedMs ?? 0),
  }),
  asOther: (use) => ({ ...use, cacheName: OTHER, pattern: OTHER }),
};

/** The numbers as they are now, `ageMs` after the cache was registered. A cache may tell them by getters, which a spread leaves out. */
export function useAfter(use: CachePatternUse, ageMs: number): CachePatternUse {
  return { ...use, savedMs: savedMsOf(use), observedMs: use.observedMs ?? ageMs };
}

export const invalidationUses: Addition<CacheInvalidationUse> = {
  nameOf: ({ cacheName, kind, tagPattern = '' }) => `${cacheName}\n${kind}\n${tagPattern}`,
  sum: (a, b) => ({ ...a, count: a.count + b.count }),
  asOther: ({ kind, count }) => ({ cacheName: OTHER, kind, count }),
};

export const operationUses: Addition<CacheOperationUse> = {
  nameOf: ({ cacheName, operation, errorType = '' }) => `${cacheName}\n${operation}\n${errorType}`,
  sum: (a, b) => ({ ...a, durations: sumOfHistograms(a.durations, b.durations) }),
  asOther: ({ operation, durations }) => ({ cacheName: OTHER, operation, durations }),
};

export function sumOfEntries(a: CacheEntryCounts, b: CacheEntryCounts): CacheEntryCounts {
  const hasBytes = a.bytes !== undefined || b.bytes !== undefined;
  return {
    valid: a.valid + b.valid,
    expired: a.expired + b.expired,
    ...(hasBytes && { bytes: (a.bytes ?? 0) + (b.bytes ?? 0) }),
  };
}

/**
 * A new histogram of all of them, in seconds. What they counted goes over as packed numbers: a cache in a bundle has histograms
 * of another copy of the class, whose private fields this copy cannot read.
 */
export function sumOfHistograms(...histograms: readonly DurationHistogram[]): DurationHistogram {
  const sum = new DurationHistogram('s');
  for (const histogram of histograms) {
    histogram.pack(writer);
    sum.addPacked(reader.open(writer.take()));
  }
  return sum;
}
