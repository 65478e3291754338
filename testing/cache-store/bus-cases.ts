import { deepEqual, equal } from 'node:assert/strict';
import type { CacheStore, StoreMessage } from '../../cache/store.ts';
import { until, type ContractCase } from './contract-case.ts';

/** Processes hear of what others invalidate, and not of what they do themselves. */
export const busCases: readonly ContractCase[] = [
  {
    title: 'tells other processes of deletions, invalidations and clears, and none of its own',
    needs: 'bus',
    async run({ stores: [a, b] }) {
      const [heardByA, heardByB] = [await listen(a, b), await listen(b, a)];
      await a.delete('__proto__');
      await a.invalidateTags(['t', '\ud800 u']);
      await a.clear();
      await b.delete('last');
      await until(() => heardByA.length > 0 && heardByB.length > 3, 'the messages have arrived');
      deepEqual(heardByB, [
        { kind: 'key', key: '__proto__' },
        { kind: 'tag', tag: 't' },
        { kind: 'tag', tag: '\ud800 u' },
        { kind: 'everything' },
      ]);
      // What `a` did came before what `b` did: it would have been heard by now.
      deepEqual(heardByA, [{ kind: 'key', key: 'last' }]);
    },
  },
  {
    title: 'tells a listener nothing after it left, and goes on telling the others',
    needs: 'bus',
    async run({ stores: [a, b] }) {
      const heard: StoreMessage[] = [];
      const stop = b.subscribe((message) => void heard.push(message));
      const others = await listen(b, a);
      await a.delete('one');
      await until(() => others.length > 0 && heard.some(isKey('one')), 'both have heard');
      stop?.();
      await a.delete('two');
      await until(() => others.some(isKey('two')), 'the other has heard');
      equal(heard.some(isKey('two')), false);
    },
  },
];

function isKey(key: string): (message: StoreMessage) => boolean {
  return (message) => message.kind === 'key' && message.key === key;
}

/** Collects what is heard, from when the subscription has taken effect. */
async function listen(listener: CacheStore, sender: CacheStore): Promise<StoreMessage[]> {
  const heard: StoreMessage[] = [];
  listener.subscribe((message) => void heard.push(message));
  const isHeard = isKey('is anybody there?');
  await until(async () => {
    await sender.delete('is anybody there?');
    return heard.some(isHeard);
  }, 'the subscription has taken effect');
  // Further calls may still be under way; a last one ends them.
  await sender.delete('that was all');
  await until(() => heard.some(isKey('that was all')), 'the last call was heard');
  heard.length = 0;
  return heard;
}
