import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CACHE_RESULTS, type CacheResult } from '../../core/cache-result.ts';
import { cacheHitValue, cacheStatusMember } from '../../request/cache-headers.ts';
import { CacheUse } from '../../request/cache-use.ts';

/** Look-ups with these outcomes, whose values are fresh for so many milliseconds. */
function useOf(results: readonly CacheResult[], freshMs: readonly number[] = []): CacheUse {
  const use = new CacheUse();
  results.forEach((result, n) => use.add(result, 0, freshMs[n] ?? 60_000));
  return use;
}

const member = (results: readonly CacheResult[], freshMs?: readonly number[]): string | undefined =>
  cacheStatusMember(useOf(results, freshMs), 'shop');

describe('X-Cache-Hit', () => {
  it.each<[readonly CacheResult[], 'true' | 'false' | undefined]>([
    [['hit'], 'true'],
    [['hit', 'stale', 'hit'], 'true'],
    [['stale'], 'true'],
    [['miss'], 'false'],
    [['hit', 'miss'], 'false'],
    [['hit', 'coalesced'], 'false'],
    [['hit', 'error'], 'false'],
    [['hit', 'bypass'], 'true'],
    [['bypass'], undefined],
    [[], undefined],
  ])('of %j is %s', (results, expected) => {
    expect(cacheHitValue(useOf(results))).toBe(expected);
  });

  it('is absent where no cache was used, and where a value was computed without a look-up', () => {
    expect(cacheHitValue(undefined)).toBeUndefined();
    const use = new CacheUse();
    use.addCompute(5);
    expect(cacheHitValue(use)).toBeUndefined();
  });
});

describe('Cache-Status', () => {
  it('tells of a hit with the seconds until the first value runs out', () => {
    expect(member(['hit'], [42_999])).toBe('shop; hit; ttl=42');
    expect(member(['hit', 'hit', 'hit'], [42_999, 7_000, 90_000])).toBe('shop; hit; ttl=7');
    // Past its time, as https://www.rfc-editor.org/rfc/rfc9211#name-the-ttl-parameter has it.
    expect(member(['hit', 'stale'], [42_999, -3_200])).toBe('shop; hit; ttl=-4');
    expect(member(['hit'], [Infinity])).toBe('shop; hit');
    expect(member(['hit'], [NaN])).toBe('shop; hit');
  });

  it.each<[readonly CacheResult[], string | undefined]>([
    [['miss'], 'shop; fwd=miss; detail="hits=0 lookups=1"'],
    [['hit', 'hit', 'stale', 'miss'], 'shop; fwd=miss; detail="hits=3 lookups=4"'],
    [['coalesced'], 'shop; fwd=miss; collapsed; detail="hits=0 lookups=1"'],
    [['hit', 'coalesced'], 'shop; fwd=miss; collapsed; detail="hits=1 lookups=2"'],
    [['miss', 'coalesced'], 'shop; fwd=miss; detail="hits=0 lookups=2"'],
    [['error'], 'shop; fwd=miss; detail="hits=0 lookups=1"'],
    [['error', 'coalesced'], 'shop; fwd=miss; detail="hits=0 lookups=2"'],
    [['bypass'], 'shop; fwd=bypass'],
    [['miss', 'bypass'], 'shop; fwd=miss; detail="hits=0 lookups=1"'],
    [[], undefined],
  ])('of %j is %s', (results, expected) => {
    expect(member(results)).toBe(expected);
  });

  it('is absent where no cache was used', () => {
    expect(cacheStatusMember(undefined, 'shop')).toBeUndefined();
  });

  it('has the form of RFC 9211 whatever was looked up: hit or fwd, never both, and no more than its parameters', () => {
    const grammar =
      /^shop(?:; hit(?:; ttl=-?\d+)?|; fwd=(?:bypass|miss)(?:; collapsed)?(?:; detail="hits=\d+ lookups=\d+")?)$/;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...CACHE_RESULTS), fc.double()), { minLength: 1, maxLength: 8 }),
        (lookups) => {
          const value = member(
            lookups.map(([result]) => result),
            lookups.map(([, freshMs]) => freshMs),
          );
          expect(value).toMatch(grammar);
          const asked = lookups.filter(([result]) => result !== 'bypass');
          const isHit = asked.length > 0 && asked.every(([result]) => result === 'hit' || result === 'stale');
          expect(value?.includes('; hit')).toBe(isHit);
        },
      ),
    );
  });
});
