import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { entryOf, fenceOf, put, valueAt, type ContractCase } from './contract-case.ts';

/** Names that have hurt caches: as keys, and as tags. No two of them are the same. */
const NAMES = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'a',
  'a:b',
  'a b',
  'a\nb',
  'a\0b',
  '{a}',
  'a}b{c',
  '*',
  '"a"',
  '\\',
  '=a',
  '#a',
  // Two forms of one letter, and two halves of a pair: what looks alike, or has no form in UTF-8, is not the same.
  '\u00e9',
  'e\u0301',
  '\ud800',
  '\ud801',
  '\udc00',
  '😀',
  'x'.repeat(10_000),
  'x'.repeat(9_999) + 'y',
];

const VALUES = [null, false, 0, '', 'é\u2028😀\ud800', [], {}, [null, [1]], { a: { b: ['c'] }, '': 1 }, -1.5e300];

/** What is written is read, by every process, and nothing else is. */
export const valueCases: readonly ContractCase[] = [
  {
    title: 'reads nothing where nothing was written',
    async run({ stores: [a] }) {
      equal((await a.read('k', ['t'])).entry, undefined);
    },
  },
  {
    title: 'gives another process what was written, with its tags and times',
    async run({ stores: [a, b] }) {
      const entry = entryOf({ n: 1 }, ['t', 'u'], { freshMs: 5000, staleMs: 4000, computeMs: 12 });
      ok(((await a.write('k', entry, await fenceOf(a, 'k', ['t', 'u']))) ?? 0) > 0, 'write() resolves to bytes');
      const read = (await b.read('k', ['u', 't'])).entry;
      deepEqual({ ...read, freshMs: 0, tags: read?.tags.toSorted() }, { ...entry, freshMs: 0 });
      ok(read !== undefined && read.freshMs > 0 && read.freshMs <= 5000, `freshMs is ${read?.freshMs}`);
    },
  },
  {
    title: 'keeps every kind of plain value, null included',
    async run({ stores: [a, b] }) {
      for (const [index, value] of VALUES.entries()) {
        ok(await put(a, `k${index}`, entryOf(value)));
        deepEqual((await b.read(`k${index}`, [])).entry?.value, value);
      }
    },
  },
  {
    title: 'does not store undefined',
    async run({ stores: [a] }) {
      equal(await put(a, 'k', entryOf(undefined)), false);
      equal((await a.read('k', [])).entry, undefined);
    },
  },
  {
    title: 'hands out a copy that nobody else changes',
    async run({ stores: [a] }) {
      const value = { list: [1] };
      await put(a, 'k', entryOf(value));
      value.list.push(2);
      const read = (await valueAt(a, 'k')) as typeof value;
      deepEqual(read, { list: [1] });
      read.list.push(3);
      deepEqual(await valueAt(a, 'k'), { list: [1] });
    },
  },
  {
    title: 'tells strange keys apart',
    async run({ stores: [a, b] }) {
      for (const [index, key] of NAMES.entries()) ok(await put(a, key, entryOf(index)));
      for (const [index, key] of NAMES.entries()) equal(await valueAt(b, key), index, JSON.stringify(key.slice(0, 20)));
      await b.delete(NAMES[0] ?? '');
      equal(await valueAt(a, NAMES[0] ?? ''), undefined);
      for (const [index, key] of NAMES.entries()) if (index > 0) equal(await valueAt(a, key), index);
    },
  },
  {
    title: 'tells strange tags apart',
    async run({ stores: [a, b] }) {
      for (const [index, tag] of NAMES.entries()) ok(await put(a, `k${index}`, entryOf(index, [tag])));
      for (const [index, tag] of NAMES.entries()) {
        equal(await valueAt(b, `k${index}`, [tag]), index);
        await b.invalidateTags([tag]);
        for (const [other, otherTag] of NAMES.entries()) {
          equal(await valueAt(a, `k${other}`, [otherTag]), other > index ? other : undefined, JSON.stringify(tag));
        }
      }
    },
  },
  {
    title: 'poisons no object by a value with a property __proto__',
    async run({ stores: [a] }) {
      const value: unknown = JSON.parse(
        '{ "__proto__": { "isAdmin": true }, "constructor": { "prototype": { "b": 1 } } }',
      );
      await put(a, 'k', entryOf(value));
      const read = Object.assign({}, await valueAt(a, 'k')) as Readonly<Record<string, unknown>>;
      equal(read['isAdmin'], undefined);
      equal(({} as Readonly<Record<string, unknown>>)['isAdmin'], undefined);
    },
  },
  {
    title: 'refuses what is too large, and serves what is not',
    needs: 'maxItemBytes',
    async run({ stores: [a] }, maxItemBytes) {
      equal(await put(a, 'large', entryOf('é'.repeat(maxItemBytes / 2))), false);
      equal(await valueAt(a, 'large'), undefined);
      const fits = 'é'.repeat(maxItemBytes / 2 - 200);
      ok(await put(a, 'fits', entryOf(fits)));
      equal(await valueAt(a, 'fits'), fits);
    },
  },
  {
    title: 'gives every read a fence of its own key',
    async run({ stores: [a] }) {
      const fence = await fenceOf(a, 'k');
      notEqual(fence, undefined);
      equal(await a.write('other', entryOf(1), fence), undefined);
      equal(await valueAt(a, 'other'), undefined);
    },
  },
];
