import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CacheManager, type CacheManagerOptions, type CacheStore } from '../../cache/index.ts';
import { cacheRegistry } from '../../cache/cache-registry.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { MemoryStore, MemoryStoreServer } from '../../testing/memory-store.ts';
import { controlled, turns, type Controlled } from './settled.ts';

let clock: FakeClock;
let server: MemoryStoreServer;
let caches: CacheManager[];

beforeEach(() => {
  clock = new FakeClock();
  server = new MemoryStoreServer(clock);
  caches = [];
});
afterEach(async () => {
  for (const cache of caches) await cache.dispose();
});

/** A cache of a process of its own on the shared server; `change` replaces methods of its store. */
function newProcess(change: Partial<CacheStore> = {}, options: CacheManagerOptions = {}): CacheManager {
  const store = Object.assign(new MemoryStore(server), change);
  const cache = new CacheManager({ clock, store, ...options });
  caches.push(cache);
  return cache;
}

const away = (): Promise<never> => Promise.reject(new Error('the store is away'));
const AWAY: Partial<CacheStore> = {
  read: away,
  write: away,
  delete: away,
  invalidateTags: away,
  clear: away,
  increment: away,
};

describe('a value that one process has computed', () => {
  it('is another’s without a computation, with its time and its tags, those that were added included', async () => {
    const [a, b] = [newProcess(), newProcess()];
    await a.getOrCompute('key', (context) => (context.addTags('late'), { n: 1 }), { ttl: 10, tags: ['early'] });
    await turns();
    clock.advance(4000);
    expect(await b.getOrCompute('key', () => 'computed again', { ttl: 10, tags: ['early'] })).toEqual({ n: 1 });
    expect(b.stats()).toMatchObject({ hits: 1, misses: 0, computeCount: 0 });
    expect(b.stats().patterns[0]).toMatchObject({ hits: 1, secondTierHits: 1 });
    expect(b.stats().secondTier).toMatchObject({ state: 'closed', errors: 0, pendingCount: 0 });
    clock.advance(5999);
    expect(b.get('key')).toEqual({ n: 1 });
    clock.advance(1);
    expect(b.get('key')).toBeUndefined();
  });

  it.each(['early', 'late'])('is nobody’s once its tag (%s) was invalidated by either', async (tag) => {
    for (const invalidating of [0, 1]) {
      const both = [newProcess(), newProcess()];
      const key = `key ${tag} ${invalidating}`;
      await both[0]?.getOrCompute(key, (context) => (context.addTags('late'), 'old'), { tags: ['early'] });
      await turns();
      expect(await both[1]?.getAsync(key, { tags: ['early'] })).toBe('old');
      expect(await both[invalidating]?.invalidateTag(tag)).toBe(true);
      for (const cache of both) {
        expect(cache.get(key)).toBeUndefined();
        expect(await cache.getAsync(key, { tags: ['early'] })).toBeUndefined();
      }
    }
  });

  it('is read by getAsync, which computes nothing and whom a computation does not wait for', async () => {
    const [a, b] = [newProcess(), newProcess()];
    expect(await b.getAsync('key')).toBeUndefined();
    await a.setAsync('key', 'set', { ttl: 10 });
    expect([await b.getAsync('key'), b.get('key')]).toEqual(['set', 'set']);
    expect(await b.deleteAsync('key')).toBe(true);
    expect([await a.getAsync('key'), a.get('key')]).toEqual([undefined, undefined]);
    const [read, computed] = await Promise.all([a.getAsync('key'), a.getOrCompute('key', () => 'computed')]);
    expect([read, computed]).toEqual([undefined, 'computed']);
  });
});

describe('what a look-up reads from the second tier while an invalidation is on its way there', () => {
  const ways: readonly [keyof CacheStore, (cache: CacheManager) => Promise<boolean>][] = [
    ['invalidateTags', (cache) => cache.invalidateTag('tag')],
    ['delete', (cache) => cache.deleteAsync('key')],
    ['clear', (cache) => cache.clear()],
  ];

  it.each(ways)('is not kept once that has arrived (%s)', async (method, invalidate) => {
    const arrival = controlled<undefined>();
    const original = MemoryStore.prototype[method] as (...args: unknown[]) => Promise<void>;
    const slow = async function (this: MemoryStore, ...args: unknown[]): Promise<void> {
      await arrival.promise;
      return await original.apply(this, args);
    };
    const cache = newProcess({ [method]: slow });
    await cache.getOrCompute('key', () => 'old', { tags: ['tag'] });
    await turns();
    const invalidated = invalidate(cache);
    // The second tier does not know yet, so it still has the value.
    expect(await cache.getOrCompute('key', () => 'computed', { tags: ['tag'] })).toBe('old');
    arrival.resolve(undefined);
    expect(await invalidated).toBe(true);
    expect(await cache.getOrCompute('key', () => 'new', { tags: ['tag'] })).toBe('new');
  });
});

describe('a stale value of the second tier', () => {
  it('is served, and replaced in the background by the process that met it', async () => {
    const [a, b] = [newProcess(), newProcess()];
    const keep = { ttl: 1, staleSeconds: 10 };
    await a.getOrCompute('key', () => 'old', keep);
    await turns();
    clock.advance(2000);
    let computed = 0;
    expect(await b.getOrCompute('key', () => (computed++, 'new'), keep)).toBe('old');
    await turns();
    await turns();
    expect([computed, await b.getOrCompute('key', () => 'never', keep)]).toEqual([1, 'new']);
    expect(b.stats()).toMatchObject({ staleHits: 1, hits: 1 });
    a.delete('key');
    expect(await a.getOrCompute('key', () => 'never', keep)).toBe('new');
  });
});

