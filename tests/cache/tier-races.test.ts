import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager, type CacheManagerOptions } from '../../cache/index.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { ControlledStore } from './controlled-store.ts';
import { controlled, turns, type Controlled } from './settled.ts';

let clock: FakeClock;
let store: ControlledStore;
let cache: CacheManager;
const opened: CacheManager[] = [];

function open({ isTelling = false, ...options }: CacheManagerOptions & { isTelling?: boolean } = {}): CacheManager {
  const made = new CacheManager({ clock, store: store.connect({ isTelling }), ...options });
  opened.push(made);
  return made;
}

/** Holds one request to the store, or its answer, until the returned function is called. */
function hold(operation: string, part: 'request' | 'answer'): () => void {
  const gate = controlled<undefined>();
  store.passage = (current, currentPart) => {
    if (current !== operation || currentPart !== part) return undefined;
    store.passage = () => undefined;
    return gate.promise;
  };
  return () => gate.resolve(undefined);
}

beforeEach(() => {
  clock = new FakeClock();
  store = new ControlledStore(clock);
  cache = open();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const each of opened.splice(0)) await each.dispose();
});

describe('the first tier of several', () => {
  const ways: readonly [string, (of: CacheManager, ttl: number) => Promise<unknown>][] = [
    ['set', (of, ttl) => Promise.resolve(of.set('key', 'value', { ttl, staleSeconds: 3600 }))],
    ['setAsync', (of, ttl) => of.setAsync('key', 'value', { ttl, staleSeconds: 3600 })],
    ['getOrCompute', (of, ttl) => of.getOrCompute('key', () => 'value', { ttl, staleSeconds: 3600 })],
  ];

  it.each(ways)(
    'keeps what %s brought for five seconds where nobody tells of the others, stale or not',
    async (_, bring) => {
      for (const ttl of [300, 2]) {
        await bring(cache, ttl);
        await turns();
        await open().invalidateTag('unrelated');
        clock.advance(4999);
        await open().deleteAsync('key');
        clock.advance(1);
        expect(await cache.getOrCompute('key', () => 'new')).toBe('new');
        await cache.clear();
      }
    },
  );

  it.each(ways)(
    'keeps what %s brought as long as it is told to, even where others tell of theirs',
    async (_, bring) => {
      cache = open({ isTelling: true, firstTierTtl: 60 });
      await bring(cache, 300);
      clock.advance(59_999);
      expect(cache.has('key')).toBe(true);
      clock.advance(1);
      expect(cache.has('key')).toBe(false);
    },
  );

  it('is told of what others end, and keeps a value to its end otherwise', async () => {
    cache = open({ isTelling: true });
    for (const key of ['a', 'b', 'c']) await cache.setAsync(key, 1, { ttl: 300, tags: [`tag of ${key}`] });
    clock.advance(299_000);
    const other = open({ isTelling: true });
    await other.deleteAsync('a');
    await other.invalidateTag('tag of b');
    expect(['a', 'b', 'c'].map((key) => cache.has(key))).toEqual([false, false, true]);
    await other.clear();
    expect(cache.has('c')).toBe(false);
  });

  it('keeps to its bound without a second tier as well', () => {
    const alone = new CacheManager({ clock, firstTierTtl: 1 });
    alone.set('key', 1);
    clock.advance(1000);
    expect(alone.get('key')).toBeUndefined();
  });
});

