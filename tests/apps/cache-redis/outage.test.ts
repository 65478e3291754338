import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GuardedStore, type GuardedStoreOptions } from '../../../cache/guarded-store.ts';
import { redisStore } from '../../../cache/redis/index.ts';
import type { StoreMessage } from '../../../cache/store.ts';
import { startRedis, type Redis } from '../../../scripts/redis.ts';
import { freePorts } from '../../../scripts/lib/free-ports.ts';
import { entryOf, until, valueAt } from '../../../testing/cache-store/contract-case.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';
import type { OpenClient } from './clients.mjs';
import { openIoredis } from './clients.mjs';
import { CLIENTS } from './redis-pair.ts';

/** A busy machine adds to the deadline; a client that waits for its server would add seconds. */
const LATE_MS = 250 + 200;

const probe = await startRedisOrSkip({});
await probe?.stop();

describe.skipIf(probe === undefined).each(CLIENTS)('a Redis that fails, behind a GuardedStore on %s', (_name, open) => {
  let redis: Redis;
  let port: number;
  let clients: OpenClient[];
  let guards: GuardedStore[];

  beforeEach(async () => {
    [port = 0] = await freePorts(1);
    redis = await startRedis({ port });
    clients = [];
    guards = [];
  });
  afterEach(async () => {
    signal('SIGCONT');
    for (const guard of guards) await guard.dispose();
    for (const { close } of clients) await close();
    await redis.stop();
  });

  function signal(name: NodeJS.Signals): void {
    try {
      if (redis.pid !== undefined) process.kill(redis.pid, name);
    } catch {
      // It has ended.
    }
  }

  async function createGuard(options: GuardedStoreOptions = { probeMs: 500 }): Promise<GuardedStore> {
    const client = await open(redis.url);
    clients.push(client);
    const guard = new GuardedStore(redisStore({ client: client.client, silenceMs: 500 }), options);
    guards.push(guard);
    await until(async () => (await guard.read('first', [])) !== undefined, 'the client is connected');
    return guard;
  }

  async function put(guard: GuardedStore, key: string, value: unknown): Promise<number | undefined> {
    const read = await guard.read(key, ['t']);
    return read && (await guard.write(key, entryOf(value, ['t']), read.fence));
  }

  /** Reads and computes again and again, as requests do, and measures the longest wait. */
  async function work(
    guarded: GuardedStore,
    forMs: number,
  ): Promise<{ readonly longestMs: number; readonly count: number }> {
    const endMs = performance.now() + forMs;
    let longestMs = 0;
    let count = 0;
    while (performance.now() < endMs) {
      const startMs = performance.now();
      const read = await guarded.read(`k${count % 10}`, ['t']);
      if (read !== undefined) await guarded.write(`k${count % 10}`, entryOf(count, ['t']), read.fence);
      longestMs = Math.max(longestMs, performance.now() - startMs);
      count++;
      await wait(5);
    }
    return { longestMs, count };
  }

  it('that is stopped for 20 s costs a request 250 ms each 10 s, and is used again after it', async () => {
    const guard = await createGuard({});
    await put(guard, 'kept', 'kept');
    signal('SIGSTOP');
    const { longestMs, count } = await work(guard, 20_000);
    expect(longestMs).toBeLessThan(LATE_MS);
    expect(count).toBeGreaterThan(500);
    const { timeouts, opened, refused } = guard.counters;
    expect({ timeouts, opened }).toEqual({ timeouts: 2, opened: 1 });
    expect(refused).toBeGreaterThan(500);
    signal('SIGCONT');
    await until(async () => (await guard.read('kept', ['t']))?.entry?.value === 'kept', 'it is used again', 12_000);
    expect(guard.counters.state).toBe('closed');
  }, 60_000);

  it('that is stopped serves nobody what was invalidated meanwhile, once it is told', async () => {
    const [guard, other] = [await createGuard(), await createGuard()];
    for (const key of ['deleted', 'tagged']) expect(await put(guard, key, 'old')).toBeGreaterThan(0);
    const fence = (await guard.read('computed', ['t']))?.fence;
    if (fence === undefined) throw new Error('The store was not asked.');
    signal('SIGSTOP');
    expect(await guard.delete('deleted')).toBe(false);
    expect(await guard.invalidateTags(['t'])).toBe(false);
    expect(await guard.read('tagged', ['t'])).toBeUndefined();
    signal('SIGCONT');
    await until(() => guard.counters.pendingCount === 0, 'it was told');
    expect(await guard.write('computed', entryOf('old', ['t']), fence)).toBeUndefined();
    for (const reader of [guard, other]) {
      await until(async () => (await reader.read('x', [])) !== undefined, 'the store is used');
      for (const key of ['deleted', 'tagged', 'computed'])
        expect(await reader.read(key, ['t'])).toMatchObject({ entry: undefined });
    }
  });

  it('that is killed and started again costs next to nothing, and comes back empty', async () => {
    const guard = await createGuard();
    const heard: StoreMessage[] = [];
    guard.subscribe((message) => void heard.push(message));
    await until(() => heard.length > 0, 'it is subscribed');
    await put(guard, 'k', 'old');
    const fence = (await guard.read('k', ['t']))?.fence;
    if (fence === undefined) throw new Error('The store was not asked.');
    await redis.stop();
    const { longestMs } = await work(guard, 1000);
    expect(longestMs).toBeLessThan(LATE_MS);
    expect(guard.counters.opened).toBe(1);
    expect(await guard.delete('other')).toBe(false);
    heard.length = 0;
    redis = await startRedis({ port });
    await until(async () => (await guard.read('k', ['t'])) !== undefined, 'it is used again', 12_000);
    await until(() => heard.some(({ kind }) => kind === 'everything'), 'first tiers were told');
    expect(await guard.write('k', entryOf('old', ['t']), fence)).toBeUndefined();
    expect(await guard.read('k', ['t'])).toMatchObject({ entry: undefined });
    expect(await put(guard, 'k', 'new')).toBeGreaterThan(0);
    expect(guard.counters).toMatchObject({ state: 'closed', pendingCount: 0, replayed: 1 });
    const admin = await openIoredis(redis.url);
    clients.push(admin);
    await until(async () => String(await admin.send('PUBSUB', 'CHANNELS')) !== '', 'it listens again');
  });

  it('that was flushed voids everything, and all goes on', async () => {
    const guard = await createGuard();
    await put(guard, 'k', 'old');
    const fence = (await guard.read('k', ['t']))?.fence;
    await clients[0]?.send('FLUSHALL');
    await clients[0]?.send('SCRIPT', 'FLUSH');
    if (fence === undefined) throw new Error('The store was not asked.');
    expect(await guard.write('k', entryOf('old', ['t']), fence)).toBeUndefined();
    expect(await put(guard, 'k', 'new')).toBeGreaterThan(0);
    expect((await guard.read('k', ['t']))?.entry?.value).toBe('new');
    expect(guard.counters.errors).toBe(0);
  });
});

describe.skipIf(probe === undefined)('a Redis that was never there', () => {
  it('costs 250 ms once, with the default settings of ioredis', async () => {
    const { client, close } = await openIoredis(`redis://127.0.0.1:${(await freePorts(1)).join()}`);
    const guard = new GuardedStore(redisStore({ client }));
    const startMs = performance.now();
    for (let index = 0; index < 20; index++) expect(await guard.read('k', [])).toBeUndefined();
    expect(performance.now() - startMs).toBeLessThan(LATE_MS);
    expect(guard.counters.opened).toBe(1);
    await guard.dispose();
    await close();
  });

  it('makes an unguarded store reject at once when it was there before', async () => {
    const redis = await startRedis();
    const { client, close } = await openIoredis(redis.url);
    const store = redisStore({ client, bus: false });
    expect(await valueAt(store, 'k')).toBeUndefined();
    await redis.stop();
    await until(() => 'status' in client && client.status !== 'ready', 'the client has noticed');
    await expect(store.read('k', [])).rejects.toThrow('The Redis client has lost its connection.');
    await close();
  });
});
