import { LRUCache } from 'lru-cache';
import { TTL_SECONDS, type Subject } from '../subject.ts';

/** The store that ours is built on, with its own time to live: what cannot be beaten. */
export async function bareLruCache(): Promise<Subject> {
  return {
    name: 'lru-cache, bare, with TTL',
    isSync: true,
    canSet: true,
    canCompute: false,
    hasTags: false,
    make(maxEntries) {
      const cache = new LRUCache<string, object>({ max: maxEntries, ttl: 1000 * TTL_SECONDS });
      return { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value) };
    },
  };
}
