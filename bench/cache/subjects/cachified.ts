import { LRUCache } from 'lru-cache';
import { load } from '../load.ts';
import { TTL_SECONDS, type Subject } from '../subject.ts';

interface Module {
  readonly cachified: (options: object) => Promise<unknown>;
}

const ttl = 1000 * TTL_SECONDS;

/** It has one function, and brings no store: lru-cache, as its documentation shows. No tags. */
export async function cachified(): Promise<Subject> {
  const { cachified: getOrCompute } = await load<Module>('@epic-web/cachified');
  return {
    name: '@epic-web/cachified',
    isSync: false,
    canSet: false,
    canCompute: true,
    hasTags: false,
    make(maxEntries) {
      const cache = new LRUCache<string, object>({ max: maxEntries });
      return { getOrCompute: (key, getFreshValue) => getOrCompute({ key, cache, ttl, getFreshValue }) };
    },
  };
}
