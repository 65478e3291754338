import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { cached } from '../../examples/demo/endpoints/cached.ts';
import type { ChatAnswer, UserUsage } from '../../examples/demo/endpoints/endpoints.ts';
import { CACHE_ENTRIES } from '../../examples/demo/sizes.ts';
import { CACHE_LOAD, cacheDemoRequests, type CacheDemoRequest } from '../../scripts/lib/cache-demo-requests.ts';
import { simulateLookups, type CacheDemoRun } from '../../scripts/lib/cache-demo.ts';
import { CACHE_GOALS, judgeCacheDemo } from '../../scripts/lib/judge-cache-demo.ts';

const requests = cacheDemoRequests();
const of = (endpoint: string): readonly CacheDemoRequest[] => requests.filter((one) => one.endpoint === endpoint);

describe('the load', () => {
  it('is the same every time', () => {
    expect(cacheDemoRequests()).toEqual(requests);
    expect(cacheDemoRequests({ ...CACHE_LOAD, seed: 2 })).not.toEqual(requests);
  });

  it('is half about users and half questions, and now and then a change', () => {
    expect(requests).toHaveLength(CACHE_LOAD.requests);
    expect(of('PUT /api/user/plan')).toHaveLength(CACHE_LOAD.requests / CACHE_LOAD.changeEvery);
    const share = of('GET /api/user/usage').length / requests.length;
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.54);
  });

  it('asks for the most popular ones as often as Zipf’s law says', () => {
    const { count, exponent } = CACHE_LOAD.users;
    const weights = Array.from({ length: count }, (_, n) => 1 / (n + 1) ** exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const many = cacheDemoRequests({ ...CACHE_LOAD, requests: 40_000 }).filter(
      ({ endpoint }) => endpoint === 'GET /api/user/usage',
    );
    for (const rank of [1, 2, 10]) {
      const seen = many.filter(({ subject }) => subject === `user ${rank}`).length;
      expect(seen / many.length).toBeCloseTo((weights[rank - 1] ?? 0) / total, 2);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('has hits within what the demo promises, whatever the seed: %i', (seed) => {
    const { lookups, hits } = simulateLookups(cacheDemoRequests({ ...CACHE_LOAD, seed }));
    expect(hits / lookups).toBeGreaterThanOrEqual(CACHE_GOALS.hitRateMin);
    expect(hits / lookups).toBeLessThanOrEqual(CACHE_GOALS.hitRateMax);
  });

  it('asks for more than the cache has room for', () => {
    expect(simulateLookups(requests, Infinity).hits).toBeGreaterThan(simulateLookups(requests, CACHE_ENTRIES).hits);
  });
});

describe('the simulation', () => {
  const look = (subject: string) => ({ endpoint: 'GET', path: '', subject });
  const change = (subject: string) => ({ endpoint: 'PUT /api/user/plan', path: '', subject });

  it.each([
    ['finds what was asked for before', [look('a'), look('b'), look('a')], 1],
    ['forgets the least recently used one', [look('a'), look('b'), look('a'), look('c'), look('b'), look('a')], 1],
    ['forgets who was changed', [look('a'), look('b'), change('a'), look('a'), look('b')], 1],
  ])('%s', (_name, log, hits) => {
    expect(simulateLookups(log, 2).hits).toBe(hits);
  });
});

describe('the endpoints behind the cache', () => {
  it('compute what the simulation says is not found, and answer with what is true now', async () => {
    const plans = new Map<number, string>();
    let computed = 0;
    const endpoints = cached({
      listMeetings: () => Promise.resolve([]),
      async userUsage(_db, userId) {
        computed++;
        return { userId, plan: plans.get(userId) ?? 'first' } as UserUsage;
      },
      async chat(_db, question) {
        computed++;
        return { answer: question } as ChatAnswer;
      },
      async changePlan(_db, userId, plan) {
        plans.set(userId, plan);
      },
    });
    const db = undefined as unknown as Pool;
    for (const { path, body } of requests) {
      const userId = Number(path.split('=')[1]);
      const { plan, question } = JSON.parse(body ?? '{}') as { plan?: string; question?: string };
      if (plan !== undefined) await endpoints.changePlan(db, userId, plan);
      else if (question !== undefined) expect(await endpoints.chat(db, question)).toEqual({ answer: question });
      else expect(await endpoints.userUsage(db, userId)).toEqual({ userId, plan: plans.get(userId) ?? 'first' });
    }
    const { lookups, hits } = simulateLookups(requests);
    expect(lookups).toBeGreaterThan(700);
    expect(computed).toBe(lookups - hits);
  });
});

describe('the verdict', () => {
  const simulated = { lookups: 100, hits: 57 };

  function run({ median = 10, hits = 0, lookups = 0, hash = 'x' } = {}): CacheDemoRun {
    const share = lookups === 0 ? undefined : hits / lookups;
    const counts = { cacheLookupCount: lookups, cacheHitCount: hits, cacheRequestCount: lookups };
    const requests = { ...counts, cacheHitRate: share, cacheAllHitRate: share, durationMsP50: median };
    const report = { requests } as unknown as CacheDemoRun['report'];
    return { report, answersHash: hash, allHit: hits, notAllHit: lookups - hits };
  }

  const off = run();
  const on = run({ median: 5, hits: 57, lookups: 100 });

  it('is silent when all is as promised', () => {
    expect(judgeCacheDemo(off, on, simulated)).toEqual([]);
  });

  it.each([
    ['another answer', { ...on, answersHash: 'y' }, 'answers:'],
    ['one hit more than was simulated', run({ median: 5, hits: 58, lookups: 100 }), 'look-ups:'],
    ['a header that the monitor does not agree with', { ...on, allHit: 56, notAllHit: 44 }, 'headers:'],
    ['a median that is not halved', run({ median: 5.1, hits: 57, lookups: 100 }), 'median:'],
  ])('names %s', (_name, other, problem) => {
    expect(judgeCacheDemo(off, other, simulated)).toEqual([expect.stringContaining(problem)]);
  });

  it('names a hit rate out of bounds, and headers of a cache that is not there', () => {
    const rare = run({ median: 5, hits: 51, lookups: 100 });
    expect(judgeCacheDemo(off, rare, { lookups: 100, hits: 51 })).toEqual([
      expect.stringContaining('hit rate: 51.0 %'),
    ]);
    expect(judgeCacheDemo({ ...off, allHit: 1 }, on, simulated)).toEqual([expect.stringContaining('without a cache')]);
  });
});
