import { load } from '../load.ts';
import { TTL_SECONDS, type Subject } from '../subject.ts';

interface Module {
  readonly Keyv: new (options: { store: unknown }) => unknown;
  readonly KeyvCacheableMemory: new (options: { lruSize: number }) => unknown;
  readonly Cacheable: new (options: object) => {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown, options: object): Promise<unknown>;
    getOrSet(key: string, compute: () => unknown, options: object): Promise<unknown>;
    readonly tags: { invalidateTag(tag: string): Promise<unknown> };
  };
}

const ttl = 1000 * TTL_SECONDS;

export async function cacheable(): Promise<Subject> {
  const { Cacheable, Keyv, KeyvCacheableMemory } = await load<Module>('cacheable');
  return {
    name: 'cacheable',
    isSync: false,
    canSet: true,
    canCompute: true,
    hasTags: true,
    make(maxEntries) {
      // What it keeps about tags are entries of the same store: one for each key and one for each tag.
      const primary = new Keyv({ store: new KeyvCacheableMemory({ lruSize: 3 * maxEntries }) });
      const cache = new Cacheable({ primary, ttl, tags: true });
      return {
        get: (key) => cache.get(key),
        set: (key, value, tags) => cache.set(key, value, tags === undefined ? { ttl } : { ttl, tags }),
        getOrCompute: (key, compute) => cache.getOrSet(key, compute, { ttl }),
        invalidateTag: (tag) => cache.tags.invalidateTag(tag),
      };
    },
  };
}
