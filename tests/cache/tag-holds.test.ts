import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheManager, type ComputeContext } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { controlled, turns, type Controlled } from './settled.ts';

const KEYS = ['a', 'b', 'c'] as const;
const TAGS = ['t', 'u', 'v'] as const;
const step = fc.oneof(
  fc.record({ compute: fc.constantFrom(...KEYS), tags: fc.subarray([...TAGS]), signal: fc.boolean() }),
  fc.record({ finish: fc.nat(5), value: fc.constantFrom('value', 'error', undefined, 'many tags', 'ttl 0') }),
  fc.record({ abort: fc.nat(5) }),
  fc.record({ set: fc.constantFrom(...KEYS), tags: fc.subarray([...TAGS]), bytes: fc.constantFrom(1, 50, 1000) }),
  fc.record({ remove: fc.constantFrom(...KEYS) }),
  fc.record({ invalidate: fc.constantFrom(...TAGS) }),
  fc.record({ clear: fc.constant(true) }),
  fc.record({ advanceMs: fc.constantFrom(500, 1000, 3000) }),
);

describe('tags', () => {
  it('are held by what there is, and by nothing else, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
        const clock = new FakeClock();
        const cache = new CacheManager({
          clock,
          maxBytes: 100,
          sizeOf: (value) => (typeof value === 'number' ? value : 10),
        });
        const running: { readonly control: Controlled<unknown>; readonly context: ComputeContext }[] = [];
        const controllers: AbortController[] = [];
        for (const current of steps) {
          if ('compute' in current) {
            const controller = new AbortController();
            controllers.push(controller);
            const asked = cache.getOrCompute(
              current.compute,
              (context) => {
                const control = controlled();
                running.push({ control, context });
                return control.promise;
              },
              {
                tags: current.tags,
                ttl: 1,
                staleSeconds: 1,
                errorTtl: 1,
                ...(current.signal && { signal: controller.signal, softTimeoutMs: 1e6 }),
              },
            );
            asked.catch(() => undefined);
          } else if ('finish' in current) {
            const run = running.splice(current.finish % Math.max(1, running.length), 1)[0];
            if (current.value === 'many tags')
              run?.context.addTags(...Array.from({ length: 1100 }, (_, i) => `many ${i}`));
            if (current.value === 'ttl 0') run?.context.setTtl(0);
            if (current.value === 'error') run?.control.reject(new Error('planted'));
            else run?.control.resolve(current.value);
          } else if ('abort' in current) controllers[current.abort]?.abort();
          else if ('set' in current) cache.set(current.set, current.bytes, { tags: current.tags, ttl: 1 });
          else if ('remove' in current) cache.delete(current.remove);
          else if ('invalidate' in current) void cache.invalidateTag(current.invalidate);
          else if ('clear' in current) void cache.clear();
          else clock.advance(current.advanceMs);
          await turns();
        }
        // A caller whose computation turned out to be void begins another.
        while (running.length > 0) {
          running.shift()?.control.resolve(1);
          await turns();
        }
        expect(cache.stats().computationsInFlight).toBe(0);
        for (const key of KEYS) cache.delete(key);
        // What is left are invalidations, of the three tags at most: the last of each is kept. Nothing is left of the others.
        expect(cache.stats().tagCount).toBeLessThanOrEqual(TAGS.length);
        for (const tag of TAGS) cache.set(tag, 1, { tags: [tag] });
        expect(cache.stats().tagCount).toBe(TAGS.length);
        await cache.invalidateTags(TAGS);
        expect(TAGS.map((tag) => cache.get(tag))).toEqual([undefined, undefined, undefined]);
        await cache.dispose();
      }),
      { numRuns: 80 },
    );
  });

  it('that nobody ended are forgotten with the last value of them', async () => {
    const cache = new CacheManager({ clock: new FakeClock() });
    const ask = (value: unknown, options: object = {}): Promise<unknown> =>
      cache
        .getOrCompute(
          'key',
          (context) => {
            context.addTags('added');
            if (value instanceof Error) throw value;
            return value;
          },
          { tags: ['tag'], ...options },
        ) // prettier-ignore
        .catch(() => undefined);
    for (const value of [undefined, new Error('planted')]) {
      await ask(value);
      expect(cache.stats().tagCount).toBe(0);
    }
    await ask(new Error('planted'), { errorTtl: 1 });
    expect(cache.stats().tagCount).toBe(2);
    cache.delete('key');
    expect(cache.stats().tagCount).toBe(0);
    await ask(1, { bypass: true });
    expect(cache.stats().tagCount).toBe(0);
  });

  it('may be added again and again, as a loop over rows does, and count once', async () => {
    const cache = new CacheManager();
    const compute = (context: ComputeContext): number => {
      for (let i = 0; i < 5000; i++) context.addTags(`user:${i % 3}`, 'static');
      return 1;
    };
    await cache.getOrCompute('key', compute, { tags: ['static'] });
    expect(cache.stats()).toMatchObject({ size: 1, tagCount: 4 });
    await cache.invalidateTag('user:2');
    expect(cache.has('key')).toBe(false);
  });

  it('of one value are bounded wherever they come from', async () => {
    const cache = new CacheManager();
    const tags = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}`);
    expect([cache.set('key', 1, { tags: tags(1000) }), cache.set('key', 1, { tags: tags(1001) })]).toEqual([
      true,
      false,
    ]);
    expect(cache.has('key')).toBe(false);
    await cache.getOrCompute('key', () => 1, { tags: tags(1001) });
    expect([cache.has('key'), cache.stats().tagCount]).toEqual([false, 0]);
  });
});

describe('marks', () => {
  it('cost no tag its record, however many keys are written after', async () => {
    const cache = new CacheManager({ maxEntries: 10 });
    cache.mark();
    const work = controlled();
    const asked = cache.getOrCompute('key', async (context) => {
      await work.promise;
      context.addTags('late');
      return 1;
    });
    for (let i = 0; i < 30_000; i++) cache.set(`k${i}`, i);
    expect(cache.stats().tagCount).toBe(0);
    work.resolve(undefined);
    await asked;
    expect(cache.get('key')).toBe(1);
  });

  it('of a cache that was cleared since are void for values without tags, too', () => {
    const cache = new CacheManager();
    const since = cache.mark();
    void cache.clear();
    expect(cache.set('key', 1, { since })).toBe(false);
  });

  it('are held to be passed when so much was written since that the cache cannot tell', () => {
    const cache = new CacheManager({ maxEntries: 10 });
    const since = cache.mark();
    cache.delete('key');
    for (let i = 0; i < 10_001; i++) cache.delete(`k${i}`);
    expect(cache.set('key', 1, { since })).toBe(false);
    expect(cache.set('key', 1, { since: cache.mark() })).toBe(true);
  });
});
