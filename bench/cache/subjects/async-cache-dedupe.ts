import { load } from '../load.ts';
import { TTL_SECONDS, type Subject } from '../subject.ts';

interface Module {
  readonly createCache: (options: object) => {
    define(name: string, options: object, compute: (key: string) => unknown): void;
    get(name: string, key: string): Promise<unknown>;
    set(name: string, key: string, value: unknown, ttl: number, references?: readonly string[]): Promise<unknown>;
    invalidateAll(reference: string): Promise<unknown>;
    /** By `define`. */
    value(key: string): Promise<unknown>;
  };
}

const NAME = 'value';

/** `define`d functions are its API; `get` and `set` reach the same storage. Its "references" are tags. */
export async function asyncCacheDedupe(): Promise<Subject> {
  const { createCache } = await load<Module>('async-cache-dedupe');
  return {
    name: 'async-cache-dedupe',
    isSync: false,
    canSet: true,
    canCompute: true,
    hasTags: true,
    make(maxEntries) {
      const options = { size: maxEntries, invalidation: true };
      const cache = createCache({ ttl: TTL_SECONDS, storage: { type: 'memory', options } });
      let compute: () => object = () => ({});
      cache.define(NAME, {}, () => compute());
      return {
        get: (key) => cache.get(NAME, key),
        set: (key, value, tags) => cache.set(NAME, key, value, TTL_SECONDS, tags),
        getOrCompute(key, computeThis) {
          compute = computeThis;
          return cache.value(key);
        },
        invalidateTag: (tag) => cache.invalidateAll(tag),
      };
    },
  };
}
