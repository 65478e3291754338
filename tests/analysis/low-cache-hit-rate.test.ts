import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLowHitRates, lowCacheHitRate, type LowCacheHitRate } from '../../analysis/low-cache-hit-rate.ts';
import { QueryAnalyzer } from '../../analysis/query-analyzer.ts';
import type { CachePatternUse } from '../../core/cache-pattern-use.ts';
import type { Endpoint } from '../../core/types.ts';
import { patternUse } from '../cache/pattern-use.ts';

const WARM = { observedMs: 120_000 };

/** The finding of a pattern with these numbers; its computations take 20 ms unless they are given. */
function foundFor(parts: Parameters<typeof patternUse>[0]): LowCacheHitRate | undefined {
  return findLowHitRates([patternUse({ ...WARM, computeSeconds: [0.02], ...parts })])[0];
}

describe('a low cache hit rate', () => {
  it('is that of a pattern with 100 look-ups of which fewer than 45 % found a value', () => {
    const use = patternUse({
      ...WARM,
      hits: 40,
      staleHits: 4,
      misses: 50,
      coalesced: 5,
      errors: 1,
      sets: 50,
      expirations: 45,
      computeSeconds: Array.from({ length: 50 }, () => 0.02),
    });
    const [found, ...more] = findLowHitRates([use]);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      cacheName: 'default',
      pattern: 'user:{userId}:settings',
      lookupCount: 100,
      hitRate: 0.44,
      cause: 'expired',
    });
    expect(found?.finding).toEqual({
      kind: 'low-cache-hit-rate',
      severity: 'warning',
      endpoint: 'cache default user:{userId}:settings',
      fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/) as unknown,
      summary:
        '44 % of 100 look-ups found a value: 50 missed, 5 waited for a computation, 1 ended in an error; a computation took 20.0 ms',
      recommendation: expect.stringMatching(/\(ttl\).*\(staleSeconds\): 45 values ran out\.$/) as unknown,
      confidence: 0.6,
      savedMs: [expect.closeTo(0.2, 9), expect.closeTo(11.2, 9)] as unknown,
      evidence: {
        count: 100,
        totalMs: expect.closeTo(1000, 6) as unknown,
        repeatMs: expect.closeTo(20, 6) as unknown,
        spanIds: [],
      },
    });
    expect(findLowHitRates([{ ...use, hits: 41, misses: 49 }])).toEqual([]);
    expect(findLowHitRates([{ ...use, hits: 39, misses: 49 }])).toEqual([]);
    expect(findLowHitRates([{ ...use, hits: 39, misses: 50, errors: 2 }])).toHaveLength(1);
  });

  it('is not known in the first two minutes of a pattern, nor where nobody knows how long it was observed', () => {
    const cold = patternUse({ misses: 1000, sets: 1000, observedMs: 119_999 });
    expect(findLowHitRates([cold, patternUse({ misses: 1000 })])).toEqual([]);
    expect(findLowHitRates([{ ...cold, observedMs: 120_000 }])).toHaveLength(1);
  });

  it('is silent of look-ups that bypassed the cache', () => {
    expect(foundFor({ misses: 99, bypassed: 100_000 })).toBeUndefined();
    expect(foundFor({ hits: 60, misses: 40, bypassed: 100_000 })).toBeUndefined();
  });

  it('is silent of what found no place of its own: nobody can act on it', () => {
    expect(foundFor({ pattern: '(other)', misses: 1000 })).toBeUndefined();
    expect(foundFor({ pattern: '(unregistered)', misses: 1000 })).toBeDefined();
  });

  it('obeys its thresholds', () => {
    const use = patternUse({ ...WARM, hits: 8, misses: 2 });
    expect(findLowHitRates([use], { minLookups: 10, minHitRate: 0.9 })).toHaveLength(1);
    expect(findLowHitRates([use], { minLookups: 11, minHitRate: 0.9 })).toEqual([]);
    expect(findLowHitRates([use], { minLookups: 10, minHitRate: 0.8 })).toEqual([]);
    expect(findLowHitRates([patternUse({ ...WARM, misses: 500 })], { minHitRate: 0 })).toEqual([]);
    expect(lowCacheHitRate.defaults).toEqual({ minLookups: 100, minHitRate: 0.45 });
  });

  it('is an info where the computation costs next to nothing, or the cause is a guess', () => {
    const severityOf = (parts: Parameters<typeof patternUse>[0]): unknown => foundFor(parts)?.finding.severity;
    const evicted = { hits: 40, misses: 60, sets: 60, evictions: 55 };
    expect(severityOf(evicted)).toBe('warning');
    expect(severityOf({ ...evicted, computeSeconds: [0.000_999] })).toBe('info');
    expect(severityOf({ ...evicted, computeSeconds: [] })).toBe('info');
    expect(severityOf({ hits: 1, misses: 99, sets: 99, expirations: 99 })).toBe('info');
  });

  it('comes first whose computations took the most time', () => {
    const uses = [
      patternUse({ ...WARM, pattern: 'a', misses: 1000, computeSeconds: [1] }),
      patternUse({ ...WARM, pattern: 'b', misses: 100, computeSeconds: [3, 4] }),
    ];
    expect(findLowHitRates(uses).map(({ pattern }) => pattern)).toEqual(['b', 'a']);
  });

  it('has a name that tells caches and patterns apart, and is the same in every process', () => {
    const name = (parts: Partial<CachePatternUse>): string | undefined =>
      foundFor({ misses: 100, ...parts })?.finding.fingerprint;
    expect(name({})).toBe(name({ misses: 5000, hits: 7 }));
    expect(new Set([name({}), name({ cacheName: 'x' }), name({ pattern: 'x' })]).size).toBe(3);
  });
});

