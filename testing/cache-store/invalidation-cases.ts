import { equal, ok } from 'node:assert/strict';
import { entryOf, fenceOf, put, valueAt, type ContractCase } from './contract-case.ts';

/** A value that was invalidated before a read began is not read. */
export const invalidationCases: readonly ContractCase[] = [
  {
    title: 'reads no value after its key was deleted by either process',
    async run({ stores: [a, b] }) {
      for (const [writer, other] of [[a, b] as const, [b, a] as const, [a, a] as const]) {
        ok(await put(writer, 'k', entryOf(1)));
        ok(await put(writer, 'kept', entryOf(2)));
        await other.delete('k');
        equal(await valueAt(a, 'k'), undefined);
        equal(await valueAt(b, 'k'), undefined);
        equal(await valueAt(b, 'kept'), 2);
      }
    },
  },
  {
    title: 'reads no value after one of its tags was invalidated by either process',
    async run({ stores: [a, b] }) {
      for (const [writer, other] of [[a, b] as const, [b, a] as const]) {
        ok(await put(writer, 'k', entryOf(1, ['t', 'u'])));
        ok(await put(writer, 'kept', entryOf(2, ['v'])));
        await other.invalidateTags(['x', 'u']);
        equal(await valueAt(a, 'k', ['t', 'u']), undefined);
        equal(await valueAt(b, 'k', ['t', 'u']), undefined);
        equal(await valueAt(a, 'kept', ['v']), 2);
      }
    },
  },
  {
    title: 'reads no value after everything was cleared',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf(1)));
      ok(await put(a, 'l', entryOf(1, ['t'])));
      await b.clear();
      equal(await valueAt(a, 'k'), undefined);
      equal(await valueAt(a, 'l', ['t']), undefined);
      ok(await put(a, 'k', entryOf(2)));
      equal(await valueAt(b, 'k'), 2);
    },
  },
  {
    title: 'keeps what is written after an invalidation, at once',
    async run({ stores: [a, b] }) {
      for (let round = 0; round < 50; round++) {
        await a.invalidateTags(['t']);
        await a.delete('k');
        ok(await put(b, 'k', entryOf(round, ['t'])));
        equal(await valueAt(a, 'k', ['t']), round);
      }
    },
  },
  {
    title: 'minds tags that the reader does not name',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf(1, ['t', 'u'])));
      equal(await valueAt(b, 'k', []), 1);
      equal(await valueAt(b, 'k', ['t']), 1);
      await a.invalidateTags(['u']);
      equal(await valueAt(b, 'k', ['t']), undefined);
      equal(await valueAt(b, 'k', []), undefined);
    },
  },
  {
    title: 'reads no value that lacks a tag of its reader: an invalidation of that tag would miss it',
    async run({ stores: [a, b] }) {
      ok(await put(a, 'k', entryOf(1, ['t'])));
      equal(await valueAt(b, 'k', ['t', 'new']), undefined);
      equal(await valueAt(b, 'k', ['t']), 1);
    },
  },
  {
    title: 'takes tags that are named twice, many tags, and none',
    async run({ stores: [a, b] }) {
      const many = Array.from({ length: 600 }, (_, index) => `t${index}`);
      ok(await put(a, 'k', entryOf(1, ['t', 't'])));
      equal(await valueAt(b, 'k', ['t', 't']), 1);
      ok(await put(a, 'many', entryOf(2, many)));
      await b.invalidateTags([]);
      equal(await valueAt(b, 'k', ['t']), 1);
      await b.invalidateTags(['t', 't']);
      equal(await valueAt(a, 'k', ['t']), undefined);
      equal(await valueAt(a, 'many', many), 2);
      await b.invalidateTags(many);
      equal(await valueAt(a, 'many', many), undefined);
    },
  },
  {
    title: 'revives nothing when the record of a tag is lost',
    needs: 'faults',
    async run({ stores: [a, b], faults }) {
      ok(await put(a, 'k', entryOf('old', ['t'])));
      await faults?.loseTag('t');
      equal(await valueAt(b, 'k', ['t']), undefined);
      const fence = await fenceOf(a, 'l', ['t']);
      await a.invalidateTags(['t']);
      await faults?.loseTag('t');
      equal(await a.write('l', entryOf('old', ['t']), fence), undefined);
      equal(await valueAt(b, 'k', ['t']), undefined);
      ok(await put(b, 'k', entryOf('new', ['t'])));
      equal(await valueAt(a, 'k', ['t']), 'new');
    },
  },
  {
    title: 'revives nothing when the record of a tag is lost during a computation',
    needs: 'faults',
    async run({ stores: [a, b], faults }) {
      const fence = await fenceOf(a, 'k', ['t']);
      await faults?.loseTag('t');
      await b.read('k', ['t']);
      equal(await a.write('k', entryOf('old', ['t']), fence), undefined);
      equal(await valueAt(b, 'k', ['t']), undefined);
    },
  },
  {
    title: 'revives nothing when all data is lost, and goes on',
    needs: 'faults',
    async run({ stores: [a, b], faults }) {
      ok(await put(a, 'k', entryOf('old', ['t'])));
      const fences = [await fenceOf(a, 'k', ['t']), await fenceOf(a, 'l', ['t'])] as const;
      await faults?.loseEverything();
      equal(await a.write('k', entryOf('old', ['t']), fences[0]), undefined);
      equal(await a.write('l', entryOf('old'), fences[1]), undefined);
      equal(await valueAt(b, 'k', ['t']), undefined);
      ok(await put(b, 'k', entryOf('new', ['t'])));
      equal(await valueAt(a, 'k', ['t']), 'new');
    },
  },
];
