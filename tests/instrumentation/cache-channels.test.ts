import { channel, tracingChannel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheRegistry } from '../../cache/cache-registry.ts';
import { asOwnTable } from '../../cache/own-table.ts';
import { lookupsOf, type CachePatternUse } from '../../core/cache-pattern-use.ts';
import { DropCounters } from '../../core/drop-counters.ts';
import { FaultLog } from '../../core/fault-log.ts';
import { MAX_OPEN, MAX_STORES } from '../../instrumentation/cache-channels/bentocache.ts';
import { listenToCaches } from '../../instrumentation/cache-channels/listen-to-caches.ts';
import { FakeClock } from '../../testing/index.ts';

// Messages that the real libraries do not send, or not in these numbers; what they do send is tested with them, in tests/apps.
const operations = tracingChannel<unknown, object>('bentocache.cache.operation');
const metrics = channel('lru-cache:metrics');
const fetches = tracingChannel<unknown, object>('lru-cache');

const drops = new DropCounters();
const clock = new FakeClock(1000);
let undo: () => void;

beforeEach(() => {
  undo = listenToCaches({
    channels: ['bentocache', 'lru-cache'],
    clock,
    faults: new FaultLog(clock, drops, () => undefined),
  });
});
afterEach(() => undo());

/** What is known now that was not known `before`. */
function since(before: readonly CachePatternUse[]): Record<string, number> {
  const name = ({ cacheName, pattern }: CachePatternUse): string => `${cacheName} ${pattern}`;
  const had = new Map(before.map((use) => [name(use), lookupsOf(use)]));
  return Object.fromEntries(
    uses()
      .map((use) => [name(use), lookupsOf(use) - (had.get(name(use)) ?? 0)] as const)
      .filter(([, lookups]) => lookups > 0),
  );
}

function uses(): readonly CachePatternUse[] {
  return cacheRegistry()
    .read((thrown) => {
      throw thrown;
    })
    .patterns.filter(({ cacheName }) => /^(?:bentocache|lru-cache)/.test(cacheName));
}

function hit(store: unknown, key: unknown = 'user:1'): Promise<void> {
  const message = { operation: 'getOrSet', key, store };
  return operations.tracePromise(() => Promise.resolve(), message).then(() => undefined);
}

describe('the channels of other caches', () => {
  it('may say what they like: nothing reaches the application, and a fault is counted', async () => {
    const before = uses();
    const odd: readonly object[] = [
      {},
      { operation: 7, key: Symbol('k'), store: {} },
      { operation: 'getOrSet' },
      { operation: 'get', key: Symbol('k') },
      { operation: 'deleteMany', keys: 'none' },
      { operation: 'deleteMany', keys: [undefined, 'user:1'] },
      { operation: 'unknown', key: 'user:1', store: 'memory' },
    ];
    for (const message of odd) await operations.tracePromise(() => Promise.resolve(), message);
    for (const message of [
      ...odd,
      { op: 'get', cache: {} },
      { op: 'get', cache: 'no object' },
      { op: 'set', cache: {} },
    ])
      metrics.publish(message);
    await fetches.tracePromise(() => Promise.resolve(), { op: 'fetch', cache: {} });
    expect(since(before)).toMatchObject({ 'bentocache (unregistered)': 2, 'lru-cache (unregistered)': 2 });

    const faults = drops.count('internal');
    const thrower = {
      get op(): never {
        throw new Error('a message that throws');
      },
      cache: {},
    };
    metrics.publish(thrower);
    metrics.publish(undefined);
    expect(drops.count('internal')).toBe(faults + 2);
  });

  it('tell stores apart, so many of them', async () => {
    expect(MAX_STORES).toBe(20);
    const before = uses();
    for (let n = 0; n < MAX_STORES + 3; n++) await hit(`s${n}`);
    const found = since(before);
    expect(Object.keys(found)).toHaveLength(MAX_STORES + 1);
    expect(found).toMatchObject({ 'bentocache:s0 user:?': 1, 'bentocache:s19 user:?': 1, 'bentocache user:?': 3 });
  });

  it('keep of a key its kind, and of those two hundred', async () => {
    const before = uses();
    for (const key of [
      'user:jane:x',
      'bentocache:session:abc',
      'jane@x.io:1',
      'nothing',
      ':x',
      'é:1',
      42,
      'a'.repeat(33) + ':1',
    ])
      await hit('kinds', key);
    for (let n = 0; n < 300; n++)
      await hit('many', `${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + Math.floor(n / 26))}:${n}`);
    const found = since(before);
    expect(found).toMatchObject({
      'bentocache:kinds user:?': 1,
      'bentocache:kinds session:?': 1,
      'bentocache:kinds (unregistered)': 6,
      'bentocache:many (other)': 100,
    });
    expect(JSON.stringify(found)).not.toMatch(/jane|abc|42/);
  });

  it('remember open look-ups, so many of them, and forget each when it ends', async () => {
    expect(MAX_OPEN).toBe(10_000);
    const before = uses();
    const open: (() => void)[] = [];
    const all = Array.from({ length: MAX_OPEN + 5 }, (_, n) =>
      operations.tracePromise(() => new Promise<void>((resolve) => open.push(resolve)), {
        operation: 'getOrSet',
        key: `job:${n}`,
        store: 'open',
      }),
    );
    for (const end of open) end();
    await Promise.all(all);
    expect(since(before)).toEqual({ 'bentocache:open job:?': MAX_OPEN + 5 });
  });

  it('leave out what is marked as ours', () => {
    const before = uses();
    metrics.publish({ op: 'get', get: 'hit', key: 'mine:1', cache: asOwnTable({}) });
    metrics.publish({ op: 'get', get: 'hit', key: 'theirs:1', cache: {} });
    expect(since(before)).toEqual({ 'lru-cache theirs:?': 1 });
  });

  it('are left when slowpath goes; what was counted stays', async () => {
    await hit('gone');
    undo();
    expect(metrics.hasSubscribers || fetches.start.hasSubscribers || operations.start.hasSubscribers).toBe(false);
    const before = uses();
    await hit('gone');
    expect(since(before)).toEqual({});
    expect(before.find(({ cacheName }) => cacheName === 'bentocache:gone')).toMatchObject({ misses: 1 });
  });
});