describe('what a low cache hit rate is due to', () => {
  it.each([
    [
      'evicted',
      { hits: 40, misses: 60, sets: 60, evictions: 50, expirations: 5 },
      /more room \(maxEntries\): 50 values/,
    ],
    ['expired', { hits: 40, misses: 60, sets: 60, expirations: 50, evictions: 5 }, /live longer \(ttl\)/],
    [
      'invalidated',
      { hits: 40, misses: 60, sets: 60, invalidations: 50 },
      /^Invalidate less at once: 50 values .+ narrower tags/,
    ],
    [
      'invalidated',
      { hits: 40, misses: 60, sets: 10, invalidations: 20, discardedStores: 30 },
      /50 values were void before their time, 30 of them while they were computed/,
    ],
    [
      'coalesced',
      { hits: 40, misses: 10, coalesced: 50, sets: 10 },
      /^Have a value there before the crowd asks: 50 look-ups/,
    ],
    [
      'unreachable',
      { hits: 40, misses: 10, errors: 50, sets: 10 },
      /^See why the second tier does not answer.+: 50 look-ups/,
    ],
    ['first', { hits: 40, misses: 60, sets: 60, expirations: 3 }, /^Ask with fewer different keys/],
    // Misses as many as distinct keys: each is asked for once.
    ['unused', { hits: 0, misses: 5000, sets: 5000, expirations: 4900 }, /what the key holds.+\(ttl\): 4900 ran out/],
    [
      'unused',
      { hits: 40, misses: 5000, sets: 5000, evictions: 4000 },
      /what the key holds.+\(maxEntries\): 4000 values/,
    ],
    ['unused', { hits: 0, misses: 100, sets: 100 }, /what the key holds.+wait before you judge/],
    // Caches of others do not say what becomes of their values.
    ['unknown', { hits: 40, misses: 60, sets: 60, lossesUnknown: true }, /does not tell whether/],
    [
      'unused',
      { hits: 0, misses: 60, coalesced: 50, sets: 6000, lossesUnknown: true },
      /more room, or let values live longer/,
    ],
    ['coalesced', { hits: 40, misses: 10, coalesced: 50, sets: 10, lossesUnknown: true }, /^Have a value there/],
    // Nobody could ask again before it was void: that is no matter of the key.
    ['invalidated', { hits: 0, misses: 5000, sets: 5000, invalidations: 4900 }, /^Invalidate less/],
  ] as const)('is %s: %j', (cause, numbers, recommendation) => {
    const found = foundFor(numbers);
    expect(found?.cause).toBe(cause);
    expect(found?.finding.recommendation).toMatch(recommendation);
  });

  it('is told of whatever numbers, as a sentence', () => {
    const count = fc.nat(10_000);
    fc.assert(
      fc.property(
        fc.record({
          hits: count,
          misses: count,
          coalesced: count,
          errors: count,
          sets: count,
          evictions: count,
          expirations: count,
          invalidations: count,
          discardedStores: count,
        }),
        (numbers) => {
          const lookups = numbers.hits + numbers.misses + numbers.coalesced + numbers.errors;
          const isLow = lookups >= 100 && numbers.hits / lookups < 0.45;
          const found = foundFor(numbers);
          expect(found !== undefined).toBe(isLow);
          if (found === undefined) return;
          const { savedMs, recommendation, severity, confidence } = found.finding;
          expect(recommendation).toMatch(/^[A-Z].*\.$/);
          expect(recommendation).not.toMatch(/undefined|NaN/);
          expect(savedMs[0]).toBeGreaterThanOrEqual(0);
          expect(savedMs[1]).toBeGreaterThanOrEqual(savedMs[0]);
          expect(severity).toBe(confidence >= 0.5 ? 'warning' : 'info');
        },
      ),
    );
  });
});

describe('the analyzer', () => {
  it('reports patterns when it is asked, with its thresholds; none for an endpoint', () => {
    const uses: CachePatternUse[] = [];
    const analyzer = new QueryAnalyzer({ cacheUses: () => uses });
    expect(analyzer.getReport().lowCacheHitRates).toEqual([]);
    uses.push(...['a', 'b'].map((pattern) => patternUse({ ...WARM, pattern, misses: 60, hits: 40 })));
    expect(analyzer.getReport().lowCacheHitRates).toHaveLength(2);
    expect(analyzer.getReport({ top: 1 }).lowCacheHitRates).toHaveLength(1);
    expect(analyzer.getReport({ endpoint: 'GET /a' as Endpoint }).lowCacheHitRates).toEqual([]);
    analyzer.setThresholds({ 'low-cache-hit-rate': { minHitRate: 0.4 } });
    expect(analyzer.getReport().lowCacheHitRates).toEqual([]);
    expect(new QueryAnalyzer().getReport().lowCacheHitRates).toEqual([]);
  });
});
