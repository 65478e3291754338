import { expect, it } from 'vitest';
import { cachePatternStatistics } from '../../monitor/cache-pattern-statistics.ts';
import { patternUse } from '../cache/pattern-use.ts';

it('tells of a pattern what was counted, its rate, and what it saved, as plain data', () => {
  const use = patternUse({
    hits: 30,
    secondTierHits: 4,
    staleHits: 2,
    misses: 5,
    coalesced: 2,
    errors: 1,
    bypassed: 7,
    sets: 5,
    evictions: 1,
    expirations: 2,
    invalidations: 3,
    discardedStores: 4,
    computeErrors: 1,
    computeSeconds: [0.01, 0.03],
  });
  const [statistics] = cachePatternStatistics([use]);
  expect(statistics).toEqual({
    cacheName: 'default',
    pattern: 'user:{userId}:settings',
    lookupCount: 40,
    hitRate: 0.8,
    hits: 30,
    secondTierHits: 4,
    staleHits: 2,
    misses: 5,
    coalesced: 2,
    errors: 1,
    bypassed: 7,
    sets: 5,
    evictions: 1,
    expirations: 2,
    invalidations: 3,
    discardedStores: 4,
    computeErrors: 1,
    computeCount: 2,
    computeMsAvg: expect.closeTo(20, 9) as unknown,
    computeMsTotal: expect.closeTo(40, 9) as unknown,
    savedMsTotal: expect.closeTo(32 * 20, 6) as unknown,
  });
  expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
});

it('takes what the cache itself has counted as saved, and knows no rate while nothing was looked up', () => {
  expect(cachePatternStatistics([patternUse({ hits: 9, savedMs: 7, computeSeconds: [1] })])).toMatchObject([
    { savedMsTotal: 7 },
  ]);
  expect(cachePatternStatistics([patternUse({ bypassed: 3 })])).toMatchObject([
    { lookupCount: 0, hitRate: undefined, computeMsAvg: undefined, savedMsTotal: 0 },
  ]);
});

it('puts first what saves most, then what is computed longest', () => {
  const uses = [
    patternUse({ pattern: 'd' }),
    patternUse({ pattern: 'c' }),
    patternUse({ pattern: 'b', misses: 1, computeSeconds: [1] }),
    patternUse({ pattern: 'a', hits: 1, savedMs: 5 }),
  ];
  expect(cachePatternStatistics(uses).map(({ pattern }) => pattern)).toEqual(['a', 'b', 'c', 'd']);
});
