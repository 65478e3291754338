import { CacheManager } from '../../../cache/cache-manager.ts';
import { TTL_SECONDS, type Subject } from '../subject.ts';

const UNTAGGED = { ttl: TTL_SECONDS };

/** Loads nothing that an application does not load; no request is followed here. */
export async function slowpath(): Promise<Subject> {
  return {
    name: 'slowpath',
    isSync: true,
    canSet: true,
    canCompute: true,
    hasTags: true,
    make(maxEntries) {
      const cache = new CacheManager({ maxEntries, name: 'bench' });
      return {
        get: (key) => cache.get(key),
        set: (key, value, tags) => cache.set(key, value, tags === undefined ? UNTAGGED : { ttl: TTL_SECONDS, tags }),
        getOrCompute: (key, compute) => cache.getOrCompute(key, compute, UNTAGGED),
        invalidateTag: (tag) => cache.invalidateTag(tag),
      };
    },
  };
}
