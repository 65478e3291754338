import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager } from '../../cache/index.ts';
import { MAX_PATTERNS } from '../../cache/pattern-counts.ts';
import { SLICE_ENTRIES, SWEEP_INTERVAL_MS } from '../../cache/sweeper.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { collectGarbage } from './settled.ts';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('room', () => {
  it('is made by the value that was used least recently, which is counted', () => {
    const cache = new CacheManager({ clock, maxEntries: 2 });
    cache.set('a', 1, { tags: ['ta'] });
    cache.set('b', 2, { tags: ['tb'] });
    cache.get('a');
    cache.set('c', 3, { tags: ['tc'] });
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
    expect(cache.stats()).toMatchObject({ size: 2, evictions: 1, tagCount: 2 });
  });

  it('may be bounded by bytes, and a value that is larger than all of it is not stored', () => {
    const cache = new CacheManager({ clock, maxBytes: 10, sizeOf: (value) => String(value).length });
    cache.set('a', '12345');
    cache.set('b', '12345');
    expect(cache.stats()).toMatchObject({ size: 2, bytes: 10 });
    cache.set('c', '1', { tags: ['t'] });
    expect([cache.has('a'), cache.stats().bytes]).toEqual([false, 6]);
    expect(cache.set('d', '12345678901', { tags: ['t', 'u'] })).toBe(false);
    expect(cache.stats()).toMatchObject({ size: 2, tagCount: 1, evictions: 1 });
  });

  it.each([
    () => Number.NaN,
    () => -1,
    () => 'x' as unknown as number,
    () => {
      throw new Error('sizeOf');
    },
  ])('is denied to a value whose size cannot be told (%s)', (sizeOf) => {
    const cache = new CacheManager({ clock, maxBytes: 10, sizeOf });
    expect(cache.set('a', 1)).toBe(false);
    expect(cache.stats().size).toBe(0);
  });

  it('is measured before anything is decided: what the measure does to the cache is not undone', async () => {
    const does: { what: () => unknown } = { what: () => undefined };
    const sizeOf = (): number => {
      does.what();
      return 1;
    };
    for (const what of ['clear', 'invalidateTag'] as const) {
      const cache = new CacheManager({ clock, maxBytes: 10, sizeOf });
      does.what = () => cache[what]('tag');
      cache.set('set', 1, { tags: ['tag'] });
      await cache.getOrCompute('computed', () => 1, { tags: ['tag'] });
      does.what = () => undefined;
      expect(cache.has('computed')).toBe(false);
      await cache.invalidateTag('tag');
      expect([cache.get('set'), cache.get('computed')]).toEqual([undefined, undefined]);
    }
  });

  it('for tags is given back with the values that carried them', async () => {
    const cache = new CacheManager({ clock, maxEntries: 100 });
    for (let i = 0; i < 10_000; i++) cache.set(`k${i}`, i, { tags: [`t${i}`, `u${i % 3}`] });
    expect(cache.stats()).toMatchObject({ size: 100, tagCount: 103 });
    for (let i = 0; i < 30_000; i++) await cache.invalidateTag(`nobody's ${i}`);
    expect(cache.stats().tagCount).toBeLessThanOrEqual(103 + 10_000);
  });

  it('for counts of patterns is bounded; the rest share one', () => {
    const cache = new CacheManager({ clock });
    for (let i = 0; i < MAX_PATTERNS + 50; i++) {
      const definition = { pattern: `p${i}`, ttl: 1, tagPatterns: [], scope: 'shared', staleSeconds: 0 } as const;
      cache.get({ key: `k${i}`, tags: [], definition });
    }
    const { patterns, misses } = cache.stats();
    expect(patterns).toHaveLength(MAX_PATTERNS + 1);
    expect(patterns[0]).toMatchObject({ pattern: '(other)', misses: 50 });
    expect(misses).toBe(MAX_PATTERNS + 50);
  });
});

