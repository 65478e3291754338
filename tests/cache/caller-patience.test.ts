import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager, CacheTimeoutError, CacheUsageError, type ComputeContext } from '../../cache/index.ts';
import { JOINABLE_MS } from '../../cache/computations.ts';
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

/** Asks with a signal, aborts that, and leaves the computation to the returned control. */
async function askAndLeave(options: object = {}): Promise<ReturnType<typeof controlled>> {
  const work = controlled();
  const controller = new AbortController();
  const asked = cache.getOrCompute('key', () => work.promise, { signal: controller.signal, ...options });
  controller.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
  return work;
}

describe('a computation whose callers have all gone', () => {
  it('is not joined by the next caller, who would get the error of its end', async () => {
    const work = await askAndLeave();
    const next = cache.getOrCompute('key', () => 'new');
    work.reject(new Error('aborted'));
    expect(await next).toBe('new');
    expect(cache.get('key')).toBe('new');
  });

  it('leaves nothing behind: no value, which may be half of one, no error, and no end of what was there', async () => {
    (await askAndLeave()).resolve('half');
    await turns();
    expect(cache.has('key')).toBe(false);
    (await askAndLeave({ errorTtl: 60 })).reject(new Error('aborted'));
    await turns();
    expect(await cache.getOrCompute('key', () => 'new', { ttl: 1, staleSeconds: 60 })).toBe('new');
    clock.advance(1000);
    (await askAndLeave({ softTimeoutMs: 1000 })).resolve(undefined);
    await turns();
    expect(await cache.getOrCompute('key', () => 'newer')).toBe('new');
    expect(cache.stats()).toMatchObject({ discardedStores: 0, computationsInFlight: 0 });
  });

  it('does not put off the next refresh, as one that has failed does', async () => {
    const keep = { ttl: 1, staleSeconds: 60 };
    await cache.getOrCompute('key', () => 'stale', keep);
    clock.advance(1000);
    (await askAndLeave({ softTimeoutMs: 1000 })).reject(new Error('aborted'));
    await turns();
    expect(await cache.getOrCompute('key', () => 'new', keep)).toBe('stale');
    await turns();
    expect(cache.get('key')).toBe('new');
  });

  it('is forgotten even if it never ends, with its tags', async () => {
    for (let i = 0; i < 10; i++) await askAndLeave({ tags: [`t${i}`] });
    expect(cache.stats()).toMatchObject({ computationsInFlight: 0, tagCount: 0, misses: 10 });
  });
});

describe('a computation whose value cannot be stored, for the chance of the options fails', () => {
  it('frees its key and its tags', async () => {
    const random = (): never => {
      throw new Error('no chance');
    };
    cache = new CacheManager({ clock, ttlJitter: 0.1, random });
    await expect(cache.getOrCompute('key', () => 1, { tags: ['tag'] })).rejects.toThrow('no chance');
    expect(cache.stats()).toMatchObject({ size: 0, tagCount: 0, computationsInFlight: 0 });
    expect(() => cache.set('key', 1, { tags: ['tag'] })).toThrow('no chance');
    expect(cache.stats().tagCount).toBe(0);
  });
});

describe('a computation that never ends', () => {
  it('keeps its key from being computed for five minutes, and no longer', async () => {
    const never = (): Promise<string> => new Promise(() => undefined);
    const ask = () => cache.getOrCompute('key', () => 'anew', { signal: AbortSignal.timeout(5) });
    void cache.getOrCompute('key', never);
    clock.advance(JOINABLE_MS);
    await expect(ask()).rejects.toThrow(/timeout/);
    clock.advance(1);
    expect(await ask()).toBe('anew');
  });
});

