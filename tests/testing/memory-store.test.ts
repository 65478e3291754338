import { describe, expect, it } from 'vitest';
import type { CacheStore } from '../../cache/store.ts';
import type { StorePair } from '../../testing/cache-store/contract-case.ts';
import { describeCacheStore } from '../../testing/cache-store-contract.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { MemoryStore, MemoryStoreServer } from '../../testing/memory-store.ts';

async function createPair(): Promise<StorePair> {
  const clock = new FakeClock(1);
  const server = new MemoryStoreServer(clock);
  return {
    stores: [new MemoryStore(server), new MemoryStore(server)],
    passTime: async (ms) => clock.advance(ms),
    close: async () => {},
  };
}

describeCacheStore('MemoryStore', { describe, it, create: createPair, has: { bus: true, faults: false } });

/** A store with a flaw, and the case of the contract that must notice it. */
const FLAWS: readonly (readonly [string, string, (pair: StorePair) => void])[] = [
  [
    'ignores fences',
    'voids a write when its key was invalidated during its computation, by either process',
    ({ stores }) => {
      for (const store of stores) {
        const write = store.write.bind(store);
        store.write = async (key, entry) => await write(key, entry, (await store.read(key, [])).fence);
      }
    },
  ],
  [
    'ignores tags',
    'reads no value after one of its tags was invalidated by either process',
    ({ stores }) => {
      for (const store of stores) store.invalidateTags = async () => {};
    },
  ],
  [
    'shares its values',
    'hands out a copy that nobody else changes',
    ({ stores: [a] }) => {
      const read = a.read.bind(a);
      let shared: Awaited<ReturnType<CacheStore['read']>> | undefined;
      a.read = async (key, tags) => {
        const found = await read(key, tags);
        if (found.entry !== undefined) shared ??= found;
        return shared ?? found;
      };
    },
  ],
  [
    'has a bus that echoes',
    'tells other processes of deletions, invalidations and clears, and none of its own',
    ({ stores: [a] }) => {
      const listeners: Parameters<CacheStore['subscribe']>[0][] = [];
      const [subscribe, remove] = [a.subscribe.bind(a), a.delete.bind(a)];
      a.subscribe = (listener) => {
        listeners.push(listener);
        return subscribe(listener);
      };
      a.delete = async (key) => {
        await remove(key);
        for (const listener of listeners) listener({ kind: 'key', key });
      };
    },
  ],
];

describe('the contract', () => {
  it.each(FLAWS)('notices a store that %s', async (_flaw, title, spoil) => {
    const cases = new Map<string, () => Promise<void>>();
    describeCacheStore('a bad store', {
      describe: (_title, body) => body(),
      it: (caseTitle, body) => cases.set(caseTitle, body),
      create: async () => {
        const pair = await createPair();
        spoil(pair);
        return pair;
      },
      has: { bus: true, faults: false },
    });
    expect(cases.size).toBeGreaterThan(30);
    await expect(cases.get(title)?.()).rejects.toThrow();
  });

  it('leaves out what a store is said not to have, and refuses one that has it all the same', async () => {
    const titles: string[] = [];
    const bodies: (() => Promise<void>)[] = [];
    describeCacheStore('a store', {
      describe: (_title, body) => body(),
      it: (title, body) => {
        titles.push(title);
        bodies.push(body);
      },
      create: createPair,
      has: { bus: false, faults: false },
    });
    expect(titles.filter((title) => /tells|lost|too large/.test(title))).toEqual([
      'tells strange keys apart',
      'tells strange tags apart',
      'tells when a value is past its fresh time, and how long it may still be served',
    ]);
    await expect(bodies.at(-1)?.()).rejects.toThrow('subscribe() must return undefined');
  });
});
