import { deepEqual, equal, ok } from 'node:assert/strict';
import { entryOf, put, until, valueAt, type ContractCase } from './contract-case.ts';

/** Values end, and so do the windows of counters. */
export const timeCases: readonly ContractCase[] = [
  {
    title: 'reads no value after its time',
    async run({ stores: [a, b], passTime }) {
      ok(await put(a, 'k', entryOf(1, ['t'], { freshMs: 40 })));
      ok(await put(a, 'kept', entryOf(2, ['t'])));
      await passTime(41);
      await until(async () => (await valueAt(b, 'k', ['t'])) === undefined, 'the value is gone');
      equal(await valueAt(b, 'kept', ['t']), 2);
    },
  },
  {
    title: 'tells when a value is past its fresh time, and how long it may still be served',
    async run({ stores: [a, b], passTime }) {
      ok(await put(a, 'k', entryOf(1, ['t'], { freshMs: 20, staleMs: 60_000 })));
      await passTime(21);
      await until(async () => ((await b.read('k', ['t'])).entry?.freshMs ?? 1) <= 0, 'it is stale');
      const { entry } = await b.read('k', ['t']);
      equal(entry?.value, 1);
      equal(entry?.staleMs, 60_000);
      ok((entry?.freshMs ?? -Infinity) > -59_000, `freshMs is ${entry?.freshMs}`);
    },
  },
  {
    title: 'lets a stale value be replaced',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf('stale', ['t'], { freshMs: 0, staleMs: 60_000 })));
      const { entry, fence } = await b.read('k', ['t']);
      equal(entry?.value, 'stale');
      ok(await b.write('k', entryOf('fresh', ['t']), fence));
      equal(await valueAt(a, 'k', ['t']), 'fresh');
    },
  },
  {
    title: 'does not store what has no time left',
    async run({ stores: [a] }) {
      for (const freshMs of [0, -1, Number.NaN]) {
        equal(await put(a, 'k', entryOf(1, [], { freshMs })), false);
        equal(await valueAt(a, 'k'), undefined);
      }
    },
  },
  {
    title: 'counts across processes, each increment once',
    async run({ stores: [a, b] }) {
      const both = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? a : b).increment('n', 60_000));
      const counts = (await Promise.all(both)).map(({ count }) => count);
      deepEqual(
        counts.toSorted((x, y) => x - y),
        Array.from({ length: 40 }, (_, index) => index + 1),
      );
      deepEqual(await a.increment('other', 60_000).then(({ count }) => count), 1);
    },
  },
  {
    title: 'starts a window with its first increment, and starts over after it',
    async run({ stores: [a, b], passTime }) {
      const first = await a.increment('n', 150);
      ok(first.resetMs > 0 && first.resetMs <= 150, `resetMs is ${first.resetMs}`);
      await passTime(20);
      const second = await b.increment('n', 60_000);
      ok(second.count === 2 && second.resetMs <= first.resetMs, `${second.count} after ${second.resetMs} ms`);
      await passTime(151);
      const third = await b.increment('n', 60_000);
      equal(third.count, 1);
      ok(third.resetMs > 50_000 && third.resetMs <= 60_000);
    },
  },
  {
    title: 'keeps counters apart from values: neither a deletion nor a clear resets them',
    async run({ stores: [a] }) {
      await a.increment('k', 60_000);
      ok(await put(a, 'k', entryOf('value')));
      await a.delete('k');
      await a.clear();
      equal((await a.increment('k', 60_000)).count, 2);
    },
  },
];