describe('a caller', () => {
  it('whose signal is aborted by the computation as it begins does not wait for its end', async () => {
    const controller = new AbortController();
    const compute = (): Promise<unknown> => {
      controller.abort(new Error('by itself'));
      return new Promise(() => undefined);
    };
    await expect(cache.getOrCompute('key', compute, { signal: controller.signal })).rejects.toThrow('by itself');
    expect(cache.stats().computationsInFlight).toBe(0);
  });

  it.each([Infinity, 2 ** 31, 1e300])('with a hard timeout of %d ms waits', async (hardTimeoutMs) => {
    const work = controlled();
    const asked = cache.getOrCompute('key', () => work.promise, { hardTimeoutMs });
    await new Promise((resolve) => setTimeout(resolve, 5));
    work.resolve('value');
    expect(await asked).toBe('value');
  });

  it.each([[Number.NaN], [-1], ['5' as unknown as number]])('is refused a timeout of %s', async (ms) => {
    await expect(cache.getOrCompute('key', () => 1, { hardTimeoutMs: ms })).rejects.toThrow(CacheUsageError);
    await expect(cache.getOrCompute('key', () => 1, { softTimeoutMs: ms })).rejects.toThrow(/softTimeoutMs/);
  });

  /** Two callers: the second comes after the invalidation of a tag that the computation of the first names only later. */
  function askTwice(options: object): { readonly second: Promise<unknown>; readonly end: () => Promise<void> } {
    const work = controlled();
    void cache.getOrCompute('key', async (context) => {
      await work.promise;
      context.addTags('late');
      return 'old';
    });
    void cache.invalidateTag('late');
    const second = cache.getOrCompute('key', () => new Promise(() => undefined), options);
    const end = async (): Promise<void> => {
      work.resolve(undefined);
      await turns();
    };
    return { second, end };
  }

  it('has one hard timeout, though it has to wait for a second computation', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { second, end } = askTwice({ hardTimeoutMs: 100 });
    const refused = expect(second).rejects.toThrow(CacheTimeoutError);
    await vi.advanceTimersByTimeAsync(99);
    await end();
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes the second computation along when it goes, and is counted once', async () => {
    const controller = new AbortController();
    const { second, end } = askTwice({ signal: controller.signal });
    await end();
    expect(cache.stats().computationsInFlight).toBe(1);
    controller.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect(cache.stats()).toMatchObject({ computationsInFlight: 0, misses: 1, coalesced: 1 });
  });

  it('who has gone does not start a computation any more', async () => {
    const controller = new AbortController();
    const { second, end } = askTwice({ signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await end();
    expect(cache.stats()).toMatchObject({ computationsInFlight: 0, computeCount: 1 });
  });

  it('who came before an invalidation gets what was computed before it, and nothing is computed for it again', async () => {
    const work = controlled();
    const compute = vi.fn(async (context: ComputeContext) => {
      await work.promise;
      context.addTags('late');
      return 'old';
    });
    const asked = [cache.getOrCompute('key', compute), cache.getOrCompute('key', compute)];
    void cache.invalidateTag('late');
    work.resolve(undefined);
    expect([await Promise.all(asked), compute.mock.calls.length]).toEqual([['old', 'old'], 1]);
  });
});

describe('a caller with a stale value at hand', () => {
  const keep = { ttl: 1, staleSeconds: 10, softTimeoutMs: 1000, tags: ['tag'] };

  beforeEach(async () => {
    await cache.getOrCompute('key', () => 'stale', keep);
    clock.advance(1000);
  });

  it('gets the reason of its own signal, not the stale value, and is counted', async () => {
    const controllers = [new AbortController(), new AbortController()];
    const asked = controllers.map(({ signal }) =>
      cache.getOrCompute('key', () => new Promise(() => undefined), { ...keep, signal }),
    );
    for (const controller of controllers) controller.abort(new Error('gone'));
    for (const each of asked) await expect(each).rejects.toThrow('gone');
    expect(cache.stats()).toMatchObject({ misses: 2, coalesced: 1, staleHits: 0 });
  });

  it('does not take a refresh in the background along when it goes', async () => {
    const work = controlled<string>();
    const { softTimeoutMs: _, ...atOnce } = keep;
    expect(await cache.getOrCompute('key', () => work.promise, atOnce)).toBe('stale');
    const controller = new AbortController();
    const asked = cache.getOrCompute('key', () => 'own', { ...keep, signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    work.resolve('fresh');
    await turns();
    expect(cache.get('key')).toBe('fresh');
  });

  it('gets the stale value when its hard timeout comes first', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    expect(await cache.getOrCompute('key', never, { ...keep, hardTimeoutMs: 1 })).toBe('stale');
  });

  it('does not get a value that was computed before an invalidation after which it came', async () => {
    const work = controlled();
    const before = cache.getOrCompute(
      'key',
      async (context) => {
        await work.promise;
        context.addTags('late');
        return 'old';
      },
      keep,
    );
    void cache.invalidateTag('late');
    const after = cache.getOrCompute('key', () => 'new', keep);
    work.resolve(undefined);
    expect([await before, await after]).toEqual(['old', 'new']);
    expect(cache.stats()).toMatchObject({ misses: 2, coalesced: 1, staleHits: 0 });
  });

  it.each([
    ['its tag', () => cache.invalidateTag('tag')],
    ['its key', () => cache.delete('key')],
    ['everything', () => cache.clear()],
    ['its time', () => clock.advance(10_000)],
  ])('waits on for the fresh one if the stale one has ended meanwhile (%s)', async (_, end) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const work = controlled<string>();
    const asked = cache.getOrCompute('key', () => work.promise, keep);
    void end();
    await vi.advanceTimersByTimeAsync(5000);
    work.resolve('fresh');
    expect(await asked).toBe('fresh');
    expect(cache.stats()).toMatchObject({ misses: 2, staleHits: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gets the error if the stale one has ended meanwhile', async () => {
    const work = controlled<string>();
    const asked = cache.getOrCompute('key', () => work.promise, keep);
    void cache.invalidateTag('tag');
    work.reject(new Error('down'));
    await expect(asked).rejects.toThrow('down');
  });

  it('is not kept from it by a remembered error', async () => {
    const fail = (): never => {
      throw new Error('down');
    };
    expect(await cache.getOrCompute('key', fail, { ...keep, errorTtl: 60 })).toBe('stale');
    expect(await cache.getOrCompute('key', fail, { ...keep, errorTtl: 60 })).toBe('stale');
  });
});

describe('going past the cache', () => {
  it.each([{ bypass: true }, { enabled: false }])(
    'the caller’s patience is the same (%o)',
    async ({ bypass, enabled }) => {
      cache = new CacheManager({ clock, ...(enabled === false && { enabled }) });
      const past = { ...(bypass === true && { bypass }) };
      const signals: AbortSignal[] = [];
      const compute = (context: ComputeContext): Promise<never> => {
        signals.push(context.signal);
        return new Promise(() => undefined);
      };
      await expect(cache.getOrCompute('key', compute, { ...past, hardTimeoutMs: 1 })).rejects.toThrow(
        CacheTimeoutError,
      );
      const controller = new AbortController();
      const asked = cache.getOrCompute('key', compute, { ...past, signal: controller.signal });
      controller.abort(new Error('gone'));
      await expect(asked).rejects.toThrow('gone');
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
      expect(cache.stats()).toMatchObject({ bypassed: 2, misses: 0, computationsInFlight: 0 });
    },
  );

  it('the computation is measured, and what it says of its value has no effect', async () => {
    cache.set('key', 'stored', { tags: ['tag'] });
    const take = (context: ComputeContext): string => {
      clock.advance(50);
      context.addTags('tag');
      context.setTtl(0);
      return 'fresh';
    };
    expect(await cache.getOrCompute('key', take, { bypass: true })).toBe('fresh');
    expect(cache.get('key')).toBe('stored');
    expect(cache.stats()).toMatchObject({ computeCount: 1, computeMsAvg: 50, discardedStores: 0, tagCount: 1 });
  });
});