describe('the sweep', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  it('removes what has expired every five minutes, and counts what is left', async () => {
    const cache = new CacheManager({ clock });
    cache.set('short', 1, { ttl: 1 });
    cache.set('stale', 1, { ttl: 1, staleSeconds: 900 });
    cache.set('long', 1, { ttl: 3600 });
    clock.advance(SWEEP_INTERVAL_MS);
    vi.advanceTimersByTime(SWEEP_INTERVAL_MS - 1);
    await turn();
    expect(cache.stats().size).toBe(3);
    vi.advanceTimersByTime(1);
    for (let i = 0; i < 3; i++) await turn();
    expect(cache.stats()).toMatchObject({ size: 2, validCount: 1, expiredCount: 1, expirations: 1 });
    await cache.dispose();
  });

  it('removes what was invalidated by a tag, and counts it as that', async () => {
    const cache = new CacheManager({ clock });
    for (let i = 0; i < 10; i++) cache.set(`k${i}`, i, { tags: [i < 4 ? 'gone' : 'kept'] });
    await cache.invalidateTag('gone');
    vi.advanceTimersByTime(SWEEP_INTERVAL_MS);
    for (let i = 0; i < 3; i++) await turn();
    expect(cache.stats()).toMatchObject({ size: 6, invalidations: 4, expirations: 0 });
    await cache.dispose();
  });

  it('gives the event loop its turn after every slice, and misses nothing meanwhile', async () => {
    const count = 5 * SLICE_ENTRIES;
    const cache = new CacheManager({ clock, maxEntries: 2 * count });
    for (let i = 0; i < count; i++) cache.set(`k${i}`, i, { ttl: i % 2 === 0 ? 1 : 3600 });
    clock.advance(2000);
    vi.advanceTimersByTime(SWEEP_INTERVAL_MS);
    let turns = 0;
    while (cache.stats().size > count / 2 && turns < 100) {
      await turn();
      turns++;
      cache.set(`new${turns}`, 1);
      cache.delete(`new${turns}`);
    }
    expect(turns).toBeGreaterThanOrEqual(5);
    expect(cache.stats().expirations).toBe(count / 2);
    for (let i = 1; i < count; i += 2) expect(cache.get(`k${i}`)).toBe(i);
    await cache.dispose();
  });

  /** Begins a sweep and lets it come to its end. */
  async function sweep(between: (turnCount: number) => void = () => undefined): Promise<number> {
    vi.advanceTimersByTime(SWEEP_INTERVAL_MS);
    let count = 0;
    for (; count < 40; count++) {
      await turn();
      between(count);
    }
    return count;
  }

  it('leaves counts of what it has left there, and of nothing that has gone since', async () => {
    const count = 2 * SLICE_ENTRIES;
    const cache = new CacheManager({ clock, maxEntries: 10 * count });
    for (let i = 0; i < count; i++) cache.set(`k${i}`, i, i % 2 === 0 ? { ttl: 1 } : { ttl: 1, staleSeconds: 3600 });
    for (let i = 0; i < count; i++) cache.set(`long${i}`, i, { ttl: 3600 });
    clock.advance(1000);
    await sweep();
    expect(cache.stats()).toMatchObject({
      size: 1.5 * count,
      validCount: count,
      expiredCount: count / 2,
      countedAgoMs: 0,
    });
    clock.advance(5000);
    expect(cache.stats().countedAgoMs).toBe(5000);
    await cache.clear();
    for (let i = 0; i < count; i++) cache.set(`new${i}`, i);
    expect(cache.stats()).toMatchObject({ size: count, validCount: count, expiredCount: 0 });
    await cache.dispose();
  });

  it('comes to the end of the entries even if the one where it rested was looked up', async () => {
    const count = 5 * SLICE_ENTRIES;
    const cache = new CacheManager({ clock, maxEntries: 2 * count });
    for (let i = 0; i < count; i++) cache.set(`k${i}`, i, { ttl: i < SLICE_ENTRIES ? 3600 : 1 });
    clock.advance(1000);
    // The last entry of the first slice.
    await sweep((turnCount) => turnCount === 0 && cache.get(`k${SLICE_ENTRIES - 1}`));
    expect(cache.stats({ exact: true })).toMatchObject({ size: SLICE_ENTRIES, expiredCount: 0 });
    await cache.dispose();
  });

  it('goes on with what has come if everything was cleared meanwhile', async () => {
    const count = 3 * SLICE_ENTRIES;
    const cache = new CacheManager({ clock, maxEntries: 2 * count });
    const fill = (): void => {
      for (let i = 0; i < count; i++) cache.set(`k${i}`, i, { ttl: 3600 });
    };
    fill();
    await sweep((turnCount) => {
      if (turnCount !== 0) return;
      void cache.clear();
      fill();
    });
    expect(cache.stats()).toMatchObject({ size: count, validCount: count, expiredCount: 0 });
    await cache.dispose();
  });

  it('is stopped in its middle by the end of the cache', async () => {
    const cache = new CacheManager({ clock, maxEntries: 3 * SLICE_ENTRIES });
    for (let i = 0; i < 3 * SLICE_ENTRIES; i++) cache.set(`k${i}`, i, { ttl: 1 });
    clock.advance(1000);
    await sweep((turnCount) => turnCount === 0 && void cache.dispose());
    expect(cache.stats()).toMatchObject({ size: 0 });
    expect(cache.stats().expirations).toBeLessThan(3 * SLICE_ENTRIES);
  });

  it('keeps neither the process nor a forgotten cache', async () => {
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const made = ((): WeakRef<CacheManager> => {
      const cache = new CacheManager({ clock });
      cache.set('key', 1);
      return new WeakRef(cache);
    })();
    expect(vi.getTimerCount()).toBe(1);
    const [timer] = intervals.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timer?.hasRef()).toBe(false);
    await turn();
    collectGarbage();
    expect(made.deref()).toBeUndefined();
    vi.advanceTimersByTime(SWEEP_INTERVAL_MS);
    expect(vi.getTimerCount()).toBe(0);
    intervals.mockRestore();
  });

  it('ends with the cache', async () => {
    const cache = new CacheManager({ clock });
    expect(vi.getTimerCount(), 'before there is anything to sweep').toBe(0);
    cache.set('key', 1);
    expect(vi.getTimerCount()).toBe(1);
    await cache.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
