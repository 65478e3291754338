import { describe, expect, it } from 'vitest';
import { findLowHitRates } from '../../analysis/low-cache-hit-rate.ts';
import type { CachePatternUse } from '../../core/cache-pattern-use.ts';
import { cachePatternStatistics } from '../../monitor/cache-pattern-statistics.ts';
import { reportJson } from '../../report/json.ts';
import type { ReportInput } from '../../report/report-input.ts';
import { reportText } from '../../report/text.ts';
import { patternUse } from '../cache/pattern-use.ts';
import { endpointStatistics, reportInput } from './report-input.ts';

const plain = { color: false };
const endpoints = [endpointStatistics('GET /settings', { count: 1200 })];

/** A report of caches with these patterns; requests looked things up as `parts` say. */
function inputOf(uses: readonly CachePatternUse[], parts: Partial<ReportInput['statistics']> = {}): ReportInput {
  const input = reportInput(endpoints, [], {
    caches: cachePatternStatistics(uses),
    lowCacheHitRates: findLowHitRates(uses),
  });
  return { ...input, statistics: { ...input.statistics, ...parts } };
}

function sectionOf(text: string, heading: string): string {
  const start = text.indexOf(heading);
  if (start === -1) throw new Error(`no ${heading} in:\n${text}`);
  return text.slice(start).split('\n\n')[0]?.trimEnd() ?? '';
}

const settings = patternUse({
  hits: 780,
  misses: 380,
  coalesced: 40,
  sets: 370,
  evictions: 12,
  expirations: 300,
  discardedStores: 10,
  computeSeconds: [0.02],
});
const flags = patternUse({
  cacheName: 'flags',
  pattern: 'feature-flags:{environment}:{subjectHash}',
  hits: 20_000,
  secondTierHits: 400,
  staleHits: 12,
  misses: 100,
  errors: 3,
  bypassed: 5,
  invalidations: 9,
  computeErrors: 2,
  computeSeconds: [0.000_4],
});

describe('caches in the report', () => {
  it('have a line for each pattern, most time saved first, and one over the requests', () => {
    const input = inputOf([flags, settings], {
      cacheRequestCount: 1200,
      cacheAllHitRate: 0.65,
      cacheLookupCount: 1200,
      cacheHitRate: 0.65,
      cacheComputeMsTotal: 7600,
      cacheSavedMsTotal: 15_600,
    });
    expect(sectionOf(reportText(input, plain), 'CACHES')).toBe(
      `CACHES by the time saved (compute: average; waited: for the computation of another)
65 % of 1,200 requests that looked something up found all of it; 65 % of their 1,200 look-ups hit.
Computing took 7.60 s, about 15.6 s were saved.
pattern                                    look-ups  hits  misses  waited  compute   saved  evicted
user:{userId}:settings                        1,200  65 %     380      40  20.0 ms  15.6 s       12
  300 expired, 10 invalidated while computed
feature-flags:{environment}:{subjectHash}    20,115  99 %     100       0   0.4 ms  8.00 s        0
  in flags, 12 stale, 400 from the second tier, 3 ended in an error, 5 bypassed it, 9 invalidated,…`,
    );
  });

  it('are not mentioned where there are none', () => {
    expect(reportText(inputOf([]), plain)).not.toMatch(/CACHE/);
  });

  it('say so where no request looked anything up, or where requests did and no cache is known', () => {
    expect(reportText(inputOf([settings]), plain)).toContain('No request looked anything up.');
    const byHand = inputOf([], { cacheRequestCount: 2, cacheAllHitRate: 0.5, cacheLookupCount: 2, cacheHitRate: 0.5 });
    expect(sectionOf(reportText(byHand, plain), 'CACHES').split('\n')[1]).toContain('50 % of 2 requests');
  });

  it('are ten patterns unless told otherwise; JSON has a hundred, and says how many more there are', () => {
    const many = Array.from({ length: 103 }, (_, n) => patternUse({ pattern: `p${n}`, hits: 1, savedMs: 500 - n }));
    const section = sectionOf(reportText(inputOf(many), plain), 'CACHES');
    expect(section.match(/^p\d+ /gm)).toHaveLength(10);
    expect(section).toContain('93 more patterns');
    const report = reportJson(inputOf(many));
    expect(report.caches.map(({ pattern }) => pattern)).toEqual(many.slice(0, 100).map(({ pattern }) => pattern));
    expect(report.leftOut.cachePatternsNotListed).toBe(3);
  });

  it('say what is left out: patterns beyond the limit, caches beyond theirs', () => {
    const input = { ...inputOf([patternUse({ pattern: '(other)', hits: 5, misses: 2 })]), cachesNotRegistered: 1 };
    expect(sectionOf(reportText(input, plain), 'LEFT OUT')).toBe(`LEFT OUT
  7 look-ups in caches of patterns beyond the limit: counted as (other)
  1 cache beyond the limit: nothing is known of them`);
  });

  it('are in JSON as they are', () => {
    const input = inputOf([flags, settings]);
    const report = reportJson(input);
    expect(report.caches).toEqual(input.caches);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('low cache hit rates in the report', () => {
  const low = patternUse({
    hits: 40,
    misses: 160,
    sets: 160,
    expirations: 150,
    observedMs: 300_000,
    computeSeconds: Array.from({ length: 160 }, () => 0.02),
  });

  it('have a section with what to do', () => {
    const text = reportText(inputOf([low]), plain);
    expect(sectionOf(text, 'LOW CACHE')).toBe(`LOW CACHE HIT RATES by the time that computing took
 1  warning   low-cache-hit-rate   cache default user:{userId}:settings
    what    20 % of 200 look-ups found a value: 160 missed; a computation took 20.0 ms
    fix     Let values live longer (ttl), or serve them for a while past their time, while a fresh
            one is computed (staleSeconds): 150 values ran out.
    saves   ≈ 5.0–16 ms per look-up`);
  });

  it('are in JSON as the analyzer told them, and in no section where there are none', () => {
    const input = inputOf([low]);
    expect(reportJson(input).lowCacheHitRates).toEqual(input.lowCacheHitRates);
    expect(input.lowCacheHitRates).toHaveLength(1);
    expect(reportText(inputOf([settings]), plain)).not.toContain('LOW CACHE');
  });
});
