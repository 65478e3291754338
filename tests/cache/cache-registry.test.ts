import { describe, expect, it } from 'vitest';
import { cacheRegistry, CacheRegistry, MAX_CACHES, MAX_RETIRED, registerCache } from '../../cache/cache-registry.ts';
import type { CacheReading, CacheSource } from '../../cache/cache-registry.ts';
import type { CachePatternUse } from '../../core/cache-pattern-use.ts';
import { DurationHistogram } from '../../core/duration-histogram.ts';
import { FakeClock } from '../../testing/index.ts';
import { patternUse } from './pattern-use.ts';

function source(patterns: readonly CachePatternUse[], parts: Partial<CacheSource> = {}): CacheSource {
  return {
    cacheName: patterns[0]?.cacheName ?? 'default',
    patternUses: () => patterns,
    entryCounts: () => ({ valid: 3, expired: 1 }),
    ...parts,
  };
}

function read(registry: CacheRegistry): CacheReading {
  return registry.read((thrown) => {
    throw thrown;
  });
}

describe('the registry of caches', () => {
  it('adds up caches of one name, pattern by pattern, and their computations', () => {
    const registry = new CacheRegistry();
    registry.register(source([patternUse({ hits: 5, misses: 2, computeSeconds: [0.1, 0.2] })]));
    registry.register(
      source([
        patternUse({ hits: 7, misses: 1, staleHits: 1, computeSeconds: [0.4] }),
        patternUse({ pattern: 'bot:{botId}:config', hits: 1 }),
      ]),
    );
    registry.register(source([patternUse({ cacheName: 'other', hits: 100 })]));
    const { patterns, entries } = read(registry);
    expect(
      patterns.map(({ cacheName, pattern, hits, misses, staleHits }) => [cacheName, pattern, hits, misses, staleHits]),
    ).toEqual([
      ['default', 'user:{userId}:settings', 12, 3, 1],
      ['default', 'bot:{botId}:config', 1, 0, 0],
      ['other', 'user:{userId}:settings', 100, 0, 0],
    ]);
    expect(patterns[0]?.computeDurations).toMatchObject({ count: 3, min: 0.1, max: 0.4, unit: 's' });
    expect(patterns[0]?.computeDurations.sum).toBeCloseTo(0.7, 12);
    expect([...entries]).toEqual([
      ['default', { valid: 6, expired: 2 }],
      ['other', { valid: 3, expired: 1 }],
    ]);
  });

  it('keeps what a cache has counted when it goes, and none of its entries', () => {
    const registry = new CacheRegistry();
    const use = patternUse({ hits: 5, computeSeconds: [0.1] });
    const operations = [{ cacheName: 'default', operation: 'get', durations: new DurationHistogram('s') }];
    const invalidations = [{ cacheName: 'default', kind: 'tag', tagPattern: 'users', count: 4 }] as const;
    const unregister = registry.register(
      source([use], { invalidationUses: () => invalidations, operationUses: () => operations }),
    );
    unregister();
    unregister();
    // A computation that was under way ends after its cache.
    use.computeDurations.record(9);
    registry.register(source([patternUse({ hits: 2 })], { invalidationUses: () => invalidations }));
    const reading = read(registry);
    expect(reading.patterns).toMatchObject([{ hits: 7, computeDurations: { count: 1 } }]);
    expect(reading.invalidations).toEqual([{ ...invalidations[0], count: 8 }]);
    expect(reading.operations).toMatchObject([{ operation: 'get' }]);
    expect([...reading.entries]).toEqual([['default', { valid: 3, expired: 1 }]]);
  });

  it('knows how long a pattern was observed: what the cache says, else the age of the cache', () => {
    const clock = new FakeClock(5000);
    const registry = new CacheRegistry(clock);
    registry.register(source([patternUse(), patternUse({ pattern: 'bot:{botId}:config', observedMs: 7 })]));
    clock.advance(60_000);
    expect(read(registry).patterns.map(({ observedMs }) => observedMs)).toEqual([60_000, 7]);
  });

  it('reads what is told by getters, and estimates what was saved where no cache counts it', () => {
    class Counts {
      readonly inner = patternUse({ hits: 2, computeSeconds: [1] });
      get savedMs(): number {
        return 700;
      }
    }
    const counts = new Counts();
    const use = Object.assign(Object.create(counts) as Counts, counts.inner);
    const registry = new CacheRegistry();
    registry.register(source([use]));
    registry.register(source([patternUse({ cacheName: 'b', hits: 3, staleHits: 1, computeSeconds: [1, 3] })]));
    expect(read(registry).patterns.map(({ savedMs }) => savedMs)).toEqual([700, 8000]);
  });

  it('has what a cache told the last time when it throws, as a whole, and asks the others', () => {
    const registry = new CacheRegistry();
    const broken = new Error('broken');
    let isBroken = false;
    const throwing = source([patternUse({ hits: 1000 })], {
      operationUses: () => {
        if (isBroken) throw broken;
        return [];
      },
    });
    const unregister = registry.register(throwing);
    registry.register(source([patternUse({ hits: 1 })]));
    expect(read(registry).patterns).toMatchObject([{ hits: 1001 }]);
    isBroken = true;
    const thrown: unknown[] = [];
    const { patterns, entries } = registry.read((fault) => void thrown.push(fault));
    expect(thrown).toEqual([broken]);
    expect(patterns).toMatchObject([{ hits: 1001 }]);
    expect([...entries.values()]).toEqual([{ valid: 6, expired: 2 }]);
    unregister();
    expect(read(registry).patterns).toMatchObject([{ hits: 1001 }]);
  });

  it('holds 200 caches, counts those beyond, and remembers 1000 patterns of those that went', () => {
    expect([MAX_CACHES, MAX_RETIRED]).toEqual([200, 1000]);
    const registry = new CacheRegistry();
    const unregister = Array.from({ length: MAX_CACHES + 2 }, (_, n) =>
      registry.register(
        source(
          Array.from({ length: 6 }, (_pattern, m) => patternUse({ cacheName: `c${n}`, pattern: `p${m}`, hits: 1 })),
        ),
      ),
    );
    expect(read(registry)).toMatchObject({ cachesNotRegistered: 2 });
    expect(read(registry).patterns).toHaveLength(1200);
    for (const gone of unregister) gone();
    const { patterns } = read(registry);
    expect(patterns).toHaveLength(1001);
    expect(patterns.at(-1)).toMatchObject({ cacheName: '(other)', pattern: '(other)', hits: 200 });
    expect(patterns.reduce((sum, { hits }) => sum + hits, 0)).toBe(1200);
  });

  it('adds up bytes where they are counted', () => {
    const registry = new CacheRegistry();
    const bytes = (count: number): Partial<CacheSource> => ({
      entryCounts: () => ({ valid: 1, expired: 0, bytes: count }),
    });
    registry.register(source([], bytes(10)));
    registry.register(source([], bytes(20)));
    registry.register(source([]));
    expect([...read(registry).entries]).toEqual([['default', { valid: 5, expired: 1, bytes: 30 }]]);
  });

  it('is one in the process, for every copy of slowpath', () => {
    const registry: unknown = (globalThis as Record<symbol, unknown>)[Symbol.for('slowpath.caches')] ?? cacheRegistry();
    expect(cacheRegistry()).toBe(registry);
    const unregister = registerCache(source([patternUse({ cacheName: 'one', hits: 1 })]));
    expect(read(cacheRegistry()).patterns).toMatchObject([{ cacheName: 'one' }]);
    unregister();
  });
});
