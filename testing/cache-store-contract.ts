import { notEqual } from 'node:assert/strict';
import { busCases } from './cache-store/bus-cases.ts';
import type { ContractCase, StorePair } from './cache-store/contract-case.ts';
import { fenceCases } from './cache-store/fence-cases.ts';
import { invalidationCases } from './cache-store/invalidation-cases.ts';
import { timeCases } from './cache-store/time-cases.ts';
import { valueCases } from './cache-store/value-cases.ts';

/** A test runner's two words: those of vitest, node:test, jest and mocha fit. */
export interface TestWords {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

export interface CacheStoreContract extends TestWords {
  /** Two stores that share their data, empty at first. Called for each test; `close` is called after it, whatever became of it. */
  readonly create: () => Promise<StorePair>;
  /** Stated here, never asked of the store: what a store has lost must not go unnoticed. */
  readonly has: {
    /** `subscribe` tells of other processes' changes. */
    readonly bus: boolean;
    /** `create` gives `faults`. */
    readonly faults: boolean;
    /** The size from which on entries are refused, if there is one. */
    readonly maxItemBytes?: number;
  };
}

const CASES: readonly ContractCase[] = [...valueCases, ...invalidationCases, ...fenceCases, ...timeCases, ...busCases];

/**
 * Tests that a store keeps the promises of `CacheStore`.
 *
 *     describeCacheStore('my store', { describe, it, create, has: { bus: true, faults: false } });
 */
export function describeCacheStore(name: string, { describe, it, create, has }: CacheStoreContract): void {
  describe(`${name} as a CacheStore`, () => {
    for (const { title, needs, run } of CASES) {
      if (needs !== undefined && !has[needs]) continue;
      it(title, async () => {
        const pair = await create();
        try {
          if (needs === 'faults') notEqual(pair.faults, undefined, 'create() must give `faults`');
          await run(pair, has.maxItemBytes ?? 0);
        } finally {
          await pair.close();
        }
      });
    }
    if (has.bus) return;
    it('says that it has no way to tell of changes', async () => {
      const pair = await create();
      const unsubscribes = pair.stores.map((store) => store.subscribe(() => {}));
      await pair.close();
      if (unsubscribes.some((unsubscribe) => unsubscribe !== undefined)) {
        throw new Error('subscribe() must return undefined: the contract was told that there is no bus.');
      }
    });
  });
}
