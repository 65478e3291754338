import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager, CacheTimeoutError, CacheUsageError, type ComputeContext } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { controlled, turns } from './settled.ts';

let clock: FakeClock;
let cache: CacheManager;

beforeEach(() => {
  clock = new FakeClock();
  cache = new CacheManager({ clock });
});
afterEach(async () => {
  vi.useRealTimers();
  await cache.dispose();
});

describe('one computation per key', () => {
  it('serves a thousand callers who come while it runs', async () => {
    let computed = 0;
    const work = controlled<object>();
    const asked = Array.from({ length: 1000 }, () =>
      cache.getOrCompute('key', () => {
        computed++;
        return work.promise;
      }),
    );
    const value = {};
    work.resolve(value);
    expect(new Set(await Promise.all(asked))).toEqual(new Set([value]));
    expect(computed).toBe(1);
    expect(cache.stats()).toMatchObject({ misses: 1, coalesced: 999, hits: 0, computationsInFlight: 0 });
    await cache.getOrCompute('key', () => 'again');
    expect(cache.stats().hits).toBe(1);
  });

  it('fails for all who wait for it, with what it threw, and is begun anew by the next', async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown): unknown => rejections.push(reason);
    process.on('unhandledRejection', listener);
    try {
      let computed = 0;
      const work = controlled();
      const asked = Array.from({ length: 100 }, () =>
        cache.getOrCompute('key', () => {
          computed++;
          return work.promise;
        }),
      );
      const thrown = new Error('the database is away');
      work.reject(thrown);
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason === thrown)).toBe(true);
      expect(computed).toBe(1);
      expect(await cache.getOrCompute('key', () => 'well again')).toBe('well again');
      await turns();
      expect(rejections).toEqual([]);
      expect(cache.stats()).toMatchObject({ computeCount: 2, computeErrors: 1, computationsInFlight: 0 });
    } finally {
      process.off('unhandledRejection', listener);
    }
  });

  it('may throw at once, which is a rejection all the same', async () => {
    const asked = cache.getOrCompute('key', () => {
      throw new Error('at once');
    });
    await expect(asked).rejects.toThrow('at once');
    expect(cache.stats().computationsInFlight).toBe(0);
  });

  it('is not needed for null, and is for undefined', async () => {
    let computed = 0;
    for (let i = 0; i < 3; i++) {
      await cache.getOrCompute('null', () => (computed++, null));
      await cache.getOrCompute('undefined', () => (computed++, undefined));
    }
    expect(computed).toBe(1 + 3);
  });

  it('takes what is no function for a mistake of the caller', async () => {
    await expect(cache.getOrCompute('key', 5 as unknown as () => unknown)).rejects.toThrow(CacheUsageError);
  });
});

describe('what is invalidated while it is computed', () => {
  const ways: readonly [string, () => unknown][] = [
    ['its tag', () => cache.invalidateTag('tag')],
    ['a tag that it adds only later', () => cache.invalidateTag('late')],
    ['its key', () => cache.delete('key')],
    ['its key, in both tiers', () => cache.deleteAsync('key')],
    ['everything', () => cache.clear()],
  ];

  it.each(ways)('(%s) goes to those who waited for it, and is not stored', async (_, invalidate) => {
    const work = controlled<string>();
    const asked = cache.getOrCompute(
      'key',
      async (context) => {
        const value = await work.promise;
        context.addTags('late');
        return value;
      },
      { tags: ['tag'] },
    );
    void invalidate();
    work.resolve('old');
    expect(await asked).toBe('old');
    expect(cache.get('key')).toBeUndefined();
    expect(cache.stats()).toMatchObject({ discardedStores: 1, sets: 0, size: 0 });
  });

  it.each(ways)('(%s) is not what a caller gets who comes after the invalidation', async (_, invalidate) => {
    let source = 'old';
    const work = controlled<undefined>();
    const compute = async (context: ComputeContext): Promise<string> => {
      const value = source;
      await work.promise;
      context.addTags('late');
      return value;
    };
    const before = cache.getOrCompute('key', compute, { tags: ['tag'] });
    source = 'new';
    void invalidate();
    const after = cache.getOrCompute('key', compute, { tags: ['tag'] });
    work.resolve(undefined);
    expect([await before, await after]).toEqual(['old', 'new']);
    expect(await cache.getOrCompute('key', () => 'computed again')).toBe('new');
  });

  it('is not served from the first tier either, whatever the options of the call', async () => {
    cache.set('key', 'old', { tags: ['tag'] });
    void cache.invalidateTag('tag');
    expect(await cache.getOrCompute('key', () => 'new')).toBe('new');
  });

  it('by a tag that only the caller names is computed for that caller', async () => {
    const work = controlled<string>();
    const first = cache.getOrCompute('key', () => work.promise);
    void cache.invalidateTag('tag');
    const second = cache.getOrCompute('key', () => 'new', { tags: ['tag'] });
    work.resolve('old');
    expect([await first, await second]).toEqual(['old', 'new']);
  });

  it('is not stored over a value that was set meanwhile', async () => {
    const work = controlled<string>();
    const asked = cache.getOrCompute('key', () => work.promise);
    cache.set('key', 'set');
    work.resolve('computed');
    expect([await asked, cache.get('key')]).toEqual(['computed', 'set']);
  });

  it('is not stored by a refresh in the background either', async () => {
    await cache.getOrCompute('key', () => 'first', { ttl: 1, staleSeconds: 60, tags: ['tag'] });
    clock.advance(1500);
    const work = controlled<string>();
    expect(await cache.getOrCompute('key', () => work.promise, { ttl: 1, staleSeconds: 60, tags: ['tag'] })).toBe(
      'first',
    );
    void cache.invalidateTag('tag');
    work.resolve('old');
    await turns();
    expect(await cache.getOrCompute('key', () => 'new', { tags: ['tag'] })).toBe('new');
  });
});

