import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GuardedStore } from '../../cache/guarded-store.ts';
import type { StoreFence, StoreMessage } from '../../cache/store.ts';
import { entryOf } from '../../testing/cache-store/contract-case.ts';
import { MemoryStore, MemoryStoreServer } from '../../testing/memory-store.ts';
import { FakeTimers, settle } from './fake-timers.ts';
import { FaultyStore } from './faulty-store.ts';

let time: FakeTimers;
let server: MemoryStoreServer;
let store: FaultyStore;
let guarded: GuardedStore;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeEach(() => {
  time = new FakeTimers(1000);
  server = new MemoryStoreServer(time);
  store = new FaultyStore(new MemoryStore(server));
  guarded = new GuardedStore(store, { clock: time, setTimer: time.setTimer });
  rejections.length = 0;
  process.on('unhandledRejection', onRejection);
});
afterEach(async () => {
  for (const { reject } of store.hanging) reject();
  await settle();
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
});

const read = (key = 'k') => guarded.read(key, ['t']);
const valueOf = async (key = 'k') => (await read(key))?.entry?.value;

async function fence(): Promise<StoreFence> {
  const found = await read();
  if (found === undefined) throw new Error('The store was not asked.');
  return found.fence;
}

/** Resolves to what `call` did while time went on, and how long it took. */
async function timed<T>(call: () => Promise<T>, ms = 1000): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startMs = time.nowMs();
  let result: { value: T; tookMs: number } | undefined;
  const done = call().then((value) => (result = { value, tookMs: time.nowMs() - startMs }));
  await time.pass(ms);
  if (result === undefined) throw new Error(`It did not end within ${ms} ms.`);
  return await done;
}

/** The store hangs until the breaker is open. */
async function openByTimeout(): Promise<void> {
  store.mode = 'hangs';
  await timed(() => guarded.read('unlucky', []));
  expect(guarded.counters.state).toBe('open');
}

describe('a GuardedStore over a store that works', () => {
  it('hands everything through', async () => {
    expect(guarded.name).toBe('faulty');
    expect(await guarded.write('k', entryOf(1, ['t']), await fence())).toBe(1);
    expect(await valueOf()).toBe(1);
    expect(await guarded.invalidateTags(['t'])).toBe(true);
    expect(await valueOf()).toBeUndefined();
    expect(await guarded.delete('k')).toBe(true);
    expect(await guarded.clear()).toBe(true);
    expect(await guarded.increment('n', 500)).toEqual({ count: 1, resetMs: 500 });
    expect(guarded.counters).toEqual({
      state: 'closed',
      timeouts: 0,
      errors: 0,
      refused: 0,
      opened: 0,
      pendingCount: 0,
      replayed: 0,
      collapsed: 0,
      listenerFaults: 0,
    });
    expect(time.timers).toEqual([]);
  });

  it('tells of messages, to each listener until it leaves', async () => {
    const [heard, other]: StoreMessage[][] = [[], []];
    const stop = guarded.subscribe((message) => void heard?.push(message));
    guarded.subscribe(() => {
      throw new Error('of a listener');
    });
    guarded.subscribe((message) => void other?.push(message));
    const sender = new MemoryStore(server);
    await sender.delete('k');
    stop?.();
    await sender.invalidateTags(['t']);
    expect(heard).toEqual([{ kind: 'key', key: 'k' }]);
    expect(other).toEqual([
      { kind: 'key', key: 'k' },
      { kind: 'tag', tag: 't' },
    ]);
    expect(guarded.counters.listenerFaults).toBe(2);
  });

  it('has no messages where the store has none, or fails to subscribe', () => {
    store.mode = 'throws';
    expect(guarded.subscribe(() => {})).toBeUndefined();
    store.subscribe = () => undefined;
    expect(guarded.subscribe(() => {})).toBeUndefined();
  });
});

