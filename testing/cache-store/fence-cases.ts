import { equal, ok } from 'node:assert/strict';
import type { CacheStore } from '../../cache/store.ts';
import { entryOf, fenceOf, put, valueAt, type ContractCase } from './contract-case.ts';

const INVALIDATIONS: readonly (readonly [string, (store: CacheStore) => Promise<void>])[] = [
  ['its key', (store) => store.delete('k')],
  ['one of its tags', (store) => store.invalidateTags(['t'])],
  ['a tag that its computation added', (store) => store.invalidateTags(['added'])],
  ['everything', (store) => store.clear()],
];

/** A write whose fence is older than an invalidation is void. */
export const fenceCases: readonly ContractCase[] = [
  ...INVALIDATIONS.flatMap(([what, invalidate]): readonly ContractCase[] => [
    {
      title: `voids a write when ${what} was invalidated during its computation, by either process`,
      async run({ stores: [a, b] }) {
        for (const other of [a, b]) {
          const fence = await fenceOf(a, 'k', ['t']);
          await invalidate(other);
          equal(await a.write('k', entryOf('old', ['t', 'added']), fence), undefined);
          equal(await valueAt(b, 'k', ['t']), undefined);
        }
      },
    },
    {
      title: `voids a refresh when ${what} was invalidated during its computation`,
      async run({ stores: [a, b] }) {
        ok(await put(a, 'k', entryOf('first', ['t', 'added'])));
        const fence = await fenceOf(a, 'k', ['t']);
        await invalidate(b);
        equal(await a.write('k', entryOf('old', ['t', 'added']), fence), undefined);
        equal(await valueAt(b, 'k', ['t']), undefined);
      },
    },
    {
      title: `keeps the newer value when ${what} was invalidated during an older computation`,
      async run({ stores: [a, b] }) {
        ok(await put(a, 'k', entryOf('first', ['t', 'added'])));
        const fence = await fenceOf(a, 'k', ['t']);
        await invalidate(b);
        ok(await put(b, 'k', entryOf('new', ['t', 'added'])));
        equal(await a.write('k', entryOf('old', ['t', 'added']), fence), undefined);
        equal(await valueAt(b, 'k', ['t']), 'new');
      },
    },
  ]),
  {
    title: 'voids no write because of another key or tag',
    async run({ stores: [a, b] }) {
      const fence = await fenceOf(a, 'k', ['t']);
      await b.delete('other');
      await b.invalidateTags(['other']);
      ok(await a.write('k', entryOf(1, ['t']), fence));
      equal(await valueAt(b, 'k', ['t']), 1);
    },
  },
  {
    title: 'takes tags that the computation adds, and minds them from then on',
    async run({ stores: [a, b] }) {
      const fence = await fenceOf(a, 'k', ['t']);
      ok(await a.write('k', entryOf(1, ['t', 'added']), fence));
      equal(await valueAt(b, 'k', ['t']), 1);
      await b.invalidateTags(['added']);
      equal(await valueAt(a, 'k', ['t']), undefined);
    },
  },
  {
    title: 'lets a hit be refreshed, with other tags and times',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf(1, ['t'])));
      const fence = await fenceOf(b, 'k', ['t']);
      ok(await b.write('k', entryOf(2, ['t', 'added'], { freshMs: 5000 }), fence));
      const { entry } = await a.read('k', ['t']);
      equal(entry?.value, 2);
      ok((entry?.freshMs ?? 0) <= 5000);
    },
  },
  {
    title: 'lets two processes that missed at the same time both write',
    async run({ stores: [a, b] }) {
      const fences = [await fenceOf(a, 'k', ['t']), await fenceOf(b, 'k', ['t'])] as const;
      ok(await a.write('k', entryOf('a', ['t']), fences[0]));
      ok(await b.write('k', entryOf('b', ['t']), fences[1]));
      equal(await valueAt(a, 'k', ['t']), 'b');
    },
  },
  {
    title: 'voids the writes of all that missed before a deletion, and none of those after',
    async run({ stores: [a, b] }) {
      const before = [await fenceOf(a, 'k'), await fenceOf(b, 'k')] as const;
      await b.delete('k');
      const after = await fenceOf(b, 'k');
      equal(await a.write('k', entryOf('old'), before[0]), undefined);
      ok(await b.write('k', entryOf('new'), after));
      equal(await b.write('k', entryOf('old'), before[1]), undefined);
      equal(await valueAt(a, 'k'), 'new');
    },
  },
  {
    title: 'does not make old fences good again by a later read of the key',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf('first', [], { freshMs: 0, staleMs: 60_000 })));
      const old = await fenceOf(a, 'k');
      const [, stale] = await Promise.all([b.delete('k'), b.read('k', [])]);
      await b.delete('k');
      await fenceOf(b, 'k');
      equal(await a.write('k', entryOf('old'), old), undefined);
      equal(await b.write('k', entryOf('old'), stale.fence), undefined);
      equal(await valueAt(a, 'k'), undefined);
    },
  },
  {
    title: 'never has an old value after an invalidation, however calls of two processes overlap',
    async run({ stores: [a, b] }) {
      for (let round = 0; round < 30; round++) {
        const key = `k${round}`;
        let source = 0;
        const compute = async (store: CacheStore): Promise<void> => {
          const { fence } = await store.read(key, ['t']);
          await store.write(key, entryOf(source, ['t', 'added']), fence);
        };
        const invalidate = [() => a.delete(key), () => b.invalidateTags(['added']), () => a.clear()][round % 3];
        ok(invalidate);
        for (let change = 0; change < 5; change++) {
          const before = [compute(a), compute(b), compute(a)];
          source++;
          await invalidate();
          const [read, other] = await Promise.all([valueAt(a, key, ['t']), valueAt(b, key, ['t']), ...before]);
          for (const value of [read, other, await valueAt(b, key, ['t'])]) {
            ok(value === undefined || value === source, `${String(value)} was read after it had become ${source}`);
          }
        }
      }
    },
  },
];