describe('getAsync', () => {
  it('takes a fresh value of the second tier and keeps it in the first; a stale one is no value for it', async () => {
    const keep = { ttl: 60, staleSeconds: 60 };
    await open().setAsync('key', 'value', keep);
    expect(await cache.getAsync('key')).toBe('value');
    expect(cache.get('key')).toBe('value');
    clock.advance(60_000);
    expect(await cache.getAsync('key')).toBeUndefined();
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 1, staleHits: 0 });
    // For one who wants it computed it is: while that is done.
    expect(await cache.getOrCompute('key', () => 'new', keep)).toBe('value');
  });

  it('neither waits for a computation nor hears of its error', async () => {
    const work = controlled();
    const asked = cache.getOrCompute('key', () => work.promise);
    await turns();
    expect(await cache.getAsync('key')).toBeUndefined();
    const late = cache.getAsync('key');
    work.reject(new Error('down'));
    await expect(asked).rejects.toThrow('down');
    expect(await late).toBeUndefined();
    expect(cache.stats()).toMatchObject({ misses: 3, coalesced: 0 });
  });

  it('does not put what it read over what was computed meanwhile', async () => {
    cache = open({ isTelling: true });
    await open().setAsync('key', 'old', { ttl: 1 });
    const release = hold('read', 'answer');
    const read = cache.getAsync('key');
    await turns();
    clock.advance(1000);
    await cache.getOrCompute('key', () => 'new', { ttl: 300 });
    release();
    expect(await read).toBe('old');
    expect(cache.get('key')).toBe('new');
    expect(cache.stats().discardedStores, 'of computed values').toBe(0);
  });
});

describe('a soft timeout', () => {
  it('waits for a fresh value although the second tier has the stale one', async () => {
    cache = open({ isTelling: true });
    const keep = { ttl: 1, staleSeconds: 60, softTimeoutMs: 1000 };
    await cache.getOrCompute('key', () => 'stale', keep);
    await turns();
    clock.advance(1500);
    expect(store.valueOf('key')).toBe('stale');
    expect(await cache.getOrCompute('key', () => 'fresh', keep)).toBe('fresh');
  });
});

describe('an early refresh', () => {
  it('computes although the second tier has the value that it is to replace', async () => {
    cache = open({ isTelling: true, random: () => 0.999 });
    const take = (value: string) => (): string => {
      clock.advance(1000);
      return value;
    };
    const keep = { ttl: 5, earlyRefreshBeta: 1 };
    await cache.getOrCompute('key', take('first'), keep);
    await turns();
    expect(store.valueOf('key')).toBe('first');
    expect(await cache.getOrCompute('key', take('second'), keep)).toBe('first');
    await turns();
    expect(cache.get('key')).toBe('second');
  });
});

describe('what is on its way between the tiers', () => {
  it.each(['invalidateTag', 'deleteAsync', 'clear'] as const)(
    'is not put into the second by setAsync once this process has ended it (%s)',
    async (way) => {
      for (const [operation, part] of [
        ['delete', 'request'],
        ['delete', 'answer'],
        ['read', 'request'],
      ] as const) {
        const release = hold(operation, part);
        const put = cache.setAsync('key', 'old', { tags: ['tag'] });
        await turns();
        const name = { invalidateTag: 'tag', deleteAsync: 'key', clear: '' }[way];
        expect(await cache[way](name)).toBe(true);
        release();
        expect(await put).toBe(false);
        expect(await cache.getOrCompute('key', () => 'new', { tags: ['tag'] })).toBe('new');
        await cache.clear();
      }
    },
  );

  it('is put there by setAsync when nothing has ended it', async () => {
    expect(await cache.setAsync('key', 'value', { tags: ['tag'] })).toBe(true);
    expect(store.valueOf('key')).toBe('value');
    expect(await open().getOrCompute('key', () => 'computed')).toBe('value');
  });

  it('is not put into the first by a read that began before the end of it', async () => {
    const other = open();
    await other.setAsync('key', 'old', { tags: ['dynamic'] });
    for (const end of [() => cache.deleteAsync('key'), () => cache.invalidateTag('dynamic'), () => cache.clear()]) {
      await other.setAsync('key', 'old', { tags: ['dynamic'] });
      const release = hold('read', 'answer');
      const before = cache.getAsync('key');
      await turns();
      await end();
      release();
      expect(await before).toBe('old');
      expect(cache.get('key')).toBeUndefined();
      expect(await cache.getAsync('key')).toBeUndefined();
    }
  });

  it('is ended here once more when the second knows, though the array of tags was used on meanwhile', async () => {
    await open().setAsync('key', 'old', { tags: ['tag'] });
    const release = hold('invalidateTags', 'request');
    const tags = ['tag'];
    const done = cache.invalidateTags(tags);
    tags.length = 0;
    expect(await cache.getAsync('key'), 'the second does not know yet').toBe('old');
    release();
    expect(await done).toBe(true);
    expect(cache.get('key')).toBeUndefined();
  });
});