describe('a store that is away', () => {
  it('costs no value and no error: everything is computed, and kept for a few seconds only', async () => {
    const cache = newProcess(AWAY);
    expect(await cache.getOrCompute('key', () => 'computed', { ttl: 60 })).toBe('computed');
    expect(await cache.getOrCompute('key', () => 'never', { ttl: 60 })).toBe('computed');
    clock.advance(5000);
    expect(await cache.getOrCompute('key', () => 'again', { ttl: 60 })).toBe('again');
    expect(cache.stats()).toMatchObject({ errors: 2, hits: 1, misses: 0 });
    expect(await cache.getAsync('other')).toBeUndefined();
  });

  it('is told later: until then an invalidation resolves to false, and holds in this process', async () => {
    const cache = newProcess(AWAY);
    await cache.getOrCompute('key', () => 'old', { tags: ['tag'] });
    expect(await cache.invalidateTag('tag')).toBe(false);
    expect(cache.get('key')).toBeUndefined();
    expect([await cache.deleteAsync('key'), await cache.clear()]).toEqual([false, false]);
    expect(await cache.setAsync('key', 1)).toBe(false);
  });

  it('leaves counters to the process', async () => {
    const cache = newProcess(AWAY);
    expect((await cache.increment('ip', { windowSeconds: 10 })).count).toBe(1);
    expect((await cache.increment('ip', { windowSeconds: 10 })).count).toBe(2);
  });
});

describe('the calls of the second tier', () => {
  const timesOf = (name: string) =>
    cacheRegistry()
      .read((thrown) => expect.unreachable(String(thrown)))
      .operations.filter(({ cacheName }) => cacheName === name)
      .map(({ operation, errorType, durations }) => [operation, errorType, durations.count, durations.max]);

  it('are told with their durations, by operation', async () => {
    const read: CacheStore['read'] = function (this: MemoryStore, key, tags) {
      clock.advance(3);
      return MemoryStore.prototype.read.call(this, key, tags);
    };
    const cache = newProcess({ read }, { name: 'timed' });
    await cache.getOrCompute('a', () => 1);
    await cache.getOrCompute('b', () => 1);
    await turns();
    await cache.invalidateTag('t');
    await cache.deleteAsync('a');
    await cache.clear();
    await cache.increment('ip', { windowSeconds: 1 });
    expect(timesOf('timed')).toEqual([
      ['get', undefined, 2, 0.003],
      ['set', undefined, 2, 0],
      ['invalidate_tags', undefined, 1, 0],
      ['delete', undefined, 1, 0],
      ['clear', undefined, 1, 0],
      ['increment', undefined, 1, 0],
    ]);
  });

  it('are told as failed where they were refused', async () => {
    const cache = newProcess(AWAY, { name: 'away' });
    await cache.getOrCompute('a', () => 1);
    expect(timesOf('away')).toEqual([['get', 'error', 1, 0]]);
  });
});

describe('counters', () => {
  it('are those of all processes', async () => {
    const [a, b] = [newProcess(), newProcess()];
    await a.increment('ip', { windowSeconds: 10 });
    expect((await b.increment('ip', { windowSeconds: 10 })).count).toBe(2);
  });
});

describe('how long the first tier keeps a value', () => {
  it.each<[string, Partial<CacheStore>, CacheManagerOptions, number]>([
    ['as long as it is fresh, where the store tells of others', {}, {}, 60_000],
    ['five seconds, where it does not', { subscribe: () => undefined }, {}, 5000],
    ['as long as it was told to', {}, { firstTierTtl: 20 }, 20_000],
  ])('%s', async (_, change, options, keptMs) => {
    const reads: string[] = [];
    const read: CacheStore['read'] = function (this: MemoryStore, key, tags) {
      reads.push(key);
      return MemoryStore.prototype.read.call(this, key, tags);
    };
    const cache = newProcess({ ...change, read }, options);
    await cache.getOrCompute('key', () => 1, { ttl: 60 });
    await turns();
    clock.advance(keptMs - 1);
    expect(cache.get('key')).toBe(1);
    clock.advance(1);
    expect(cache.get('key')).toBeUndefined();
    // Past that, the second tier is asked, not the source.
    expect(await cache.getOrCompute('key', () => 2, { ttl: 60 })).toBe(keptMs === 60_000 ? 2 : 1);
    expect(reads).toEqual(['key', 'key']);
  });
});

describe('a computation in one process', () => {
  const run = (cache: CacheManager, work: Controlled<string>): Promise<string> =>
    cache.getOrCompute('key', () => work.promise, { tags: ['tag'] });

  it.each<[string, (other: CacheManager) => unknown]>([
    ['a tag', (other) => other.invalidateTag('tag')],
    ['its key', (other) => other.deleteAsync('key')],
    ['everything', (other) => other.clear()],
    ['a newer value', (other) => other.setAsync('key', 'newer', { tags: ['tag'] })],
  ])('is voided by another that invalidates %s meanwhile', async (_, interfere) => {
    const [a, b] = [newProcess(), newProcess()];
    const work = controlled<string>();
    const asked = run(a, work);
    await turns();
    await interfere(b);
    work.resolve('old');
    expect(await asked).toBe('old');
    await turns();
    for (const cache of [a, b]) expect(await cache.getAsync('key', { tags: ['tag'] })).not.toBe('old');
  });
});