describe('a GuardedStore over a store that hangs', () => {
  it('waits 250 ms once, and then asks for nothing', async () => {
    store.mode = 'hangs';
    expect(await timed(read)).toEqual({ value: undefined, tookMs: 250 });
    const asked = store.asked.length;
    expect(await timed(read)).toEqual({ value: undefined, tookMs: 0 });
    expect(await timed(() => guarded.increment('n', 1))).toEqual({ value: undefined, tookMs: 0 });
    expect(await timed(() => guarded.delete('k'), 0)).toEqual({ value: false, tookMs: 0 });
    expect(store.asked).toHaveLength(asked);
    expect(guarded.counters).toMatchObject({ state: 'open', timeouts: 1, opened: 1, refused: 3 });
  });

  it('lets all calls wait that had begun, and opens once', async () => {
    store.mode = 'hangs';
    const all = await timed(() => Promise.all(Array.from({ length: 50 }, () => read())));
    expect(all).toEqual({ value: Array.from({ length: 50 }), tookMs: 250 });
    expect(guarded.counters).toMatchObject({ timeouts: 50, opened: 1 });
  });

  it('lets one call each 10 s try again, and no other wait for it', async () => {
    await openByTimeout();
    const asked = store.asked.length;
    await time.pass(9249);
    expect((await timed(read, 0)).tookMs).toBe(0);
    expect(store.asked).toHaveLength(asked);
    await time.pass(1);
    const [probe, others] = [timed(read), Promise.all([read('l'), read('m')])];
    expect(await others).toEqual([undefined, undefined]);
    expect(await probe).toEqual({ value: undefined, tookMs: 250 });
    expect(store.asked.slice(asked)).toEqual(['read k']);
    expect(guarded.counters).toMatchObject({ state: 'open', opened: 1 });
    await time.pass(9_000);
    expect(await read()).toBeUndefined();
    expect(store.asked).toHaveLength(asked + 1);
  });

  it('goes on when the try succeeds, and tells listeners that messages may have been lost', async () => {
    const heard: StoreMessage[] = [];
    guarded.subscribe((message) => void heard.push(message));
    await openByTimeout();
    await time.pass(10_000);
    store.mode = 'works';
    expect(heard).toEqual([]);
    expect(await read()).toMatchObject({ entry: undefined });
    expect(heard).toEqual([{ kind: 'everything' }]);
    expect(guarded.counters.state).toBe('closed');
    await read();
    expect(heard).toHaveLength(1);
  });

  it('is not closed again by an answer of before', async () => {
    await openByTimeout();
    store.hanging.shift()?.resolve();
    await settle();
    expect(guarded.counters.state).toBe('open');
  });

  it('lets the read and the write of one computation wait 250 ms in all', async () => {
    store.mode = 'hangs';
    const reading = read();
    await time.pass(200);
    store.hanging.shift()?.resolve();
    const found = await reading;
    if (found === undefined) throw new Error('The answer came in time.');
    expect(await timed(() => guarded.write('k', entryOf(1), found.fence), 100)).toEqual({
      value: undefined,
      tookMs: 50,
    });
    // Too late for its caller, in time for the store: nothing is wrong with that.
    expect(guarded.counters).toMatchObject({ state: 'closed', timeouts: 0 });
    store.hanging.shift()?.resolve();
    await time.pass(1000);
    expect(guarded.counters).toMatchObject({ state: 'closed', timeouts: 0 });
    store.mode = 'works';
    expect(await valueOf()).toBeUndefined();
  });

  it('keeps the process alive for no more than the deadline', async () => {
    store.mode = 'hangs';
    void read();
    expect(time.timers.map(({ keepsAlive }) => keepsAlive)).toEqual([true]);
    await time.pass(250);
    await timed(() => guarded.delete('k'), 0);
    expect(time.timers.map(({ keepsAlive }) => keepsAlive)).toEqual([false]);
  });
});

describe('a GuardedStore over a store that fails', () => {
  it.each(['rejects', 'throws'] as const)('opens at the fifth error within 10 s: it %s', async (mode) => {
    store.mode = mode;
    for (let count = 1; count <= 5; count++) {
      expect(guarded.counters.state).toBe('closed');
      expect(await read()).toBeUndefined();
    }
    expect(guarded.counters).toMatchObject({ state: 'open', errors: 5, timeouts: 0, opened: 1 });
  });

  it('minds no errors that are further apart', async () => {
    store.mode = 'rejects';
    for (let count = 0; count < 20; count++) {
      await read();
      await time.pass(2500);
    }
    expect(guarded.counters).toMatchObject({ state: 'closed', errors: 20 });
  });

  it('opens again at once when the try fails', async () => {
    await openByTimeout();
    store.mode = 'rejects';
    await time.pass(10_000);
    await read();
    expect(guarded.counters).toMatchObject({ state: 'open', opened: 1 });
  });

  it('rejects at no method', async () => {
    const { fence: good } = (await read()) ?? {};
    if (good === undefined) throw new Error('The store was not asked.');
    store.mode = 'throws';
    expect(await guarded.read('k', [])).toBeUndefined();
    expect(await guarded.write('k', entryOf(1), good)).toBeUndefined();
    expect(await guarded.delete('k')).toBe(false);
    expect(await guarded.invalidateTags(['t'])).toBe(false);
    expect(await guarded.clear()).toBe(false);
    expect(await guarded.increment('k', 1)).toBeUndefined();
    await guarded.dispose();
  });
});