describe('a stale value', () => {
  const keep = { ttl: 1, staleSeconds: 10 };
  let computed: number;
  const next = (): number => ++computed;

  beforeEach(async () => {
    computed = 0;
    await cache.getOrCompute('key', next, keep);
    clock.advance(1000);
  });

  it('is served at once while one computation in the background replaces it', async () => {
    const work = controlled<number>();
    let begun = 0;
    const slow = (): Promise<number> => {
      begun++;
      return work.promise;
    };
    const served = await Promise.all([1, 2, 3].map(() => cache.getOrCompute('key', slow, keep)));
    expect([served, begun]).toEqual([[1, 1, 1], 1]);
    work.resolve(2);
    await turns();
    expect(await cache.getOrCompute('key', next, keep)).toBe(2);
    expect(cache.stats()).toMatchObject({ staleHits: 3, hits: 1, misses: 1 });
  });

  it('is no value for get, which cannot replace it', () => {
    expect(cache.get('key')).toBeUndefined();
    expect(cache.has('key')).toBe(false);
  });

  it('is served no longer than it may be', async () => {
    clock.advance(9999);
    expect(await cache.getOrCompute('key', () => 'late', keep)).toBe(1);
    cache.delete('key');
    await turns();
    await cache.getOrCompute('key', next, keep);
    clock.advance(11_000);
    expect(await cache.getOrCompute('key', () => 'anew', keep)).toBe('anew');
  });

  it('goes on being served when its replacement fails, which is not tried again within a second', async () => {
    let tried = 0;
    const fail = (): number => {
      tried++;
      throw new Error('down');
    };
    for (let i = 0; i < 5; i++) {
      expect(await cache.getOrCompute('key', fail, keep)).toBe(1);
      await turns();
    }
    expect(tried).toBe(1);
    clock.advance(1000);
    expect(await cache.getOrCompute('key', fail, keep)).toBe(1);
    await turns();
    expect(tried).toBe(2);
    expect(cache.stats()).toMatchObject({ staleHits: 6, computeErrors: 2 });
  });

  it('is not served once it was invalidated', async () => {
    await cache.invalidateTag('unrelated');
    expect(await cache.getOrCompute('key', next, keep)).toBe(1);
    cache.delete('key');
    await turns();
    expect(await cache.getOrCompute('key', () => 'new', keep)).toBe('new');
  });

  it('is what a caller gets after its soft timeout; a fresh one if that comes in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const slow = controlled<number>();
    const patient = { ...keep, softTimeoutMs: 50 };
    const asked = cache.getOrCompute('key', () => slow.promise, patient);
    await vi.advanceTimersByTimeAsync(49);
    let isServed = false;
    void asked.then(() => (isServed = true));
    await turns();
    expect(isServed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asked).toBe(1);
    slow.resolve(2);
    await turns();
    clock.advance(1000);
    expect(await cache.getOrCompute('key', () => 3, patient)).toBe(3);
    expect(cache.stats()).toMatchObject({ staleHits: 1, misses: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stands in for an error of the computation that a caller waited for', async () => {
    const failing = (): Promise<number> => Promise.reject(new Error('down'));
    expect(await cache.getOrCompute('key', failing, { ...keep, softTimeoutMs: 50 })).toBe(1);
  });
});

describe('a caller’s patience', () => {
  it('ends at its hard timeout with an error that names the pattern; the computation goes on and is stored', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const work = controlled<string>();
    const asked = cache.getOrCompute('user:17', () => work.promise, { hardTimeoutMs: 100 });
    const refused = expect(asked).rejects.toThrow(CacheTimeoutError);
    await vi.advanceTimersByTimeAsync(100);
    await refused;
    await expect(asked).rejects.not.toThrow(/user:17/);
    work.resolve('late');
    await turns();
    expect(cache.get('user:17')).toBe('late');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with its own signal, and with no other’s', async () => {
    const work = controlled<string>();
    const [mine, yours] = [new AbortController(), new AbortController()];
    let signal: AbortSignal | undefined;
    const compute = (context: ComputeContext): Promise<string> => {
      signal = context.signal;
      return work.promise;
    };
    const first = cache.getOrCompute('key', compute, { signal: mine.signal });
    const second = cache.getOrCompute('key', compute, { signal: yours.signal });
    mine.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(signal?.aborted).toBe(false);
    work.resolve('value');
    expect(await second).toBe('value');
  });

  it('takes the computation along when the last caller goes, and not while one without a signal waits', async () => {
    const compute = (signals: AbortSignal[]) => (context: ComputeContext) => {
      signals.push(context.signal);
      return new Promise(() => undefined);
    };
    const [alone, shared]: [AbortSignal[], AbortSignal[]] = [[], []];
    const controller = new AbortController();
    const asked = [
      cache.getOrCompute('alone', compute(alone), { signal: controller.signal }),
      cache.getOrCompute('shared', compute(shared), { signal: controller.signal }),
    ];
    void cache.getOrCompute('shared', compute(shared));
    controller.abort(new Error('gone'));
    await Promise.allSettled(asked);
    expect([alone[0]?.aborted, shared.length, shared[0]?.aborted]).toEqual([true, 1, false]);
  });

  it('may have ended before it asks', async () => {
    let computed = 0;
    const asked = cache.getOrCompute('key', () => ++computed, { signal: AbortSignal.abort(new Error('gone')) });
    await expect(asked).rejects.toThrow('gone');
    expect(computed).toBe(0);
  });
});

