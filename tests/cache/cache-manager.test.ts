import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CacheManager, CacheUsageError, type CacheManagerOptions } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';

let clock: FakeClock;
let cache: CacheManager;

function make(options: CacheManagerOptions = {}): CacheManager {
  return new CacheManager({ clock, ...options });
}

beforeEach(() => {
  clock = new FakeClock(5000);
  cache = make();
});
afterEach(() => cache.dispose());

describe('values', () => {
  it.each([['text'], [0], [false], [null], [{ a: 1 }], [[]], [Number.NaN]])('keeps %j as it is', (value) => {
    expect(cache.set('key', value)).toBe(true);
    expect(cache.get('key')).toBe(value);
    expect(cache.has('key')).toBe(true);
  });

  it('does not store undefined, and forgets what was there: the newest word on the key is that there is none', () => {
    cache.set('key', 'before');
    expect(cache.set('key', undefined)).toBe(false);
    expect(cache.get('key')).toBeUndefined();
    expect(cache.has('key')).toBe(false);
  });

  it.each([
    ['__proto__'],
    ['constructor'],
    ['toString'],
    [''],
    ['x'.repeat(10_000)],
    ['a:b'],
    ['a\u0000b'],
    ['é'],
    ['e\u0301'],
    ['😀'],
    ['\ud800'],
  ])('takes %j as a key and as a tag', async (text) => {
    cache.set(text, 1, text === '' ? {} : { tags: [text] });
    expect(cache.get(text)).toBe(1);
    expect(cache.get(`${text}.`)).toBeUndefined();
    if (text === '') return;
    await cache.invalidateTag(text);
    expect(cache.get(text)).toBeUndefined();
  });

  it('tells Unicode forms of one text apart, as they are two keys', () => {
    cache.set('\u00e9', 'composed');
    cache.set('e\u0301', 'decomposed');
    expect([cache.get('\u00e9'), cache.get('e\u0301')]).toEqual(['composed', 'decomposed']);
  });

  it('hands out the object that was stored, not a copy', () => {
    const value = { a: 1 };
    cache.set('key', value);
    expect(cache.get('key')).toBe(value);
  });
});

describe('time to live', () => {
  it('serves a value until its time is up, to the millisecond of the injected clock', () => {
    cache.set('key', 1, { ttl: 2 });
    clock.advance(1999);
    expect(cache.get('key')).toBe(1);
    clock.advance(1);
    expect(cache.get('key')).toBeUndefined();
  });

  it('takes the cache’s own where the call names none, which is 300 seconds by default', () => {
    cache.set('key', 1);
    clock.advance(299_999);
    expect(cache.has('key')).toBe(true);
    clock.advance(1);
    expect(cache.has('key')).toBe(false);
  });

  it.each([0, -1, -Infinity])('with %d stores nothing and removes what was there', (ttl) => {
    cache.set('key', 'before');
    if (ttl === -Infinity) return expect(() => cache.set('key', 1, { ttl })).toThrow(CacheUsageError);
    expect(cache.set('key', 1, { ttl })).toBe(false);
    expect(cache.get('key')).toBeUndefined();
  });

  it.each([[Number.NaN], [Infinity], ['60' as unknown as number]])(
    'refuses %s, which is no number of seconds',
    (ttl) => {
      expect(() => cache.set('key', 1, { ttl })).toThrow(/ttl .* is not a number of seconds/);
    },
  );

  it.each([
    [1e300, 1e9],
    [1e-9, 0],
    [1, 1e300],
    [1, -5],
  ])('of %d s with %d s of staleness is kept to, however large or small', async (ttl, staleSeconds) => {
    expect(cache.set('key', 1, { ttl, staleSeconds })).toBe(true);
    expect(cache.get('key')).toBe(1);
    clock.advance(1000);
    expect(cache.get('key')).toBe(ttl > 1 ? 1 : undefined);
    expect(await cache.getOrCompute('key', () => 2)).toBe(ttl > 1 || staleSeconds > 1 ? 1 : 2);
  });

  it('is not lengthened by a clock that is put back, beyond what it is put back by', () => {
    cache.set('key', 1, { ttl: 1 });
    clock.advance(-500);
    expect(cache.get('key')).toBe(1);
    clock.advance(1499);
    expect(cache.get('key')).toBe(1);
    clock.advance(1);
    expect(cache.get('key')).toBeUndefined();
  });

  it('is shortened by jitter by no more than its share, and differently each time', () => {
    const draws = [0, 0.5, 0.999];
    cache = make({ ttlJitter: 0.2, random: () => draws.shift() ?? 0 });
    for (const key of ['a', 'b', 'c']) cache.set(key, 1, { ttl: 10 });
    const alive = (): string => ['a', 'b', 'c'].filter((key) => cache.has(key)).join('');
    clock.advance(8001);
    expect(alive()).toBe('abc');
    clock.advance(2);
    expect(alive()).toBe('ab');
    clock.advance(998);
    expect(alive()).toBe('a');
    clock.advance(999);
    expect(alive()).toBe('');
  });

  it('knows no wall clock: a value outlives none of its time when the date jumps', () => {
    const { now } = Date;
    try {
      cache.set('key', 1, { ttl: 10 });
      Date.now = () => now() + 3_600_000;
      expect(cache.get('key')).toBe(1);
      clock.advance(10_000);
      Date.now = () => now() - 3_600_000;
      expect(cache.get('key')).toBeUndefined();
    } finally {
      Date.now = now;
    }
  });
});

