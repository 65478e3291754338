import type { CacheDemoRun, SimulatedLookups } from './cache-demo.ts';

/** What the demo with a cache promises. Shares are 0–1. */
export const CACHE_GOALS = {
  hitRateMin: 0.52,
  hitRateMax: 0.6,
  /** Of the median response time without the cache. */
  medianShareMax: 0.5,
  /** Of the time in queries without the cache: what is aimed at. It depends on the machine, and is no promise. */
  queryTimeShareAim: 0.3,
} as const;

/** The numbers of both runs, as slowpath's monitor has them. Milliseconds. */
export interface CacheDemoNumbers {
  readonly requests: number;
  readonly lookups: number;
  readonly hits: number;
  readonly hitRate: number;
  /** Of the requests that looked something up: those that found all of it. */
  readonly allHitRate: number;
  readonly meanMs: readonly [off: number, on: number];
  readonly medianMs: readonly [off: number, on: number];
  /** Queries in parallel count for no more than their request took. */
  readonly queryMs: readonly [off: number, on: number];
  readonly queries: readonly [off: number, on: number];
}

export function cacheDemoNumbers(off: CacheDemoRun, on: CacheDemoRun): CacheDemoNumbers {
  const both = (read: (run: CacheDemoRun) => number | undefined): readonly [number, number] => [
    read(off) ?? Number.NaN,
    read(on) ?? Number.NaN,
  ];
  const { requests } = on.report;
  return {
    requests: requests.count,
    lookups: requests.cacheLookupCount,
    hits: requests.cacheHitCount,
    hitRate: requests.cacheHitRate ?? Number.NaN,
    allHitRate: requests.cacheAllHitRate ?? Number.NaN,
    meanMs: both(({ report }) => report.requests.durationMsAvg),
    medianMs: both(({ report }) => report.requests.durationMsP50),
    queryMs: both(({ report: { requests: all } }) => (all.databaseShare ?? Number.NaN) * all.totalMs),
    queries: both(({ report }) => report.requests.queryCount),
  };
}

/** What is not as it was promised, a line each. */
export function judgeCacheDemo(off: CacheDemoRun, on: CacheDemoRun, simulated: SimulatedLookups): readonly string[] {
  const { lookups, hits, hitRate, allHitRate, medianMs } = cacheDemoNumbers(off, on);
  const { hitRateMin, hitRateMax, medianShareMax } = CACHE_GOALS;
  const answers = on.allHit + on.notAllHit;
  const problems: readonly (readonly [isKept: boolean, problem: string])[] = [
    [off.answersHash === on.answersHash, 'answers: the service does not answer the same with the cache as without'],
    [
      lookups === simulated.lookups && hits === simulated.hits,
      `look-ups: the monitor counts ${hits} hits of ${lookups}, a simulation of the same requests ${simulated.hits} of ${simulated.lookups}`,
    ],
    [
      on.allHit === Math.round(allHitRate * answers) && answers === on.report.requests.cacheRequestCount,
      `headers: X-Cache-Hit said true ${on.allHit} times of ${answers}, the monitor ${percent(allHitRate)}`,
    ],
    [off.allHit + off.notAllHit === 0, 'headers: X-Cache-Hit was there without a cache'],
    [
      hitRate >= hitRateMin && hitRate <= hitRateMax,
      `hit rate: ${percent(hitRate)} is not ${percent(hitRateMin)} to ${percent(hitRateMax)}`,
    ],
    [
      medianMs[1] <= medianShareMax * medianMs[0],
      `median: ${medianMs[1].toFixed(1)} ms with the cache is more than half of ${medianMs[0].toFixed(1)} ms without`,
    ],
  ];
  return problems.filter(([isKept]) => !isKept).map(([, problem]) => problem);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