describe('what a computation may say', () => {
  it('its time to live, where only it knows', async () => {
    await cache.getOrCompute('token', (context) => (context.setTtl(30), 'value'), { ttl: 300 });
    clock.advance(29_999);
    expect(cache.has('token')).toBe(true);
    clock.advance(1);
    expect(cache.has('token')).toBe(false);
  });

  it('its tags and its time to live by functions that it takes out of its context', async () => {
    await cache.getOrCompute('key', ({ addTags, setTtl, signal }) => (addTags('tag'), setTtl(5), signal.aborted));
    clock.advance(4999);
    expect(cache.get('key')).toBe(false);
    await cache.invalidateTag('tag');
    expect(cache.has('key')).toBe(false);
  });

  it('that its value is not to be kept: then the one of before is not served either', async () => {
    await cache.getOrCompute('key', () => 'before', { ttl: 1, staleSeconds: 60 });
    clock.advance(1000);
    expect(await cache.getOrCompute('key', (context) => (context.setTtl(0), 'once'), { softTimeoutMs: 50 })).toBe(
      'once',
    );
    expect(cache.stats().size).toBe(0);
  });

  it('its tags, but no more of them than the cache can follow: then the value is not kept', async () => {
    const tags = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}`);
    await cache.getOrCompute('many', (context) => (context.addTags(...tags(1000)), 1));
    await cache.getOrCompute('too many', (context) => (context.addTags(...tags(1001)), 1));
    expect([cache.has('many'), cache.has('too many')]).toEqual([true, false]);
    await cache.invalidateTag('t999');
    expect(cache.has('many')).toBe(false);
  });

  it('nothing more once it has ended', async () => {
    let kept: ComputeContext | undefined;
    await cache.getOrCompute('key', (context) => ((kept = context), 1), { tags: ['tag'] });
    kept?.addTags('late');
    await cache.invalidateTag('late');
    expect(cache.get('key')).toBe(1);
  });
});

describe('errors', () => {
  it('are remembered only as long as the caller says, and are then no values', async () => {
    let computed = 0;
    const fail = (): never => {
      computed++;
      throw new Error('not found');
    };
    for (let i = 0; i < 3; i++)
      await expect(cache.getOrCompute('key', fail, { errorTtl: 5 })).rejects.toThrow('not found');
    expect([computed, cache.get('key'), cache.has('key')]).toEqual([1, undefined, false]);
    await expect(cache.getOrCompute('key', fail)).rejects.toThrow('not found');
    expect(cache.stats()).toMatchObject({ errors: 3, misses: 2 });
    clock.advance(5000);
    expect(await cache.getOrCompute('key', () => 'found')).toBe('found');
  });
});

describe('a computation that uses the cache', () => {
  it('may end its own tag, set or delete its own key, or clear: its value is not stored then', async () => {
    const ways: readonly [unknown, () => unknown][] = [
      [undefined, () => cache.invalidateTag('tag')],
      [undefined, () => cache.delete('key')],
      [undefined, () => cache.clear()],
      ['set', () => cache.set('key', 'set')],
    ];
    for (const [left, act] of ways) {
      const computed = cache.getOrCompute('key', async () => (await act(), 'computed'), { tags: ['tag'] });
      expect([await computed, cache.get('key')]).toEqual(['computed', left]);
      await cache.clear();
    }
  });

  it('may fail as a thenable does', async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(): never {
        throw new Error('then');
      },
    };
    await expect(cache.getOrCompute('key', () => thenable as PromiseLike<string>)).rejects.toThrow('then');
    expect(cache.stats().computationsInFlight).toBe(0);
  });
});

describe('early refresh', () => {
  it('computes a costly value anew before its time is up, in the background, and a cheap one not', async () => {
    const draws = { value: 0.5 };
    cache = new CacheManager({ clock, random: () => draws.value });
    const keep = { ttl: 10, earlyRefreshBeta: 1 };
    let computed = 0;
    const take = (ms: number) => () => {
      clock.advance(ms);
      return ++computed;
    };
    await cache.getOrCompute('key', take(2000), keep);
    // -2000 ms · ln(0.5) is 1386 ms: with 1387 left there is time yet.
    clock.advance(10_000 - 1387);
    expect([await cache.getOrCompute('key', take(0), keep), computed]).toEqual([1, 1]);
    clock.advance(1);
    expect(await cache.getOrCompute('key', take(0), keep)).toBe(1);
    await turns();
    expect([await cache.getOrCompute('key', take(0), keep), computed]).toEqual([2, 2]);
    expect(cache.stats()).toMatchObject({ hits: 3, misses: 1 });
  });
});

describe('going past the cache', () => {
  it('computes for this caller alone and leaves what is stored as it is', async () => {
    cache.set('key', 'stored');
    expect(await cache.getOrCompute('key', () => 'fresh', { bypass: true })).toBe('fresh');
    expect(cache.get('key')).toBe('stored');
    expect(cache.stats()).toMatchObject({ bypassed: 1, hits: 1, hitRate: 1 });
  });
});

describe('options of a look-up that finds a fresh value', () => {
  const unchecked = (options: unknown): Promise<unknown> =>
    cache.getOrCompute('key', () => 'computed', options as { ttl: number });

  beforeEach(() => {
    cache.set('key', 'stored', { ttl: 60 });
  });

  it.each([
    undefined,
    {},
    { ttl: 5 },
    { ttl: 5, tags: ['a', 'b'], staleSeconds: 5, errorTtl: 1 },
    { softTimeoutMs: 5 },
  ])('leave it the answer: %j', async (options) => {
    await expect(unchecked(options)).resolves.toBe('stored');
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 0 });
  });

  it.each([
    null,
    { ttl: '5' },
    { ttl: Number.NaN },
    { staleSeconds: Infinity },
    { errorTtl: '1' },
    { tags: ['a', ''] },
    { tags: 'a' },
    { scope: 'user' },
    { signal: AbortSignal.abort() },
  ])('are refused all the same when they are wrong, by a rejection: %j', async (options) => {
    const asked = unchecked(options);
    await expect(asked).rejects.toThrow(Error);
    expect(cache.stats().hits).toBe(0);
  });
});
