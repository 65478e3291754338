import type { CachePatternUse } from '../core/cache-pattern-use.ts';

/**
 * Why look-ups found nothing. `unused`: hardly a value is asked for again before it goes. `first`: most keys were asked for the first
 * time, and their values are still there. `unknown`: the cache does not tell what becomes of its values.
 */
export type LowHitRateCause =
  'unknown' | 'unused' | 'first' | 'evicted' | 'expired' | 'invalidated' | 'coalesced' | 'unreachable';

export interface CauseOfLowHitRate {
  readonly cause: LowHitRateCause;
  /** 0–1. */
  readonly confidence: number;
  readonly recommendation: string;
}

type Told = Exclude<LowHitRateCause, 'unused'>;

/** Values that are found fewer times than this on average have been stored in vain. */
const FINDS_PER_VALUE_MIN = 0.1;

/**
 * The most frequent reason for a look-up to find nothing, as far as counts tell: each value that went can have caused one
 * miss, and misses beyond those that went were for keys not seen before.
 */
export function lowHitRateCause(use: CachePatternUse): CauseOfLowHitRate {
  const { misses, coalesced, errors, evictions, expirations, lossesUnknown = false } = use;
  const invalidated = use.invalidations + use.discardedStores;
  const counts: Readonly<Partial<Record<Told, number>>> = {
    unreachable: errors,
    evicted: Math.min(misses, evictions),
    invalidated: Math.min(misses, invalidated),
    expired: Math.min(misses, expirations),
    coalesced,
    [lossesUnknown ? 'unknown' : 'first']: Math.max(0, misses - evictions - expirations - invalidated),
  };
  const [most] = (Object.entries(counts) as [Told, number][]).sort(([, a], [, b]) => b - a);
  const cause = most?.[0] ?? 'first';
  const isOfKeys = cause === 'evicted' || cause === 'expired' || cause === 'first' || cause === 'unknown';
  return isOfKeys && findsPerValue(use) < FINDS_PER_VALUE_MIN ? unused(cause, use) : CAUSES[cause](use);
}

/** Whoever waits for a computation is served by its value, too. */
function findsPerValue({ hits, staleHits, coalesced, sets }: CachePatternUse): number {
  return (hits + staleHits + coalesced) / Math.max(1, sets);
}

const CAUSES: Readonly<Record<Told, (use: CachePatternUse) => CauseOfLowHitRate>> = {
  unreachable: ({ errors }) => ({
    cause: 'unreachable',
    confidence: 0.9,
    recommendation:
      `See why the second tier does not answer, or computations fail: ${errors} look-ups could not ask it, or were given an error ` +
      'that is remembered.',
  }),
  evicted: ({ evictions }) => ({
    cause: 'evicted',
    confidence: 0.7,
    recommendation:
      `Give the cache more room (maxEntries): ${evictions} values had to go to make some. Or give this pattern a cache of its ` +
      'own, so that others do not push it out.',
  }),
  invalidated: ({ invalidations, discardedStores }) => ({
    cause: 'invalidated',
    confidence: 0.7,
    recommendation:
      `Invalidate less at once: ${invalidations + discardedStores} values were void before their time` +
      `${discardedStores > 0 ? `, ${discardedStores} of them while they were computed` : ''}. Use narrower tags, one per user or ` +
      'entity in place of one for all, and invalidate only what a write has changed.',
  }),
  expired: ({ expirations }) => ({
    cause: 'expired',
    confidence: 0.6,
    recommendation:
      `Let values live longer (ttl), or serve them for a while past their time, while a fresh one is computed (staleSeconds): ` +
      `${expirations} values ran out.`,
  }),
  coalesced: ({ coalesced }) => ({
    cause: 'coalesced',
    confidence: 0.6,
    recommendation:
      `Have a value there before the crowd asks: ${coalesced} look-ups came while it was computed, and waited. Serve values past their ` +
      'time while a fresh one is computed (staleSeconds), or fill the cache beforehand.',
  }),
  unknown: () => ({
    cause: 'unknown',
    confidence: 0.4,
    recommendation:
      'See why values are gone when they are asked for: the cache does not tell whether they had to make room, ran out, or were never ' +
      'there. Give it more room, let values live longer, or ask with fewer different keys.',
  }),
  first: () => ({
    cause: 'first',
    confidence: 0.5,
    recommendation:
      'Ask with fewer different keys: most look-ups were the first for their key. Take out of the key what does not change the ' +
      'value (a time, a request id, the order of a list), or fill the cache beforehand.',
  }),
};

/** Counts cannot tell keys that never return from those that return too late. */
function unused(went: 'evicted' | 'expired' | 'first' | 'unknown', use: CachePatternUse): CauseOfLowHitRate {
  const otherwise = {
    evicted: `If its keys do return, give the cache more room (maxEntries): ${use.evictions} values had to go to make some.`,
    expired: `If its keys do return, let values live longer (ttl): ${use.expirations} ran out.`,
    first: 'If its keys return later, wait before you judge.',
    unknown: 'If its keys do return, give the cache more room, or let values live longer.',
  };
  return {
    cause: 'unused',
    confidence: 0.4,
    recommendation:
      'Look at what the key holds: hardly a value is asked for again before it goes. Take out what differs each time and does not ' +
      `change the value, or do not cache it. ${otherwise[went]}`,
  };
}
