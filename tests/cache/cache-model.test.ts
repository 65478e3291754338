import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CacheManager, type ComputeContext } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { controlled, turns, type Controlled } from './settled.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'] as const;
const TAGS = ['t', 'u', 'v'] as const;
const TTL_MS = 1000;
const STALE_MS = 500;

/** A value tells which state of its source it was read from. */
interface Value {
  readonly key: string;
  readonly version: number;
  /** On the fake clock, when it was stored at the earliest. */
  doneAtMs: number;
  /** How long after its time it may be served to who wants it computed: as it was stored, whoever asks. */
  staleMs: number;
}

interface Running {
  readonly key: string;
  readonly value: Value;
  readonly control: Controlled<Value>;
  readonly context: ComputeContext;
}

/** What may be handed to a caller who came at a certain moment. */
interface Expectation {
  readonly name: string;
  readonly least: number;
  readonly invalidations: readonly { readonly tag: string; readonly at: ReadonlyMap<string, number> }[];
  readonly atMs: number;
  readonly takesStale: boolean;
}

const key = fc.constantFrom(...KEYS);
const tag = fc.constantFrom(...TAGS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ compute: key, stale: fc.boolean(), soft: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ get: key }) },
  { weight: 4, arbitrary: fc.record({ finish: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ fail: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ addTag: fc.nat(9), tag }) },
  { weight: 2, arbitrary: fc.record({ changeAndInvalidate: tag }) },
  { weight: 2, arbitrary: fc.record({ changeAndDelete: key }) },
  { weight: 1, arbitrary: fc.record({ changeAndClear: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ set: key, tags: fc.subarray([...TAGS]) }) },
  { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(1, 400, 600, 999, 1000, 1001, 1499, 1500) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Static tags of the keys: `a` has none. Any computation may add any tag, so any invalidation of a tag may concern any key. */
const STATIC: Readonly<Record<string, readonly string[]>> = { a: [], b: ['t'], c: ['t', 'u'], d: ['u'], e: [] };

/** Plays the steps on a cache, and on a model that knows only the source: versions, and what was invalidated when. */
class Play {
  readonly clock = new FakeClock();
  readonly cache: CacheManager;
  readonly running: Running[] = [];
  /** Of the source. */
  readonly versions = new Map<string, number>(KEYS.map((name) => [name, 0]));
  /** The least version that a caller may be given who comes now: that of the source when it was invalidated last. */
  readonly least = new Map<string, number>(KEYS.map((name) => [name, 0]));
  /** What carries a tag: any value whose computation has added it. */
  readonly tagsOf = new Map<Value, Set<string>>();
  readonly pending: Promise<unknown>[] = [];
  checked = 0;

  constructor(maxEntries: number) {
    this.cache = new CacheManager({ clock: this.clock, maxEntries });
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const current of steps) {
      this.#step(current);
      await turns();
    }
    while (this.running.length > 0) {
      this.#finish(0);
      await turns();
    }
    await Promise.all(this.pending);
    expect(this.cache.stats().computationsInFlight).toBe(0);
    await this.cache.dispose();
  }

  #step(current: Step): void {
    if ('compute' in current) this.#compute(current.compute, current.stale, current.soft);
    else if ('get' in current) this.#check(this.cache.get<Value>(current.get), this.#expectation(current.get, false));
    else if ('finish' in current) this.#finish(current.finish);
    else if ('fail' in current) this.#take(current.fail)?.control.reject(new Error('planted'));
    else if ('addTag' in current) this.#addTag(current.addTag, current.tag);
    else if ('changeAndInvalidate' in current) this.#invalidate(current.changeAndInvalidate);
    else if ('changeAndDelete' in current) {
      this.#change(current.changeAndDelete);
      this.cache.delete(current.changeAndDelete);
      this.#mustBeNew(current.changeAndDelete);
    } else if ('changeAndClear' in current) {
      for (const name of KEYS) this.#change(name);
      void this.cache.clear();
      for (const name of KEYS) this.#mustBeNew(name);
    } else if ('set' in current) {
      const value = this.#read(current.set);
      value.doneAtMs = this.clock.nowMs();
      this.tagsOf.set(value, new Set(current.tags));
      this.cache.set(current.set, value, { ttl: TTL_MS / 1000, tags: current.tags });
    } else this.clock.advance(current.advanceMs);
  }

  #compute(name: string, stale: boolean, soft: boolean): void {
    const expectation = this.#expectation(name, true);
    const asked = this.cache.getOrCompute<Value>(
      name,
      (context) => {
        const value = this.#read(name);
        if (stale) value.staleMs = STALE_MS;
        this.tagsOf.set(value, new Set(STATIC[name]));
        const control = controlled<Value>();
        this.running.push({ key: name, value, control, context });
        return control.promise;
      },
      {
        ttl: TTL_MS / 1000,
        tags: STATIC[name] ?? [],
        ...(stale && { staleSeconds: STALE_MS / 1000 }),
        // Longer than the test takes: a caller with a stale value at hand waits for a fresh one.
        ...(soft && { softTimeoutMs: 1e6 }),
      },
    );
    this.pending.push(
      asked.then(
        (value) => this.#check(value, expectation),
        (thrown: Error) => expect(thrown.message).toBe('planted'),
      ),
    );
  }

  #finish(index: number): void {
    const run = this.#take(index);
    if (run === undefined) return;
    run.value.doneAtMs = this.clock.nowMs();
    run.control.resolve(run.value);
  }

  #take(index: number): Running | undefined {
    return this.running.splice(index % Math.max(1, this.running.length), 1)[0];
  }

  #addTag(index: number, name: string): void {
    const run = this.running[index % Math.max(1, this.running.length)];
    if (run === undefined) return;
    run.context.addTags(name);
    this.tagsOf.get(run.value)?.add(name);
  }

  /** The source of everything changes; what carries the tag now, or is told of it later, must not be served from then on. */
  #invalidate(name: string): void {
    for (const each of KEYS) this.#change(each);
    void this.cache.invalidateTag(name);
    const at = new Map(this.versions);
    this.invalidations.push({ tag: name, at });
  }

  readonly invalidations: { readonly tag: string; readonly at: ReadonlyMap<string, number> }[] = [];

  #change(name: string): void {
    this.versions.set(name, (this.versions.get(name) ?? 0) + 1);
  }

  #mustBeNew(name: string): void {
    this.least.set(name, this.versions.get(name) ?? 0);
  }

  #read(name: string): Value {
    return { key: name, version: this.versions.get(name) ?? 0, doneAtMs: Infinity, staleMs: 0 };
  }

  /** What may be handed to a caller who comes now. */
  #expectation(name: string, takesStale: boolean): Expectation {
    return {
      name,
      least: this.least.get(name) ?? 0,
      invalidations: [...this.invalidations],
      atMs: this.clock.nowMs(),
      takesStale,
    };
  }

  #check(value: Value | undefined, asked: Expectation): void {
    if (value === undefined) return;
    this.checked++;
    expect(value.key).toBe(asked.name);
    expect(value.version).toBeGreaterThanOrEqual(asked.least);
    for (const { tag: name, at } of asked.invalidations) {
      if (this.tagsOf.get(value)?.has(name) === true)
        expect(value.version, `invalidated by ${name}`).toBeGreaterThanOrEqual(at.get(asked.name) ?? 0);
    }
    // A value that was there already when it was asked for had not outlived its time.
    if (value.doneAtMs < asked.atMs)
      expect(asked.atMs - value.doneAtMs).toBeLessThan(TTL_MS + (asked.takesStale ? value.staleMs : 0));
  }
}

