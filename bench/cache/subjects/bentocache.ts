import { load } from '../load.ts';
import { TTL_SECONDS, type Subject } from '../subject.ts';

interface Module {
  readonly bentostore: () => { useL1Layer(driver: unknown): unknown };
  readonly BentoCache: new (options: object) => {
    get(options: { key: string }): Promise<unknown>;
    set(options: object): Promise<unknown>;
    getOrSet(options: object): Promise<unknown>;
    deleteByTag(options: { tags: readonly string[] }): Promise<unknown>;
  };
}

interface Drivers {
  readonly memoryDriver: (options: object) => unknown;
}

const ttl = `${TTL_SECONDS}s`;

/** `serialize: false` keeps values as they are, as we do; the library's default keeps them as JSON and parses it at each hit. */
export function bentocache(serialize: boolean): () => Promise<Subject> {
  return async () => {
    const { BentoCache, bentostore } = await load<Module>('bentocache');
    const { memoryDriver } = await load<Drivers>('bentocache/drivers/memory');
    return {
      name: serialize ? 'bentocache, default (JSON)' : 'bentocache, serialize: false',
      isSync: false,
      canSet: true,
      canCompute: true,
      hasTags: true,
      make(maxEntries) {
        const store = bentostore().useL1Layer(memoryDriver({ maxItems: maxEntries, serialize }));
        const cache = new BentoCache({ default: 'memory', stores: { memory: store } });
        return {
          get: (key) => cache.get({ key }),
          set: (key, value, tags) => cache.set(tags === undefined ? { key, value, ttl } : { key, value, ttl, tags }),
          getOrCompute: (key, factory) => cache.getOrSet({ key, ttl, factory }),
          invalidateTag: (tag) => cache.deleteByTag({ tags: [tag] }),
        };
      },
    };
  };
}