describe('invalidation', () => {
  it('of a tag ends every value that carries it, among others, and no other', async () => {
    cache.set('a', 1, { tags: ['red', 'blue'] });
    cache.set('b', 2, { tags: ['blue'] });
    cache.set('c', 3);
    expect(await cache.invalidateTag('red')).toBe(true);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 3]);
    await cache.invalidateTags(['blue', 'green']);
    expect([cache.get('b'), cache.get('c')]).toEqual([undefined, 3]);
  });

  it('loses nothing that is set in the same millisecond after it', () => {
    let lost = 0;
    for (let i = 0; i < 1000; i++) {
      void cache.invalidateTag('tag');
      cache.set('key', i, { tags: ['tag'] });
      if (cache.get('key') !== i) lost++;
    }
    expect(lost).toBe(0);
  });

  it('of everything ends everything, once and for all', async () => {
    cache.set('a', 1, { tags: ['t'] });
    expect(await cache.clear()).toBe(true);
    expect([cache.get('a'), cache.has('a'), cache.stats().size, cache.stats().tagCount]).toEqual([
      undefined,
      false,
      0,
      0,
    ]);
    cache.set('a', 2, { tags: ['t'] });
    expect(cache.get('a')).toBe(2);
  });

  it('of a key removes it, and says whether there was one', async () => {
    cache.set('a', 1);
    expect([cache.delete('a'), cache.delete('a'), cache.get('a')]).toEqual([true, false, undefined]);
    cache.set('a', 1);
    expect(await cache.deleteAsync('a')).toBe(true);
    expect(cache.get('a')).toBeUndefined();
  });

  it.each([[''], [undefined], [5], [null]])('refuses %j as a tag', async (tag) => {
    await expect(cache.invalidateTag(tag as string)).rejects.toThrow(CacheUsageError);
    expect(() => cache.set('a', 1, { tags: [tag as string] })).toThrow(/A tag must be a string/);
  });
});

describe('code that computes and sets by itself', () => {
  it('does not store what was invalidated since its mark: by key, by tag, by clear, or by a newer value', () => {
    const interferences: readonly (() => unknown)[] = [
      () => cache.delete('key'),
      () => cache.invalidateTag('tag'),
      () => cache.clear(),
      () => cache.set('key', 'newer'),
    ];
    for (const interfere of interferences) {
      const since = cache.mark();
      void interfere();
      expect(cache.set('key', 'old', { since, tags: ['tag'] })).toBe(false);
      expect(cache.get('key')).not.toBe('old');
    }
  });

  it('stores what nothing has touched', () => {
    const since = cache.mark();
    cache.delete('other');
    void cache.invalidateTag('other tag');
    expect(cache.set('key', 'new', { since, tags: ['tag'] })).toBe(true);
    expect(cache.get('key')).toBe('new');
  });
});

