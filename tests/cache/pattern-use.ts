import type { CachePatternUse } from '../../core/cache-pattern-use.ts';
import { DurationHistogram } from '../../core/duration-histogram.ts';

/** The use of a pattern with the given numbers; nothing was done otherwise. Computations took so many seconds each. */
export function patternUse(
  parts: Partial<Omit<CachePatternUse, 'computeDurations'>> & { readonly computeSeconds?: readonly number[] } = {},
): CachePatternUse {
  const { computeSeconds = [], ...numbers } = parts;
  const computeDurations = new DurationHistogram('s');
  for (const seconds of computeSeconds) computeDurations.record(seconds);
  return {
    cacheName: 'default',
    pattern: 'user:{userId}:settings',
    hits: 0,
    staleHits: 0,
    misses: 0,
    coalesced: 0,
    bypassed: 0,
    errors: 0,
    secondTierHits: 0,
    sets: 0,
    evictions: 0,
    expirations: 0,
    invalidations: 0,
    discardedStores: 0,
    computeErrors: 0,
    computeDurations,
    ...numbers,
  };
}