it('never returns a value that was invalidated before it was asked for, however things interleave', async () => {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }),
      fc.constantFrom(2, 100),
      async (steps, maxEntries) => {
        const play = new Play(maxEntries);
        await play.play(steps);
        checked += play.checked;
      },
    ),
    { numRuns: 300 },
  );
  expect(checked).toBeGreaterThan(2000);
});

it('keeps every computed value that nothing has invalidated', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.record({ start: key }), fc.record({ finish: fc.nat(9) }), fc.record({ invalidate: tag })), {
        maxLength: 60,
        size: 'max',
      }),
      async (steps) => {
        const cache = new CacheManager({ clock: new FakeClock(), maxEntries: 100 });
        const running: { name: string; at: number; control: Controlled<number> }[] = [];
        const valid = new Map<string, number>();
        let count = 0;
        for (const current of steps) {
          if ('start' in current) {
            const name = current.start;
            const tags = STATIC[name] ?? [];
            void cache.getOrCompute(
              name,
              () => {
                const control = controlled<number>();
                running.push({ name, at: ++count, control });
                return control.promise;
              },
              { tags },
            );
          } else if ('finish' in current) {
            const run = running.splice(current.finish % Math.max(1, running.length), 1)[0];
            if (run === undefined) continue;
            run.control.resolve(run.at);
            if (run.at > 0) valid.set(run.name, run.at);
          } else {
            void cache.invalidateTag(current.invalidate);
            for (const name of KEYS) if (STATIC[name]?.includes(current.invalidate) === true) valid.delete(name);
            // What runs was started before: it is for its callers alone.
            for (const run of running) if (STATIC[run.name]?.includes(current.invalidate) === true) run.at = -1;
          }
          await turns();
          for (const name of KEYS) expect(cache.get(name), name).toBe(valid.get(name));
        }
        await cache.dispose();
      },
    ),
    { numRuns: 150 },
  );
});