describe('keys', () => {
  it.each([[undefined], [null], [5], [{}], [{ key: 5 }], [Symbol('x')]])('refuses %s', async (key) => {
    const bad = key as unknown as string;
    expect(() => cache.get(bad)).toThrow(CacheUsageError);
    expect(() => cache.set(bad, 1)).toThrow(CacheUsageError);
    expect(() => cache.has(bad)).toThrow(CacheUsageError);
    await expect(cache.getOrCompute(bad, () => 1)).rejects.toThrow(CacheUsageError);
    await expect(cache.getOrCompute(bad, () => 1, { ttl: 5 })).rejects.toThrow(CacheUsageError);
    await expect(cache.getAsync(bad)).rejects.toThrow(CacheUsageError);
  });

  it('refuses a value of one user under a key that names none', async () => {
    await expect(cache.getOrCompute('settings', () => 1, { scope: 'user' })).rejects.toThrow(/names no user/);
  });
});

describe('counters', () => {
  it('count within a window that starts with its first increment, and start over after it', async () => {
    const hit = () => cache.increment('ip', { windowSeconds: 10 });
    expect(await hit()).toEqual({ count: 1, resetMs: 10_000 });
    clock.advance(9000);
    expect(await hit()).toEqual({ count: 2, resetMs: 1000 });
    clock.advance(999);
    expect(await hit()).toEqual({ count: 3, resetMs: 1 });
    clock.advance(1);
    expect(await hit()).toEqual({ count: 1, resetMs: 10_000 });
  });

  it('are no values: get, clear and tags do not know them', async () => {
    await cache.increment('ip', { windowSeconds: 10 });
    expect(cache.get('ip')).toBeUndefined();
    await cache.clear();
    expect((await cache.increment('ip', { windowSeconds: 10 })).count).toBe(2);
  });

  it('refuse to count without a window', async () => {
    const increment = cache.increment.bind(cache) as (key: string) => Promise<unknown>;
    await expect(increment('ip')).rejects.toThrow(CacheUsageError);
  });

  it.each([0, -5, Number.NaN, Infinity])('refuse a window of %d seconds', async (windowSeconds) => {
    await expect(cache.increment('ip', { windowSeconds })).rejects.toThrow(/windowSeconds/);
  });
});

describe('a cache that is switched off', () => {
  it('stores nothing, finds nothing and computes every time', async () => {
    cache = make({ enabled: false });
    let computed = 0;
    expect(cache.set('a', 1)).toBe(false);
    for (let i = 0; i < 3; i++) await cache.getOrCompute('a', () => ++computed);
    expect([computed, cache.get('a'), await cache.getAsync('a'), cache.stats().size]).toEqual([
      3,
      undefined,
      undefined,
      0,
    ]);
    expect(cache.stats()).toMatchObject({ bypassed: 5, hits: 0, misses: 0, hitRate: undefined });
  });
});

describe('options', () => {
  it('ask for no more entries than a process can hold', () => {
    expect(() => make({ maxEntries: 16_000_001 })).toThrow(/maxEntries 16000001 is not .* to 16000000/);
  });

  it('that cannot be used are named all at once', () => {
    const bad = {
      name: 'no spaces',
      maxEntries: 0,
      maxBytes: 5,
      defaultTtl: 0,
      ttlJitter: 1,
      firstTierTtl: -1,
      spans: 'some',
      spanKeys: 'all',
    } as unknown as CacheManagerOptions;
    expect(() => new CacheManager(bad)).toThrow(
      /name is not .*maxEntries 0 .*maxBytes and sizeOf .*defaultTtl 0 .*ttlJitter 1 .*firstTierTtl -1 .*spans .*spanKeys/,
    );
  });
});