describe('an invalidation that does not reach the store', () => {
  beforeEach(async () => {
    for (const key of ['k', 'l']) {
      const { fence } = (await guarded.read(key, ['t'])) ?? {};
      if (fence !== undefined) await guarded.write(key, entryOf('old', ['t']), fence);
    }
    store.asked.length = 0;
  });

  it.each([
    ['delete', () => guarded.delete('k')],
    ['invalidateTags', () => guarded.invalidateTags(['t'])],
    ['clear', () => guarded.clear()],
  ])('resolves to false, and is told before anything else is asked: %s', async (_name, invalidate) => {
    store.mode = 'rejects';
    expect(await invalidate()).toBe(false);
    expect(await valueOf()).toBeUndefined();
    expect(await valueOf()).toBeUndefined();
    expect(store.asked.some((call) => call.startsWith('read'))).toBe(false);
    store.mode = 'works';
    store.asked.length = 0;
    expect(await read()).toMatchObject({ entry: undefined });
    expect(store.asked).toHaveLength(2);
    expect(store.asked[1]).toBe('read k');
    expect(guarded.counters).toMatchObject({ pendingCount: 0, replayed: 1 });
  });

  it('is told without traffic, too', async () => {
    await openByTimeout();
    expect((await timed(() => guarded.delete('k'), 0)).value).toBe(false);
    store.mode = 'works';
    await time.pass(10_000);
    expect(guarded.counters).toMatchObject({ state: 'closed', pendingCount: 0, replayed: 1 });
    expect((await new MemoryStore(server).read('k', [])).entry).toBeUndefined();
    expect(time.timers).toEqual([]);
  });

  it('is tried again until it is told', async () => {
    await openByTimeout();
    await timed(() => guarded.delete('k'), 0);
    await time.pass(60_000);
    expect(guarded.counters).toMatchObject({ state: 'open', pendingCount: 1, replayed: 0 });
    expect(store.asked.filter((call) => call === 'delete k').length).toBeGreaterThanOrEqual(5);
    store.mode = 'works';
    await time.pass(11_000);
    expect(guarded.counters).toMatchObject({ state: 'closed', pendingCount: 0 });
  });

  it('voids what was computed before it, however the outage ends', async () => {
    const before = await fence();
    store.mode = 'hangs';
    expect((await timed(() => guarded.invalidateTags(['t']))).value).toBe(false);
    await time.pass(10_000);
    // The server goes on, and does first what it was sent before.
    store.mode = 'works';
    for (const { resolve } of store.hanging.splice(0)) resolve();
    expect(await guarded.write('k', entryOf('old', ['t']), before)).toBeUndefined();
    expect(await valueOf()).toBeUndefined();
  });

  it('makes a read void that is under way', async () => {
    store.mode = 'hangs';
    const reading = read();
    store.mode = 'rejects';
    expect(await guarded.delete('k')).toBe(false);
    store.hanging.shift()?.resolve();
    expect(await reading).toBeUndefined();
  });

  it('is joined by the next one, which then reaches the store, too', async () => {
    store.mode = 'rejects';
    await guarded.delete('k');
    store.mode = 'works';
    store.asked.length = 0;
    expect(await guarded.delete('l')).toBe(true);
    expect(store.asked).toEqual(['delete k', 'delete l']);
    expect(guarded.counters.pendingCount).toBe(0);
  });

  it('is told once, however many ask meanwhile', async () => {
    store.mode = 'rejects';
    await guarded.delete('k');
    store.mode = 'works';
    store.asked.length = 0;
    const answers = await Promise.all([read(), guarded.delete('l'), read(), guarded.delete('l'), read()]);
    expect(answers.slice(1, 4)).toMatchObject([true, { entry: undefined }, true]);
    expect(store.asked.filter((call) => call.startsWith('delete'))).toEqual(['delete k', 'delete l']);
    expect(store.asked.indexOf('read k')).toBeGreaterThan(store.asked.indexOf('delete k'));
  });

  it('is kept a thousand times; one more becomes a clear', async () => {
    await openByTimeout();
    for (let index = 0; index < 1000; index++)
      await guarded.delete(`k${index % 500}`).then(() => guarded.invalidateTags([`t${index % 500}`]));
    expect(guarded.counters).toMatchObject({ pendingCount: 1000, collapsed: 0 });
    await guarded.delete('one more');
    expect(guarded.counters).toMatchObject({ pendingCount: 1, collapsed: 1001 });
    await guarded.delete('and another');
    expect(guarded.counters.pendingCount).toBe(1);
    store.mode = 'works';
    store.asked.length = 0;
    await time.pass(10_000);
    expect(store.asked).toEqual(['clear']);
    expect(guarded.counters.pendingCount).toBe(0);
  });

  it('is told in parts: what was told is done with, should a later part fail', async () => {
    await openByTimeout();
    for (let index = 0; index < 250; index++) await guarded.delete(`k${index}`);
    await time.pass(9000);
    store.mode = 'works';
    const remove = store.delete;
    store.delete = async (key) => {
      if (key === 'k150') throw new Error('of the store');
      await remove(key);
    };
    await time.pass(1000);
    expect(guarded.counters).toMatchObject({ replayed: 100, pendingCount: 150 });
    store.delete = remove;
    await time.pass(2000);
    expect(guarded.counters).toMatchObject({ replayed: 250, pendingCount: 0 });
  });

  it('holds up what is asked while it is being told', async () => {
    store.mode = 'rejects';
    await guarded.delete('k');
    store.mode = 'hangs';
    store.asked.length = 0;
    const [first, second] = [read(), read('l')];
    await settle();
    const third = guarded.increment('n', 1);
    await settle();
    expect(store.asked).toEqual(['delete k']);
    store.mode = 'works';
    store.hanging.shift()?.resolve();
    expect(await Promise.all([first, second, third])).toMatchObject([{ entry: undefined }, {}, { count: 1 }]);
    expect(store.asked.slice(1).toSorted()).toEqual(['increment n', 'read k', 'read l']);
  });

  it('waits for the try of another call, and is told after it', async () => {
    await openByTimeout();
    await time.pass(10_000);
    const trying = guarded.read('first', []);
    expect(await timed(() => guarded.delete('k'), 0)).toMatchObject({ value: false });
    expect(await timed(() => guarded.delete('l'), 0)).toMatchObject({ value: false });
    store.mode = 'works';
    store.hanging.at(-1)?.resolve();
    await trying;
    expect(await valueOf()).toBeUndefined();
    expect(guarded.counters).toMatchObject({ state: 'closed', pendingCount: 0, replayed: 2 });
  });

  it('is told of a hundred keys and tags at a time', async () => {
    await openByTimeout();
    for (let index = 0; index < 70; index++) await guarded.delete(`k${index}`);
    const tags = Array.from({ length: 150 }, (_, index) => `t${index}`);
    await guarded.invalidateTags(tags);
    store.mode = 'works';
    store.asked.length = 0;
    await time.pass(10_000);
    const [first, second] = store.asked.filter((call) => call.startsWith('invalidate'));
    expect([first?.split(' ').length, second?.split(' ').length]).toEqual([101, 51]);
    expect(store.asked).toHaveLength(72);
  });

  it('is told at the end, if the store answers', async () => {
    store.mode = 'rejects';
    await guarded.delete('k');
    store.mode = 'works';
    await guarded.dispose();
    expect((await new MemoryStore(server).read('k', [])).entry).toBeUndefined();
    expect(store.asked.at(-1)).toBe('dispose');
    expect(time.timers).toEqual([]);
  });

  it('of no tag asks nothing, and closes no breaker', async () => {
    await openByTimeout();
    await time.pass(10_000);
    const asked = store.asked.length;
    expect(await guarded.invalidateTags([])).toBe(true);
    expect(store.asked).toHaveLength(asked);
    expect(guarded.counters.state).toBe('open');
  });
});

describe('a GuardedStore that was disposed of', () => {
  it('asks nothing, keeps nothing and does not wait for a store that hangs', async () => {
    store.mode = 'hangs';
    expect((await timed(() => guarded.dispose())).tookMs).toBe(250);
    const asked = store.asked.length;
    expect(await read()).toBeUndefined();
    expect(await guarded.delete('k')).toBe(false);
    await time.pass(30_000);
    expect(store.asked).toHaveLength(asked);
    expect(time.timers).toEqual([]);
  });
});
