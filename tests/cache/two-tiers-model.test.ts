import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CacheManager, type CacheStore, type StoredEntry, type StoreFence } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { MemoryStore, MemoryStoreServer } from '../../testing/memory-store.ts';
import { controlled, turns, type Controlled } from './settled.ts';

const KEYS = ['a', 'b', 'c'] as const;
const TAGS = ['t', 'u'] as const;
const STATIC: Readonly<Record<string, readonly string[]>> = { a: ['t'], b: ['t', 'u'], c: [] };

interface Value {
  readonly version: number;
}

/** A store some turns away: each call takes effect a while after it was made, and answers a while after that. */
class DistantStore implements CacheStore {
  readonly name = 'distant';
  readonly #store: MemoryStore;
  readonly #delays: readonly number[];
  #calls = 0;

  constructor(server: MemoryStoreServer, delays: readonly number[]) {
    this.#store = new MemoryStore(server);
    this.#delays = delays;
  }

  read(key: string, tags: readonly string[]) {
    return this.#far(() => this.#store.read(key, tags));
  }
  write(key: string, entry: StoredEntry, fence: StoreFence) {
    return this.#far(() => this.#store.write(key, entry, fence));
  }
  delete(key: string) {
    return this.#far(() => this.#store.delete(key));
  }
  invalidateTags(tags: readonly string[]) {
    return this.#far(() => this.#store.invalidateTags(tags));
  }
  clear() {
    return this.#far(() => this.#store.clear());
  }
  increment(key: string, windowMs: number) {
    return this.#far(() => this.#store.increment(key, windowMs));
  }
  subscribe(listener: Parameters<MemoryStore['subscribe']>[0]) {
    return this.#store.subscribe(listener);
  }
  dispose() {
    return this.#store.dispose();
  }

  async #far<Result>(call: () => Promise<Result>): Promise<Result> {
    await this.#delay();
    const result = await call();
    await this.#delay();
    return result;
  }

  async #delay(): Promise<void> {
    for (let left = this.#delays[this.#calls++ % this.#delays.length] ?? 0; left > 0; left--) await turns();
  }
}

const who = fc.constantFrom(0, 1);
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ by: who, compute: key }) },
  { weight: 2, arbitrary: fc.record({ by: who, read: key }) },
  { weight: 5, arbitrary: fc.record({ by: who, finish: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ by: who, addTag: fc.nat(5), tag: fc.constantFrom(...TAGS) }) },
  { weight: 2, arbitrary: fc.record({ by: who, invalidate: fc.constantFrom(...TAGS) }) },
  { weight: 2, arbitrary: fc.record({ by: who, remove: key }) },
  { weight: 1, arbitrary: fc.record({ by: who, clear: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ by: who, put: key }) },
  { weight: 2, arbitrary: fc.record({ by: who, forget: key }) },
  { weight: 1, arbitrary: fc.record({ by: who, advanceMs: fc.constantFrom(500, 1000, 1500) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Running {
  readonly value: Value & { readonly tags: Set<string> };
  readonly control: Controlled<Value>;
  addTags(tag: string): void;
}

/** Two processes, one source. What counts is when an invalidation has resolved: who asks after that, anywhere, gets nothing older. */
async function play(steps: readonly Step[], delays: readonly number[]): Promise<number> {
  const clock = new FakeClock();
  const server = new MemoryStoreServer(clock);
  const caches = [0, 1].map(() => new CacheManager({ clock, store: new DistantStore(server, delays), name: 'shared' }));
  const running: Running[][] = [[], []];
  const versions = new Map<string, number>(KEYS.map((name) => [name, 1]));
  const least = new Map<string, number>(KEYS.map((name) => [name, 0]));
  const pending: Promise<unknown>[] = [];
  let checked = 0;

  const check = (name: string, atLeast: number) => (value: Value | undefined) => {
    if (value === undefined) return;
    checked++;
    expect(value.version, name).toBeGreaterThanOrEqual(atLeast);
  };
  // A value that is put while something is invalidated may count as the earlier or the later of both, so the two take turns here.
  const under = { change: 0, put: 0 };
  const change = (kind: 'change' | 'put', names: readonly string[], invalidate: () => Promise<boolean>): void => {
    if (under.put > 0 || (kind === 'put' && under.change > 0)) return;
    under[kind]++;
    for (const name of names) versions.set(name, (versions.get(name) ?? 0) + 1);
    const now = new Map(versions);
    pending.push(
      invalidate().then((isDone) => {
        expect(isDone).toBe(true);
        under[kind]--;
        for (const name of names) least.set(name, Math.max(least.get(name) ?? 0, now.get(name) ?? 0));
      }),
    );
  };
  const compute = (by: number, name: string) =>
    caches[by]?.getOrCompute<Value>(
      name,
      (context) => {
        const value = { version: versions.get(name) ?? 0, tags: new Set(STATIC[name]) };
        const control = controlled<Value>();
        running[by]?.push({ value, control, addTags: (tag) => context.addTags(tag) });
        return control.promise;
      },
      { ttl: 1, tags: STATIC[name] ?? [] },
    ) ?? Promise.resolve(undefined);
  const take = (by: number, index: number): Running | undefined => {
    const list = running[by] ?? [];
    return list.splice(index % Math.max(1, list.length), 1)[0];
  };

  for (const current of steps) {
    const cache = caches[current.by] as CacheManager;
    if ('compute' in current)
      pending.push(compute(current.by, current.compute).then(check(current.compute, least.get(current.compute) ?? 0)));
    else if ('read' in current)
      pending.push(
        cache
          .getAsync<Value>(current.read, { tags: STATIC[current.read] ?? [] })
          .then(check(current.read, least.get(current.read) ?? 0)),
      );
    else if ('finish' in current) {
      const run = take(current.by, current.finish);
      run?.control.resolve({ version: run.value.version });
    } else if ('addTag' in current) running[current.by]?.[current.addTag]?.addTags(current.tag);
    else if ('invalidate' in current)
      change(
        'change',
        KEYS.filter((name) => STATIC[name]?.includes(current.invalidate)),
        () => cache.invalidateTag(current.invalidate),
      );
    else if ('remove' in current) change('change', [current.remove], () => cache.deleteAsync(current.remove));
    else if ('clear' in current) change('change', KEYS, () => cache.clear());
    else if ('put' in current) {
      const name = current.put;
      change('put', [name], () =>
        cache
          .setAsync(name, { version: versions.get(name) ?? 0 }, { ttl: 1, tags: STATIC[name] ?? [] })
          .then(() => true),
      );
    } else if ('forget' in current) cache.delete(current.forget);
    else clock.advance(current.advanceMs);
    await turns();
  }
  for (let quiet = 0; quiet < 30;) {
    const run = take(0, 0) ?? take(1, 0);
    run?.control.resolve({ version: run.value.version });
    quiet = run === undefined ? quiet + 1 : 0;
    await turns();
  }
  const outcomes = await Promise.allSettled(pending);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  for (const cache of caches) await cache.dispose();
  return checked;
}

// However slow the machine is that runs this: no call of the store is late.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('two processes with a slow second tier never hand out what was invalidated before it was asked for', async () => {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
      async (steps, delays) => {
        checked += await play(steps, delays);
      },
    ),
    { numRuns: 200 },
  );
  expect(checked).toBeGreaterThan(1000);
});