it('counts in the second tier where there is one', async () => {
  expect(await cache.increment('ip', { windowSeconds: 1 })).toEqual({ count: 42, resetMs: 1 });
});

const KEYS = ['a', 'b'] as const;
const processAndKey = { process: fc.nat(1), key: fc.constantFrom(...KEYS) };
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...processAndKey, does: fc.constantFrom('compute', 'soft', 'read') }) },
  {
    weight: 3,
    arbitrary: fc.record({ ...processAndKey, does: fc.constantFrom('set', 'delete', 'invalidate', 'clear') }),
  },
  { weight: 5, arbitrary: fc.record({ finish: fc.nat(9) }) },
  { weight: 12, arbitrary: fc.record({ pass: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(500, 1000, 2000) }) },
);

it('never hands out what was ended before it was asked for, in either of two processes, however slow the store', async () => {
  // The store may be as slow as it likes: its deadline does not come.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
      clock = new FakeClock();
      store = new ControlledStore(clock);
      const processes = [open({ isTelling: true }), open({ isTelling: true })];
      const onTheWay: Controlled<undefined>[] = [];
      store.passage = () => {
        const gate = controlled<undefined>();
        onTheWay.push(gate);
        return gate.promise;
      };
      const running: { readonly control: Controlled<number>; readonly version: number }[] = [];
      const version = { a: 0, b: 0 };
      /** By process: the least that may be handed out to who asks now. */
      const least = [
        { a: 0, b: 0 },
        { a: 0, b: 0 },
      ];
      const pending: Promise<unknown>[] = [];
      const take = <Item>(items: Item[], index: number): Item | undefined =>
        items.splice(index % Math.max(1, items.length), 1)[0];
      for (const current of steps) {
        if ('finish' in current) {
          const run = take(running, current.finish);
          run?.control.resolve(run.version);
        } else if ('pass' in current) take(onTheWay, current.pass)?.resolve(undefined);
        else if ('advanceMs' in current) clock.advance(current.advanceMs);
        else {
          const { does, key } = current;
          const its = processes[current.process] as CacheManager;
          if (does === 'compute' || does === 'soft' || does === 'read') {
            const bound = least[current.process]?.[key] ?? 0;
            const keep = { ttl: 1, staleSeconds: 2, tags: [`tag of ${key}`] };
            const compute = (): Promise<number> => {
              const control = controlled<number>();
              running.push({ control, version: version[key] });
              return control.promise;
            };
            const asked =
              does === 'read'
                ? its.getAsync<number>(key, { tags: keep.tags })
                : its.getOrCompute(key, compute, { ...keep, ...(does === 'soft' && { softTimeoutMs: 1e9 }) });
            pending.push(
              asked.then((value) => {
                if (value === undefined) return;
                checked++;
                expect(value).toBeGreaterThanOrEqual(bound);
              }),
            );
          } else if (does === 'set') {
            pending.push(its.setAsync(key, version[key], { ttl: 1, staleSeconds: 2, tags: [`tag of ${key}`] }));
          } else {
            const ended = does === 'clear' ? KEYS : [key];
            for (const each of ended) version[each]++;
            const now = { ...version };
            const isDone =
              does === 'delete'
                ? its.deleteAsync(key)
                : does === 'clear'
                  ? its.clear()
                  : its.invalidateTag(`tag of ${key}`);
            pending.push(
              isDone.then((isToldToAll) => {
                for (const [process, itsLeast] of least.entries())
                  if (isToldToAll || process === current.process)
                    for (const each of ended) itsLeast[each] = Math.max(itsLeast[each], now[each]);
              }),
            );
          }
        }
        await turns();
      }
      while (onTheWay.length > 0 || running.length > 0) {
        take(onTheWay, 0)?.resolve(undefined);
        const run = take(running, 0);
        run?.control.resolve(run.version);
        await turns();
      }
      await Promise.all(pending);
      store.passage = () => undefined;
    }),
    { numRuns: 80 },
  );
  expect(checked).toBeGreaterThan(200);
});
